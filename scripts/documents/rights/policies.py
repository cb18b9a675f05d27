"""The policies of the roles that plan and deploy, made from the calls of a deployment."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scripts.documents.rights import boundary
from scripts.documents.rights.actions import actions
from scripts.documents.rights.calls import BACKEND, BUCKET, Call
from scripts.documents.rights.scopes import (
    ON_RECOVERY_POINTS,
    PLACE,
    STATE_BUCKET,
    TAGGED,
    TAGGED_RECOVERY_POINTS,
    Scope,
    scope,
)

Document = dict[str, Any]

# IAM counts the characters of a managed policy without white space.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST = 6144

# File → services whose actions it holds. Options that few deployments use are apart: a role may lack them.
FILES = {
    "deploy-data": ("backup", "backup-storage", "dynamodb", "kms", "s3"),
    "deploy-code": ("codedeploy", "iam", "lambda", "states"),
    "deploy-events": ("apigateway", "cloudwatch", "cognito-idp", "events", "logs", "sns", "sqs"),
}
OPTIONAL = {
    "aws_apigatewayv2_api_mapping",
    "aws_apigatewayv2_domain_name",
    "aws_route53_record",
    "aws_wafv2_web_acl",
    "aws_wafv2_web_acl_association",
    "aws_wafv2_web_acl_logging_configuration",
}

# Services that use the key: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
USING_THE_KEY = ("backup", "dynamodb", "events", "lambda", "s3", "sns", "sqs")
ISSUER = "token.actions.githubusercontent.com"
LOCK = f"{STATE_BUCKET}/<environment>/*.tflock"


def documents(calls: Iterable[Call]) -> dict[str, Document]:
    """File name, without its ending → policy."""
    everything = list(calls)
    usual = [call for call in everything if call.caller not in OPTIONAL and call.caller != BUCKET]
    optional = [call for call in everything if call.caller in OPTIONAL]
    in_plans = [call for call in usual if call.in_plan]
    plan = [*_allowed(in_plans, locking=True), *_key_of_a_refresh()]
    deploy = [*_allowed(usual), (TAGGED_RECOVERY_POINTS, ON_RECOVERY_POINTS), *_key_of_an_apply()]
    return {
        "plan": _document(plan),
        "plan-options": _document(_allowed(call for call in optional if call.in_plan)),
        **{file: _document(_of_services(deploy, services)) for file, services in FILES.items()},
        "deploy-options": _document(_allowed(optional)),
        "boundary": _document(boundary.statements()),
        "trust-plan": trust("pull_request"),
        "trust-deploy": trust("environment:<github-environment>"),
        "state-bucket": _document(_allowed(call for call in everything if call.caller == BUCKET)),
    }


def trust(subject: str) -> Document:
    """Which jobs of a repository on GitHub may assume a role, by the `sub` of their token.

    Repositories that were made or renamed since July 2026 have ids in it, older ones have not:
    https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
    """
    repositories = ("<owner>@<owner-id>/<repository>@<repository-id>", "<owner>/<repository>")
    claims = {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": [f"repo:{repository}:{subject}" for repository in repositories],
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::<account>:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": claims},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def as_text(document: Document) -> str:
    """A policy as its file has it."""
    return json.dumps(document, indent=2) + "\n"


Statement = tuple[Scope, frozenset[str]]


def _allowed(calls: Iterable[Call], *, locking: bool = False) -> list[Statement]:
    """A statement for each call and action; `locking` leaves of the state's objects the lock alone."""

    def scope_of(caller: str, action: str) -> Scope:
        return _only_locked(action) if locking and caller == BACKEND else scope(caller, action)

    return [
        (scope_of(call.caller, action), frozenset({action})) for call in calls for action in actions(call)
    ]


def _only_locked(action: str) -> Scope:
    """A plan locks the state, by a file beside it, and leaves the state alone."""
    return Scope((LOCK,)) if action in ("s3:DeleteObject", "s3:PutObject") else scope(BACKEND, action)


def _key_of_a_refresh() -> Iterator[Statement]:
    """To read what is under the key: rules of the bus and their targets, environments of functions.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    yield Scope((f"arn:aws:kms:{PLACE}:key/*",), TAGGED), frozenset({"kms:Decrypt"})


def _key_of_an_apply() -> Iterator[Statement]:
    """To put things under the key, by the services that use it: a new key's tags do not count yet.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
    """
    keys = (f"arn:aws:kms:{PLACE}:key/*",)
    via = tuple(f"{service}.<region>.amazonaws.com" for service in USING_THE_KEY)
    yield (
        Scope(keys, {"StringEquals": {"kms:ViaService": via}}),
        frozenset({"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:RetireGrant"}),
    )
    yield (
        Scope(keys, {"StringEquals": {"kms:ViaService": via}, "Bool": {"kms:GrantIsForAWSResource": "true"}}),
        frozenset({"kms:CreateGrant"}),
    )
    yield from _key_of_a_refresh()


def _of_services(statements: Iterable[Statement], services: Iterable[str]) -> list[Statement]:
    wanted = tuple(f"{service}:" for service in services)
    kept = (
        (where, frozenset(name for name in names if name.startswith(wanted))) for where, names in statements
    )
    return [(where, names) for where, names in kept if names]


def _document(statements: Iterable[Statement]) -> Document:
    merged = _merged(statements)
    return {"Version": "2012-10-17", "Statement": [_statement(where, names) for where, names in merged]}


def _merged(statements: Iterable[Statement]) -> list[Statement]:
    """Statements on the same, as one; in an order that does not depend on anything else."""
    found: dict[str, tuple[Scope, frozenset[str]]] = {}
    for where, names in statements:
        before = found.get(repr(where), (where, frozenset()))[1]
        found[repr(where)] = (where, before | names)
    return sorted(found.values(), key=lambda one: (sorted(one[1]), repr(one[0])))


def _statement(where: Scope, names: Iterable[str]) -> Mapping[str, Any]:
    conditions = {
        operator: {key: list(value) if isinstance(value, tuple) else value for key, value in tests.items()}
        for operator, tests in where.conditions.items()
    }
    return {
        "Effect": "Allow",
        "Action": sorted(names),
        "Resource": list(where.resources),
        **({"Condition": conditions} if conditions else {}),
    }
