"""Which jobs GitHub runs for an event, and which of them wait for each other."""

from typing import Any

import pytest

from tests.harness.github_jobs import evaluate, jobs_that_run, workflow

HERE = "octo-org/tasks"
DEPENDABOT = "dependabot[bot]"
NOT_SET_UP: dict[str, str] = {}


def jobs(name: str) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow, by their ids."""
    content = workflow(name)
    # A group of the whole workflow is held while any of its jobs waits.
    assert "concurrency" not in content
    return dict(content["jobs"])


def event(name: str, variables: dict[str, str] | None = None) -> dict[str, Any]:
    """The contexts of an event that is no pull request's."""
    region = {"AWS_REGION": "eu-central-1"} if variables is None else variables
    return {"github": {"event_name": name, "repository": HERE, "event": {}}, "vars": region}


def pull_request(
    action: str,
    *labels: str,
    label: str | None = None,
    state: str = "open",
    login: str = "octocat",
    repository: str = HERE,
    variables: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The contexts of what happened to a pull request; `label` is the one that was added or removed."""
    contexts = event("pull_request", variables)
    request = {
        "number": 12,
        "state": state,
        "user": {"login": login},
        "labels": [{"name": one} for one in labels],
        "head": {"repo": {"full_name": repository}},
    }
    contexts["github"]["event"] = {"action": action, "pull_request": request}
    if label:
        contexts["github"]["event"]["label"] = {"name": label}
    return contexts


class TestDeploy:
    def test_a_job_that_waits_for_reviewers_holds_up_no_other_job(self) -> None:
        groups = [job["concurrency"]["group"] for job in jobs("deploy").values()]
        assert sorted(groups) == ["deploy-dev", "deploy-prod", "plan-${{ github.ref }}"]

    @pytest.mark.parametrize("job", ["dev", "prod"])
    def test_a_deployment_is_never_cancelled(self, job: str) -> None:
        """It would leave the lock of the state."""
        assert jobs("deploy")[job]["concurrency"]["cancel-in-progress"] is False

    def test_a_pull_request_is_planned_and_main_deployed(self) -> None:
        assert jobs_that_run("deploy", pull_request("synchronize")) == {"plan"}
        assert jobs_that_run("deploy", event("push")) == {"dev", "prod"}

    @pytest.mark.parametrize("given", [{"login": DEPENDABOT}, {"repository": "octocat/tasks"}], ids=str)
    def test_a_pull_request_without_credentials_is_not_planned(self, given: dict[str, str]) -> None:
        assert jobs_that_run("deploy", pull_request("opened", **given)) == set()  # type: ignore[arg-type]


class TestPreview:
    @pytest.mark.parametrize(
        ("happened", "job"),
        [
            (pull_request("labeled", "preview", label="preview"), "deploy"),
            (pull_request("synchronize", "preview"), "deploy"),
            (pull_request("reopened", "preview"), "deploy"),
            (pull_request("unlabeled", label="preview"), "destroy"),
            (pull_request("closed", "preview", state="closed"), "destroy"),
            (event("schedule"), "sweep"),
            (event("workflow_dispatch"), "sweep"),
        ],
    )
    def test_it_follows_the_label_and_the_pull_request(self, happened: dict[str, Any], job: str) -> None:
        assert jobs_that_run("preview", happened) == {job}

    @pytest.mark.parametrize(
        "happened",
        [
            pull_request("labeled", "preview", "bug", label="bug"),
            pull_request("unlabeled", "preview", label="bug"),
            pull_request("labeled", "preview", label="preview", state="closed"),
            pull_request("labeled", "bug", label="bug"),
            pull_request("synchronize", "bug"),
            pull_request("reopened"),
            pull_request("closed", "bug", state="closed"),
        ],
    )
    def test_nothing_else_deploys_or_destroys_it(self, happened: dict[str, Any]) -> None:
        assert jobs_that_run("preview", happened) == set()

    def test_a_preview_is_deployed_and_destroyed_one_after_the_other(self) -> None:
        """A skipped job joins no group, so an event that runs neither job cancels no `destroy` that waits."""
        found = jobs("preview")
        groups = {name: job["concurrency"]["group"] for name, job in found.items()}

        assert groups["deploy"] == groups["destroy"] == "preview-${{ github.event.pull_request.number }}"
        assert not any(job["concurrency"]["cancel-in-progress"] for job in found.values())


def test_nothing_runs_on_aws_before_it_is_set_up() -> None:
    labelled = pull_request("labeled", "preview", label="preview", variables=NOT_SET_UP)
    closed = pull_request("closed", "preview", state="closed", variables=NOT_SET_UP)

    assert jobs_that_run("deploy", labelled) == set()
    assert jobs_that_run("deploy", event("push", NOT_SET_UP)) == set()
    for happened in (labelled, closed, event("schedule", NOT_SET_UP)):
        assert jobs_that_run("preview", happened) == set()


@pytest.mark.parametrize(
    ("action", "state"), [("labeled", "open"), ("synchronize", "open"), ("closed", "closed")]
)
@pytest.mark.parametrize("given", [{"login": DEPENDABOT}, {"repository": "octocat/tasks"}], ids=str)
def test_a_pull_request_without_credentials_has_no_preview(
    action: str, state: str, given: dict[str, str]
) -> None:
    contexts = pull_request(action, "preview", label="preview", state=state, **given)  # type: ignore[arg-type]
    assert jobs_that_run("preview", contexts) == set()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b == 'X y'", True),
        ("a.b != 'x Y'", False),
        ("a.missing == ''", True),
        ("missing.missing != ''", False),
        ("contains(a.c.*.name, 'two') && !(a.b == 'no')", True),
        ("contains(a.missing.*.name, 'two')", False),
        ("a.b == 'no' && a.b == 'no' || a.b == 'x y'", True),
        ("a.b == 'x y' || a.b == 'x y' && a.b == 'no'", True),
    ],
)
def test_expressions_hold_as_on_github(expression: str, expected: bool) -> None:
    contexts = {"a": {"b": "x y", "c": [{"name": "one"}, {"name": "two"}]}}
    assert evaluate(expression, contexts) is expected
