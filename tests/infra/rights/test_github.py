"""Which GitHub jobs may assume CI's roles, by the `sub` of their token, in both of its forms.

https://docs.github.com/en/actions/reference/security/oidc
"""

import re

import pytest

from scripts.base.paths import ROOT
from scripts.terraform.identity import ACCOUNT_ID
from tests.infra.rights.deployers import filled
from tests.infra.rights.evaluation import Engine, Request

ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER}"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/github-task-manager"

# Repositories created or renamed since July 2026, and those from before.
NEW, OLD = "repo:octo-org@123456/task-manager@456789", "repo:octo-org/task-manager"
ENVIRONMENTS = ("dev", "prod", "preview")


@pytest.fixture(scope="module")
def trusting(engine: Engine) -> Engine:
    """The engine with the trust of each role."""
    trusts = {name: filled("trust-deploy", name) for name in ENVIRONMENTS}
    return engine.with_policies({**trusts, "plan": filled("trust-plan")})


def assumes(
    trust: str, subject: str, *, audience: str = "sts.amazonaws.com", provider: str = PROVIDER
) -> Request:
    claims = {f"{ISSUER}:aud": audience, f"{ISSUER}:sub": subject}
    return Request(
        provider, "sts:AssumeRoleWithWebIdentity", ROLE, claims, resource_policy=trust, any_context=True
    )


@pytest.mark.parametrize("repository", [NEW, OLD], ids=["with ids", "without ids"])
def test_each_environment_may_assume_only_its_own_role(trusting: Engine, repository: str) -> None:
    pairs = [(trust, job) for trust in ENVIRONMENTS for job in ENVIRONMENTS]
    asked = [assumes(trust, f"{repository}:environment:{job}") for trust, job in pairs]

    allowed = {pair for pair, may in zip(pairs, trusting.allowed(asked), strict=True) if may}

    assert allowed == {(name, name) for name in ENVIRONMENTS}


@pytest.mark.parametrize("repository", [NEW, OLD], ids=["with ids", "without ids"])
def test_pull_requests_may_assume_only_the_plan_role(trusting: Engine, repository: str) -> None:
    asked = [assumes(trust, f"{repository}:pull_request") for trust in ("plan", *ENVIRONMENTS)]
    assert trusting.allowed(asked) == [True, False, False, False]


@pytest.mark.parametrize(
    "subject",
    [
        "repo:octo-org@123456/task-manager@456789:ref:refs/heads/main",
        "repo:octo-org@123456/task-manager@999999:{job}",  # another repository of the same name
        "repo:octo-org@999999/task-manager@456789:{job}",
        "repo:fork@777777/task-manager@888888:{job}",
        "repo:fork/task-manager:{job}",
        "repo:octo-org/task-manager-else:{job}",
        "repo:octo-org/task-manager:{job}-else",
        "repo:octo-org@123456/task-manager@456789:environment:staging",
        "repo:octo-org@123456/task-manager@456789:*",
        "",
    ],
)
def test_no_other_job_may_assume_a_role(trusting: Engine, subject: str) -> None:
    jobs = {"plan": "pull_request", **{name: f"environment:{name}" for name in ENVIRONMENTS}}
    asked = [assumes(trust, subject.format(job=job)) for trust, job in jobs.items()]
    assert not any(trusting.allowed(asked))


def test_tokens_of_another_audience_or_issuer_are_refused(trusting: Engine) -> None:
    subject = f"{NEW}:environment:prod"
    other_issuer = PROVIDER.replace("token.actions.githubusercontent.com", "gitlab.com")
    asked = [
        assumes("prod", subject, audience="https://github.com/octo-org"),
        assumes("prod", subject, provider=other_issuer),
    ]

    assert trusting.allowed(asked) == [False, False]


def test_workflows_use_exactly_the_environments_that_have_roles() -> None:
    """A job's environment is what its token's `sub` names; jobs without one are pull requests'."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / ".github/workflows").glob("*.yml"))
    named = re.findall(r"^    environment: (?:\{name: )?(\w+)", text, re.MULTILINE)
    roles = set(re.findall(r"role-to-assume: \$\{\{ secrets\.(\w+) \}\}", text))
    documented = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")

    assert set(named) == set(ENVIRONMENTS)
    assert roles == {"AWS_PLAN_ROLE_ARN", "AWS_DEPLOY_ROLE_ARN"}
    assert all(f"`{role}`" in documented for role in roles)
