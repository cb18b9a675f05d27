"""Clients with the settings of deployments on AWS, for a stand-in that answers as AWS does."""

from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from scripts.deployments.aws.account import PATIENT, Account
from scripts.deployments.target import Target
from tests.harness.fault_proxy import FaultProxy

REGION = "eu-central-1"
ACCOUNT_ID = "123456789012"
# On this machine no call goes through the user's proxy.
HERE = PATIENT.merge(Config(proxies={}))
LOCK = Lock()
CREDENTIALS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI")


def account(proxy: FaultProxy, credentials: tuple[str, str] = CREDENTIALS, region: str = REGION) -> Account:
    """An account whose services are the proxy's rules, or the endpoint behind the proxy."""

    def client(service: str) -> Any:
        with LOCK:
            session = _session(credentials, region)
            return session.client(service, endpoint_url=proxy.url, config=HERE)  # type: ignore[call-overload]

    return Account(ACCOUNT_ID, region, cache(client))


@cache
def _session(credentials: tuple[str, str], region: str) -> boto3.Session:
    """One for each account: it keeps the services' models, which take longest to read."""
    return boto3.Session(*credentials, region_name=region)


def target(proxy: FaultProxy, **outputs: Any) -> Target:
    """A deployment in that account."""
    return Target({"api_url": "https://api.example.com", **outputs}, account(proxy).client)
