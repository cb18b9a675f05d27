"""The AWS account to deploy to; never a local cloud by mistake."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.failure import Failure
from scripts.base.local_account import ACCESS_KEY, LOCAL_ACCOUNT

# Variables that would override infra/env/: where a deployment goes, or what it is.
DECIDED_HERE = ("TF_VAR_target", "TF_VAR_aws_endpoint", "TF_VAR_environment", "TF_VAR_package_manifest")
AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
# How LocalStack's own access keys begin.
LOCAL_KEY_PREFIXES = ("LKIA", "LSIA")
# Services whose endpoints are checked: a profile may set each of them.
LOOKED_AT = ("sts", "s3", "dynamodb", "lambda")
# In order of precedence. botocore alone would read only the second, and a profile before the first.
REGION_NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")
# A deployment makes hundreds of calls to control planes, which throttle early (Lambda: 15 a second).
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10})
# For the first call: without usable credentials it should fail soon.
QUICK = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=10)


@dataclass(frozen=True)
class Account:
    """An AWS account, a region in it, and clients of its services."""

    id: str
    region: str
    client: Callable[[str], Any]


def refuse_local_variables(variables: Mapping[str, str]) -> None:
    """Raise a Failure if the environment points at a local cloud, or changes what is deployed."""
    pointing = sorted(
        name for name, value in variables.items() if name.startswith("AWS_ENDPOINT_URL") and value
    )
    deciding = sorted(name for name in variables if name in DECIDED_HERE or name.startswith("TF_CLI_ARGS"))
    if pointing or deciding:
        names = ", ".join([*pointing, *deciding])
        raise Failure(
            f"{names} is set, which is for local clouds only: `unset {' '.join([*pointing, *deciding])}`"
        )
    key = variables.get("AWS_ACCESS_KEY_ID", "")
    if key == ACCESS_KEY or key.startswith(LOCAL_KEY_PREFIXES):
        raise Failure(f"AWS_ACCESS_KEY_ID is {key!r}, a local cloud's: set the credentials of an AWS account")


def current_account(variables: Mapping[str, str] = os.environ) -> Account:
    """The account of the credentials in force; a Failure if there are none, or they are a local cloud's."""
    refuse_local_variables(variables)
    try:
        session = boto3.Session(region_name=chosen_region(variables))
        region = session.region_name
    except BotoCoreError as error:
        raise Failure(f"AWS's settings cannot be read: {error}") from error
    if not region:
        raise Failure("no region is set: set AWS_REGION, for example to eu-central-1")

    def client(service: str, config: Config = PATIENT) -> Any:
        return session.client(service, config=config)  # type: ignore[call-overload]

    for service in LOOKED_AT:
        refuse_local_endpoint(service, client(service).meta.endpoint_url)
    try:
        identity = client("sts", QUICK).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"no AWS account can be reached in {region}: {error}") from error
    if identity["Account"] == LOCAL_ACCOUNT:
        raise Failure("these credentials are a local cloud's: set those of an AWS account")
    return Account(identity["Account"], region, client)


def chosen_region(variables: Mapping[str, str]) -> str | None:
    """The region that the environment names, as AWS's CLI and Terraform understand it; None: the profile's.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
    """
    return next((variables[name] for name in REGION_NAMES if variables.get(name)), None)


def refuse_local_endpoint(service: str, url: str) -> None:
    """Raise a Failure unless the URL is one of AWS's own."""
    if not (urlsplit(url).hostname or "").endswith(AWS_DOMAINS):
        raise Failure(f"the AWS profile sends {service} to {url}, which is not AWS: choose another profile")
