"""CI's roles may make the calls of a plan, an apply and a destroy, and no others."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from scripts.documents.rights.actions import actions
from scripts.documents.rights.calls import BACKEND, BUCKET, PROVIDER, SCRIPTS, Call, known
from scripts.documents.rights.policies import LARGEST, OPTIONAL, as_text, documents
from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Plan
from tests.infra.rights.deployers import BOUNDED, ROLES, TAP, Context, filled, size, tags, targets
from tests.infra.rights.evaluation import Engine, Request
from tests.infra.rights.planned import KEY, RESOURCE, Planned

PLAN = ("plan", "plan-options")
DEPLOY = ("deploy-data", "deploy-code", "deploy-events", "deploy-options")
PRINCIPAL = f"arn:aws:iam::{ACCOUNT_ID}:role/github-task-manager"
CALLS = [call for call in known() if call.caller not in (PROVIDER, "aws_caller_identity")]
HERE, IAM = f"us-east-1:{ACCOUNT_ID}", f"arn:aws:iam::{ACCOUNT_ID}"
STATE = f"arn:aws:s3:::task-manager-terraform-state-{ACCOUNT_ID}-us-east-1"

# What a plan writes: the lock of the state.
LOCKS = {"s3:PutObject", "s3:DeleteObject"}


@pytest.fixture(scope="module")
def roles(engine: Engine) -> Engine:
    """The engine with the policies of both roles, filled in for production."""
    return engine.with_policies({name: filled(name) for name in (*PLAN, *DEPLOY, "state-bucket")})


@pytest.fixture(scope="module")
def flavours(planned: Planned, flavour: Callable[[str], Plan]) -> tuple[Planned, ...]:
    """Production by default, with every option in front of a REST API, and with every other one."""
    return planned, Planned(flavour("rest-waf-domain")), Planned(flavour("options"))


def requests(
    flavours: Iterable[Planned], calls: Iterable[Call], policies: tuple[str, ...]
) -> Iterator[tuple[str, Request]]:
    """Every call on every resource that it applies to, once each, with a label."""
    seen = set()
    for planned in flavours:
        for call in calls:
            for action in actions(call):
                for arn, context in targets(planned, call, action):
                    key = (call.caller, action, arn)
                    if key not in seen:
                        seen.add(key)
                        yield f"{call.caller}: {action} on {arn}", _request(action, arn, context, policies)


def _request(action: str, arn: str, context: Context, policies: tuple[str, ...]) -> Request:
    # The key's policy lets IAM policies decide for the account; other resource policies only require TLS.
    guard = f"{RESOURCE}{KEY}" if arn == KEY else None
    return Request(
        PRINCIPAL,
        action,
        arn,
        context,
        policies,
        guard,
        # AWS's reference lists only REST APIs; HTTP APIs have the same actions on other paths. Its form of
        # recovery points does not fit backups of tables.
        any_context=action.startswith("apigateway:") or "/backup/" in arn,
    )


def refused(engine: Engine, asked: Iterable[tuple[str, Request]]) -> list[str]:
    """Of these calls, the ones that are denied."""
    told, wanted = zip(*asked, strict=True)
    return [name for name, allowed in zip(told, engine.allowed(wanted), strict=True) if not allowed]


def test_every_call_has_a_resource_in_a_plan(flavours: tuple[Planned, ...]) -> None:
    # Otherwise its right would not be evaluated.
    untried = {
        f"{call.caller}: {action}"
        for call in CALLS
        for action in actions(call)
        if not any(list(targets(planned, call, action)) for planned in flavours)
    }
    assert untried == set()


def test_the_plan_role_may_do_all_that_a_plan_does(roles: Engine, flavours: tuple[Planned, ...]) -> None:
    in_plans = [call for call in CALLS if call.in_plan]
    assert refused(roles, requests(flavours, in_plans, PLAN)) == []


def test_the_plan_role_may_change_nothing_but_the_states_lock(
    roles: Engine, flavours: tuple[Planned, ...]
) -> None:
    allowed_in_plans = {action for call in CALLS if call.in_plan for action in actions(call)}
    applied = [call for call in CALLS if not call.in_plan and call.caller != BACKEND]
    writes = [
        (name, request)
        for name, request in requests(flavours, applied, PLAN)
        if request.action not in allowed_in_plans or request.action in LOCKS
    ]
    state = f"{STATE}/prod/task-manager.tfstate"
    on_state = [Request(PRINCIPAL, action, state, identity=PLAN) for action in sorted(LOCKS)]

    assert len(writes) > 500
    assert set(refused(roles, writes)) == {name for name, _ in writes}
    assert roles.allowed(on_state) == [False, False]


def test_the_deploy_role_may_do_all_that_a_deployment_does(
    roles: Engine, flavours: tuple[Planned, ...]
) -> None:
    calls = [call for call in CALLS if call.caller != BUCKET]
    assert refused(roles, requests(flavours, calls, DEPLOY)) == []


def test_the_deploy_role_needs_its_options_policy_for_options_only(roles: Engine, planned: Planned) -> None:
    calls = [call for call in CALLS if call.caller not in (*OPTIONAL, BUCKET)]
    assert refused(roles, requests([planned], calls, DEPLOY[:-1])) == []


def test_only_the_state_bucket_policy_allows_creating_the_state_bucket(
    roles: Engine, planned: Planned
) -> None:
    calls = [call for call in CALLS if call.caller == BUCKET]
    made = {"s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration"}
    asked = [one for one in requests([planned], calls, DEPLOY) if one[1].action in made]

    assert refused(roles, requests([planned], calls, ("state-bucket",))) == []
    assert len(refused(roles, asked)) == len(made)


def test_a_deploy_role_may_check_whether_the_state_bucket_is_complete(roles: Engine) -> None:
    asked = [
        Request(PRINCIPAL, action, STATE, {}, DEPLOY) for action in ("s3:ListBucket", "s3:GetBucketPolicy")
    ]
    assert all(roles.allowed(asked))


def test_the_policy_files_are_up_to_date() -> None:
    wanted = {f"{name}.json": as_text(document) for name, document in documents(known()).items()}
    found = {file.name: file.read_text(encoding="utf-8") for file in ROLES.iterdir()}
    assert found == wanted, "run `python -m scripts roles`"


@pytest.mark.parametrize("name", [*PLAN, *DEPLOY, "state-bucket", "boundary"])
def test_a_policy_is_within_iams_limit_with_the_longest_names(name: str) -> None:
    longest = filled(name, environment="e" * 12, region="ap-southeast-2", zone="Z" * 32)
    assert size(longest) <= LARGEST


def test_every_planned_resource_type_has_known_calls(flavours: tuple[Planned, ...]) -> None:
    types = {resource.type for planned in flavours for resource in planned.plan.resources}
    callers = {call.caller for call in known()}

    assert types - callers == {"terraform_data"}
    assert callers - types == {BACKEND, BUCKET, PROVIDER, SCRIPTS, "aws_caller_identity"}


WILD = [
    ("iam:CreateUser", f"{IAM}:user/somebody", {}),
    ("iam:CreateAccessKey", f"{IAM}:user/somebody", {}),
    ("iam:CreateRole", f"{IAM}:role/other", BOUNDED),
    ("iam:CreateRole", f"{IAM}:role/task-manager-prod-more", {}),
    ("iam:CreateRole", f"{IAM}:role/task-manager-prod-more",
     {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    ("iam:PutRolePolicy", f"{IAM}:role/task-manager-prod-relay", {}),
    ("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/task-manager-prod-relay", BOUNDED),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/github-task-manager-prod-boundary", {}),
    ("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/ops.apigateway.amazonaws.com/other",
     {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}),
    ("iam:PutRolePolicy", f"{IAM}:role/other", {}),
    ("iam:PutRolePolicy", PRINCIPAL, {}),
    ("iam:UpdateAssumeRolePolicy", PRINCIPAL, {}),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/github-task-manager-deploy-code", {}),
    ("iam:PassRole", f"{IAM}:role/other", {"iam:PassedToService": "lambda.amazonaws.com"}),
    ("iam:PassRole", f"{IAM}:role/task-manager-prod-relay", {"iam:PassedToService": "ec2.amazonaws.com"}),
    ("iam:AttachRolePolicy", f"{IAM}:role/task-manager-prod-relay",
     {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"} | BOUNDED),
    ("sts:AssumeRole", f"{IAM}:role/other", {}),
    ("organizations:LeaveOrganization", "*", {}),
    ("ec2:RunInstances", f"arn:aws:ec2:{HERE}:instance/*", {}),
    ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{HERE}:trail/all", {}),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:other", {}),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:task-manager-dev-relay", {}),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:task-manager-prod-relay", {}),
    ("lambda:DeleteEventSourceMapping",
     f"arn:aws:lambda:{HERE}:event-source-mapping:11111111-2222-4333-8444-555555555555",
     {"lambda:FunctionArn": f"arn:aws:lambda:{HERE}:function:other"}),
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HERE}:table/other", {}),
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HERE}:table/task-manager-dev-tasks", {}),
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT_ID}:table/task-manager-prod-tasks", {}),
    ("dynamodb:Scan", f"arn:aws:dynamodb:{HERE}:table/task-manager-prod-tasks", {}),
    ("backup:DeleteRecoveryPoint", f"arn:aws:dynamodb:{HERE}:table/task-manager-dev-tasks/backup/01", {}),
    ("backup:DeleteRecoveryPoint", f"arn:aws:backup:{HERE}:recovery-point:01",
     tags("ResourceTag", environment="dev")),
    ("sqs:DeleteQueue", f"arn:aws:sqs:{HERE}:other", {}),
    ("sqs:ReceiveMessage", f"arn:aws:sqs:{HERE}:task-manager-prod-created", {}),
    ("sqs:ReceiveMessage", f"arn:aws:sqs:{HERE}:{TAP}", {}),
    ("events:DeleteRule", f"arn:aws:events:{HERE}:rule/task-manager-dev-events/{TAP}", {}),
    ("sns:Publish", f"arn:aws:sns:{HERE}:task-manager-prod-notifications", {}),
    ("s3:GetObject", "arn:aws:s3:::other/one", {}),
    ("s3:GetObject", f"{STATE}/dev/task-manager.tfstate", {}),
    ("s3:PutObject", f"{STATE}/dev/task-manager.tfstate", {}),
    ("s3:PutBucketPolicy", STATE, {}),
    ("s3:DeleteBucket", STATE, {}),
    ("cognito-idp:DeleteUserPool", f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_OTHER0000",
     tags("ResourceTag", project="other")),
    ("cognito-idp:AdminCreateUser", f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_EXAMPLE00",
     tags("ResourceTag")),
    *(("kms:" + action, KEY, tags("ResourceTag", environment="dev"))
      for action in ("ScheduleKeyDeletion", "PutKeyPolicy", "Decrypt")),
    ("kms:ScheduleKeyDeletion", KEY, {}),
    ("kms:CreateKey", "*", {}),
    ("kms:CreateGrant", KEY, tags("ResourceTag") | {"kms:GrantIsForAWSResource": "false"}),
]  # fmt: skip


@pytest.mark.parametrize("policies", [PLAN, DEPLOY], ids=["plan", "deploy"])
def test_neither_role_may_make_a_dangerous_call(roles: Engine, policies: tuple[str, ...]) -> None:
    asked = [
        (f"{action} on {arn}", _request(action, arn, context, policies)) for action, arn, context in WILD
    ]
    assert set(refused(roles, asked)) == {name for name, _ in asked}


@pytest.mark.parametrize("policies", [PLAN, DEPLOY], ids=["plan", "deploy"])
def test_only_actions_without_resources_are_allowed_on_any_resource(policies: tuple[str, ...]) -> None:
    conditional = {"cognito-idp:CreateUserPool", "kms:CreateKey", "lambda:CreateEventSourceMapping"}

    for name in policies:
        for statement in filled(name)["Statement"]:
            if "*" in statement["Resource"]:
                assert "Condition" in statement or not conditional & set(statement["Action"])
                assert not any("*" in action for action in statement["Action"])
