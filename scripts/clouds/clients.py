"""AWS clients of a local cloud."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from scripts.base.local_account import ACCESS_KEY, REGION, SECRET_KEY

if TYPE_CHECKING:
    import boto3

# Sessions make one client at a time.
_LOCK = Lock()
# The user's profile is ignored: it may be of a real account, or not exist here.
# In botocore's form: name in its files, name of the variable, default, conversion.
NOTHING_OF_THE_USER = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "defaults_mode": (None, None, "legacy", None),
}


def client(
    service: str,
    endpoint: str,
    certificate: Path | None = None,
    *,
    keys: tuple[str, str] = (ACCESS_KEY, SECRET_KEY),
) -> Any:
    """A boto3 client of the local cloud at the endpoint; never one of a real account.

    With a certificate, it is the only one trusted. The `keys`, id and secret, are by default the root's.
    """
    # Imported here: most commands that find a cloud (`make url`) make no call to it.
    from botocore.config import Config

    settings = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": 2},
        s3={"addressing_style": "path"},
        proxies={},  # as in scripts/base/loopback.py
        # Set explicitly: the user's settings for AWS would be refused together with an endpoint.
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
    )
    verify = str(certificate) if certificate else None
    with _LOCK:
        return _session().client(  # type: ignore[call-overload]
            service,
            endpoint_url=endpoint,
            config=settings,
            verify=verify,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
        )


@cache
def _session() -> "boto3.Session":
    """One for all clients: it keeps the services' models, which take longest to read."""
    import boto3
    from botocore.session import Session as BotocoreSession

    return boto3.Session(
        botocore_session=BotocoreSession(session_vars=NOTHING_OF_THE_USER), region_name=REGION
    )


def one_for_each_service(make: Callable[[str], Any]) -> Callable[[str], Any]:
    """`make`, which is called once for each service, also if several threads ask at the same time."""
    made, lock = cache(make), Lock()

    def client_of(service: str) -> Any:
        with lock:
            return made(service)

    return client_of


def local_environment(endpoint: str) -> dict[str, str]:
    """The variables that point the AWS CLI and SDKs at the local cloud."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
