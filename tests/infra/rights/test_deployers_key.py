"""What CI's roles may do with the key: a deployment encrypts and decrypts with it, a plan only decrypts."""

import pytest

from scripts.documents.rights.policies import USING_THE_KEY
from tests.infra.rights.deployers import filled, tags
from tests.infra.rights.evaluation import Engine, Request
from tests.infra.rights.planned import KEY, RESOURCE
from tests.infra.rights.test_deployers import DEPLOY, PLAN, PRINCIPAL

USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
FOR_AWS = {"kms:GrantIsForAWSResource": "true"}


@pytest.fixture(scope="module")
def roles(engine: Engine) -> Engine:
    return engine.with_policies({name: filled(name) for name in (*PLAN, *DEPLOY)})


def uses(action: str, context: dict[str, str], policies: tuple[str, ...] = DEPLOY) -> Request:
    return Request(PRINCIPAL, action, KEY, context, policies, f"{RESOURCE}{KEY}")


def via(service: str, region: str = "us-east-1") -> dict[str, str]:
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


@pytest.mark.parametrize("service", USING_THE_KEY)
def test_a_deployment_may_use_a_new_key_before_its_tags_take_effect(roles: Engine, service: str) -> None:
    asked = [uses(action, via(service)) for action in (*USE, "kms:RetireGrant")]
    asked.append(uses("kms:CreateGrant", via(service) | FOR_AWS))
    assert all(roles.allowed(asked))


def test_a_deployment_may_grant_the_key_to_aws_services_only(roles: Engine) -> None:
    asked = [
        uses("kms:CreateGrant", {}),
        uses("kms:CreateGrant", FOR_AWS),
        uses("kms:CreateGrant", tags("ResourceTag") | FOR_AWS),
        uses("kms:CreateGrant", via("dynamodb") | {"kms:GrantIsForAWSResource": "false"}),
        uses("kms:CreateGrant", via("ec2") | FOR_AWS),
        uses("kms:CreateGrant", via("dynamodb", "eu-west-1") | FOR_AWS),
    ]
    assert not any(roles.allowed(asked))


def test_a_deployment_may_change_only_its_own_keys_policy(roles: Engine) -> None:
    changing = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:UpdateKeyDescription")
    others = (tags("ResourceTag", project="other"), tags("ResourceTag", environment="dev"), {})

    assert all(roles.allowed(uses(action, tags("ResourceTag")) for action in changing))
    assert not any(roles.allowed(uses(action, context) for action in changing for context in others))


def test_a_plan_may_only_decrypt_and_only_with_its_own_key(roles: Engine) -> None:
    ours = tags("ResourceTag")
    asked = [
        *(uses(action, ours, PLAN) for action in ("kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant")),
        uses("kms:Decrypt", via("events"), PLAN),
        uses("kms:Decrypt", tags("ResourceTag", environment="dev"), PLAN),
    ]

    assert all(roles.allowed(uses("kms:Decrypt", ours | more, PLAN) for more in (via("events"), {})))
    assert not any(roles.allowed(asked))
