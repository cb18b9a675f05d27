"""Releases: which version of each function made up each, and moving calls from one to another."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from scripts.base.failure import Failure

RECORD = "releases/newest.json"
ALIAS = "live"

Versions = dict[str, str]
"""Name in the function map → number of a published version."""
Client = Callable[[str], Any]


def releases(client: Client, outputs: Mapping[str, Any]) -> list[Versions]:
    """All releases that are on record, the newest first.

    Terraform writes the record over and over; the bucket keeps what was there before.
    """
    s3, bucket = client("s3"), outputs["code_bucket"]
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=RECORD)
    kept = [version for page in pages for version in page.get("Versions", []) if version["Key"] == RECORD]
    kept.sort(key=lambda version: version["LastModified"], reverse=True)
    found: list[Versions] = []
    for version in kept:
        body = s3.get_object(Bucket=bucket, Key=RECORD, VersionId=version["VersionId"])["Body"].read()
        release: Versions = json.loads(body)["versions"]
        if release not in found:
            found.append(release)
    return found


def live_versions(client: Client, outputs: Mapping[str, Any]) -> Versions:
    """The version that each function's calls go to now; functions without an alias are left out."""
    functions = client("lambda")
    found: Versions = {}
    for name, full in outputs.get("function_names", {}).items():
        try:
            found[name] = functions.get_alias(FunctionName=full, Name=ALIAS)["FunctionVersion"]
        except functions.exceptions.ResourceNotFoundException:
            continue
    return found


def point_to(client: Client, outputs: Mapping[str, Any], wanted: Versions) -> Versions:
    """Send all calls to these versions at once; gives those that changed. Others are left alone."""
    now = live_versions(client, outputs)
    changed = {name: version for name, version in wanted.items() if now.get(name, version) != version}
    for name, version in changed.items():
        client("lambda").update_alias(
            FunctionName=outputs["function_names"][name],
            Name=ALIAS,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
    return changed


def require_published(client: Client, outputs: Mapping[str, Any], wanted: Versions) -> None:
    """Raise a Failure unless all of these versions exist: otherwise only some calls would go back."""
    functions, gone = client("lambda"), []
    for name, version in sorted(wanted.items()):
        if name not in outputs["function_names"]:
            continue
        try:
            functions.get_function_configuration(
                FunctionName=outputs["function_names"][name], Qualifier=version
            )
        except functions.exceptions.ResourceNotFoundException:
            gone.append(f"{name} {version}")
    if gone:
        raise Failure(
            f"the previous release was removed ({', '.join(gone)}): check out its commit and `make deploy`"
        )


def release_before(history: list[Versions], live: Versions) -> Versions:
    """The release before the one that calls go to; a Failure if there is none.

    Calls between two releases, as after a broken deployment, count as going to the newest.
    """
    in_force = [n for n, release in enumerate(history) if release.items() & live.items() == release.items()]
    now = in_force[0] if in_force else 0
    if now + 1 >= len(history):
        raise Failure("there is no previous release")
    return history[now + 1]
