"""The role of previews may find out which of them are deployed, and destroy those."""

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.infra.rights.deployers import filled
from tests.infra.rights.evaluation import Engine, Request

PRINCIPAL = f"arn:aws:iam::{ACCOUNT_ID}:role/github-task-manager-preview"
STATES = f"arn:aws:s3:::task-manager-terraform-state-{ACCOUNT_ID}-us-east-1"


@pytest.fixture(scope="module")
def previews(engine: Engine) -> Engine:
    """The engine with the policy that lets previews use their states."""
    return engine.with_policies({"deploy-data": filled("deploy-data", "pr-*")})


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:ListBucket", STATES, True),
        ("s3:GetObject", f"{STATES}/pr-12/task-manager.tfstate", True),
        ("s3:PutObject", f"{STATES}/pr-12/task-manager.tfstate", True),
        ("s3:GetObject", f"{STATES}/prod/task-manager.tfstate", False),
        ("s3:GetObject", f"{STATES}/dev/task-manager.tfstate", False),
    ],
)
def test_the_states_of_previews_can_be_listed_and_read(
    previews: Engine, action: str, resource: str, allowed: bool
) -> None:
    assert previews.allowed([Request(PRINCIPAL, action, resource, {}, ("deploy-data",))]) == [allowed]
