"""The mark that a deployment leaves in an emulator; lost with everything else when that restarts empty."""

import contextlib
import uuid

from botocore.exceptions import ClientError

from scripts.clouds.clients import client
from scripts.clouds.probing.scope import REFUSALS

BUCKET, KEY = "task-manager-endpoint", "instance"


def read(endpoint: str) -> str | None:
    """The mark, which is another after each restart; None if there is none, or no answer."""
    try:
        return str(client("s3", endpoint).get_object(Bucket=BUCKET, Key=KEY)["Body"].read().decode())
    except REFUSALS:
        return None


def leave(endpoint: str) -> str:
    """Write a new mark, and give it."""
    s3, mark = client("s3", endpoint), uuid.uuid4().hex
    with contextlib.suppress(ClientError):  # it is there
        s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=mark.encode())
    return mark


def answers(endpoint: str) -> bool:
    """Whether it answers as S3 does. A web server that answers everything gives no list of buckets."""
    try:
        return "Buckets" in client("s3", endpoint).list_buckets()
    except REFUSALS:
        return False
