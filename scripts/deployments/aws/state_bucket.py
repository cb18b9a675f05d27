"""The bucket of Terraform's state on AWS: made once for an account and region, for all environments."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.deployments.aws.account import Account

# Without a location, S3 creates a bucket in us-east-1, which is not allowed as a location.
PLACE_UNNAMED = "us-east-1"
KEEP_OLD_STATES_DAYS = 365


def bucket_name(account: Account) -> str:
    """The bucket's name: with the account's id, because bucket names are globally unique."""
    return f"task-manager-terraform-state-{account.id}-{account.region}"


def ensure_state_bucket(account: Account) -> str:
    """Create the bucket with its settings unless it exists, and give its name.

    It is left alone once the last of its settings, the policy, is in place: deploying to one environment
    requires no right to change the bucket of all.
    """
    s3, name = account.client("s3"), bucket_name(account)
    owned = {"Bucket": name, "ExpectedBucketOwner": account.id}
    try:
        s3.head_bucket(**owned)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("404", "NoSuchBucket", "NotFound"):
            raise Failure(
                f"the state bucket {name} cannot be used ({code}): check that it is this account's"
            ) from error
        _create(s3, name, account.region)
    settings = _settings(name, boto3.Session().get_partition_for_region(account.region))
    if not _has_policy(s3, owned, settings[-1][1]["Policy"]):
        for operation, arguments in settings:
            getattr(s3, operation)(**owned, **arguments)
    return name


def _has_policy(s3: Any, owned: Mapping[str, str], policy: str) -> bool:
    """Compare by Sid, because S3 need not give a policy back as it was written."""
    try:
        found = s3.get_bucket_policy(**owned)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return False
    return _sids(policy) <= _sids(found)


def _sids(policy: str) -> set[str]:
    return {str(statement.get("Sid")) for statement in json.loads(policy).get("Statement", ())}


def _create(s3: Any, name: str, region: str) -> None:
    place = {} if region == PLACE_UNNAMED else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    s3.get_waiter("bucket_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def _settings(name: str, partition: str) -> list[tuple[str, dict[str, Any]]]:
    """Versioned, encrypted and private: a state holds secrets.

    The policy comes last, as the sign that all is done; its Sid changes when anything before it does.
    """
    only_over_tls = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:{partition}:s3:::{name}", f"arn:{partition}:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    everything_blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    encryption = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
        "BucketKeyEnabled": True,
    }
    expiry = {
        "ID": "old-states",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": KEEP_OLD_STATES_DAYS},
    }
    return [
        ("put_public_access_block",
         {"PublicAccessBlockConfiguration": dict.fromkeys(everything_blocked, True)}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [encryption]}}),
        ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": {"Rules": [expiry]}}),
        ("put_bucket_policy",
         {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [only_over_tls]})}),
    ]  # fmt: skip


def state_bucket_is_there(account: Account) -> bool:
    """Whether there is a bucket to read states from; a Failure if it is not this account's."""
    try:
        account.client("s3").head_bucket(Bucket=bucket_name(account), ExpectedBucketOwner=account.id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("404", "NoSuchBucket", "NotFound"):
            raise Failure(f"the state bucket {bucket_name(account)} cannot be read ({code})") from error
        return False
    return True
