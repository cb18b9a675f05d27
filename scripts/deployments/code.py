"""New code for the functions of a local cloud, where nothing but the code has changed.

Terraform takes half a minute for it: it plans 300 resources, and its provider waits 5 s after each function's
update. This makes the same calls without it: the package's object, a version of each function, the aliases,
the record of the release. Terraform's state names the package of its last apply; the next apply finds
another one and publishes each function once more.
"""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.build.package import Manifest
from scripts.deployments.aws.versions import RECORD, Client, Versions, live_versions, point_to

# As many as the connections that a client keeps open.
WORKERS = 10
WAITING = {"Delay": 0.1, "MaxAttempts": 600}
"""For a version to become active, which takes a moment; the default asks every 5 s."""
PACKAGES = "lambda/"
"""Where the bucket has the packages; see Manifest.key."""


def put_code(
    client: Client, function_names: dict[str, str], bucket: str, manifest: Manifest, package: Path
) -> Versions:
    """Have calls go to the code of this package; gives each function's new version."""
    s3, functions = client("s3"), client("lambda")
    s3.put_object(Bucket=bucket, Key=manifest.key, Body=package.read_bytes())

    def publish(full: str) -> str:
        version = functions.update_function_code(
            FunctionName=full, S3Bucket=bucket, S3Key=manifest.key, Publish=True
        )["Version"]
        waiter = functions.get_waiter("published_version_active")
        waiter.wait(FunctionName=full, Qualifier=version, WaiterConfig=WAITING)
        return str(version)

    with ThreadPoolExecutor(WORKERS) as pool:
        published = pool.map(publish, function_names.values())
        versions = dict(zip(function_names, published, strict=True))
    point_to(client, {"function_names": function_names}, versions)
    record = {"package": manifest.key, "versions": versions}
    s3.put_object(Bucket=bucket, Key=RECORD, Body=json.dumps(record), ContentType="application/json")
    _remove_other_packages(client, bucket, manifest.key)
    return versions


def runs_code(client: Client, function_names: dict[str, str], manifest: Manifest) -> bool:
    """Whether every function's calls go to the code of this package."""
    functions = client("lambda")
    wanted = base64.b64encode(bytes.fromhex(manifest.sha256)).decode()

    def digest(name: str, version: str) -> str:
        found = functions.get_function_configuration(FunctionName=function_names[name], Qualifier=version)
        return str(found["CodeSha256"])

    live = live_versions(client, {"function_names": function_names})
    with ThreadPoolExecutor(WORKERS) as pool:
        return live.keys() == function_names.keys() and {*pool.map(digest, live, live.values())} <= {wanted}


def _remove_other_packages(client: Client, bucket: str, key: str) -> None:
    """Remove what Terraform would: functions have copies, and rollbacks go to their versions."""
    s3 = client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PACKAGES)
    for other in {one["Key"] for page in pages for one in page.get("Contents", [])} - {key}:
        s3.delete_object(Bucket=bucket, Key=other)
