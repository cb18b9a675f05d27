"""The bucket of the state is made and set up once: from then on a role without rights on it can deploy."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.deployments.aws.account import Account
from scripts.deployments.aws.state_bucket import ensure_state_bucket


class Waiter:
    def wait(self, **_: Any) -> None:
        """The bucket is there at once."""


class S3:
    """The part of S3 that the bucket needs; `refuses` names operations that end in an error."""

    def __init__(self) -> None:
        self.bucket: dict[str, Any] | None = None
        self.called: list[str] = []
        self.refuses: dict[str, str] = {}

    def get_waiter(self, _: str) -> Waiter:
        return Waiter()

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            self.called.append(operation)
            if code := self.refuses.get(operation) or self._trouble(operation):
                raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)
            if operation == "create_bucket":
                self.bucket = {}
            elif operation.startswith("put_"):
                assert self.bucket is not None
                self.bucket[operation] = arguments
            return {"Policy": (self.bucket or {}).get("put_bucket_policy", {}).get("Policy")}

        return call

    def _trouble(self, operation: str) -> str | None:
        if self.bucket is None and operation != "create_bucket":
            return "404"
        if operation == "get_bucket_policy" and "put_bucket_policy" not in (self.bucket or {}):
            return "NoSuchBucketPolicy"
        return None


@pytest.fixture
def s3() -> S3:
    return S3()


@pytest.fixture
def account(s3: S3) -> Account:
    return Account("123456789012", "eu-central-1", lambda _: s3)


def changes(s3: S3) -> list[str]:
    return [operation for operation in s3.called if operation.startswith(("put_", "create_"))]


def test_a_new_bucket_is_set_up_with_its_policy_last(s3: S3, account: Account) -> None:
    assert ensure_state_bucket(account) == "task-manager-terraform-state-123456789012-eu-central-1"

    assert changes(s3)[0] == "create_bucket"
    assert changes(s3)[-1] == "put_bucket_policy"
    assert len(changes(s3)) == 6


def test_a_bucket_that_is_set_up_is_left_alone(s3: S3, account: Account) -> None:
    ensure_state_bucket(account)
    s3.called.clear()

    ensure_state_bucket(account)

    assert changes(s3) == []


def test_a_half_made_bucket_is_set_up(s3: S3, account: Account) -> None:
    s3.refuses["put_bucket_encryption"] = "SlowDown"
    with pytest.raises(ClientError):
        ensure_state_bucket(account)
    s3.refuses.clear()

    ensure_state_bucket(account)

    assert s3.bucket is not None
    assert {"put_bucket_encryption", "put_bucket_policy"} <= set(s3.bucket)


def test_a_changed_policy_is_restored(s3: S3, account: Account) -> None:
    ensure_state_bucket(account)
    assert s3.bucket is not None
    s3.bucket["put_bucket_policy"] = {"Policy": "{}"}

    ensure_state_bucket(account)

    assert "OnlyOverTls" in s3.bucket["put_bucket_policy"]["Policy"]
