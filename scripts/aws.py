"""AWS clients of a local cloud."""

from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from scripts.clouds.cloud import ACCESS_KEY, REGION, SECRET_KEY


def client(service: str, endpoint: str, certificate: Path | None = None) -> Any:
    """A boto3 client of the local cloud at the endpoint; never one of a real account.

    With a certificate, it is the only one trusted.
    """
    session = boto3.Session(
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION
    )
    settings = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": 2},
        s3={"addressing_style": "path"},
        proxies={},
    )
    verify = str(certificate) if certificate else None
    return session.client(  # type: ignore[call-overload]
        service, endpoint_url=endpoint, config=settings, verify=verify
    )


def local_environment(endpoint: str) -> dict[str, str]:
    """The variables that point the AWS CLI and SDKs at the local cloud."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
