"""Removing published versions that no rollback reaches any more.

Every release publishes a version of each function. They count against the account's 75 GB of code, and with
SnapStart each one that is kept is charged.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from scripts.base.failure import Failure
from scripts.base.progress import Update
from scripts.deployments.aws.versions import Client, Versions, live_versions, release_before, releases

KEPT_RELEASES = 5
LATEST = "$LATEST"


def remove_old_versions(client: Client, outputs: Mapping[str, Any], report: Update = lambda _: None) -> int:
    """Remove the versions older than the last KEPT_RELEASES releases; gives how many.

    Those that an alias sends calls to stay, and those that `make rollback` would send them to.
    """
    history = releases(client, outputs)
    target: Versions = {}
    with contextlib.suppress(Failure):  # a first release has no previous one
        target = release_before(history, live_versions(client, outputs))
    functions, removed = client("lambda"), 0
    for name, full in sorted(outputs["function_names"].items()):
        report(name)
        last = [int(release[name]) for release in history[:KEPT_RELEASES] if name in release]
        if last:  # without a record nothing is known to be old
            removed += _remove_before(functions, full, min(last), {target.get(name, "")})
    return removed


def _remove_before(functions: Any, function: str, oldest: int, kept: set[str]) -> int:
    aliases = functions.get_paginator("list_aliases").paginate(FunctionName=function)
    called = {version for page in aliases for alias in page["Aliases"] for version in _called(alias)}
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    published = [found["Version"] for page in pages for found in page["Versions"]]
    old = [one for one in published if one != LATEST and int(one) < oldest and one not in kept | called]
    for version in old:
        with contextlib.suppress(functions.exceptions.ResourceNotFoundException):
            functions.delete_function(FunctionName=function, Qualifier=version)
    return len(old)


def _called(alias: Mapping[str, Any]) -> set[str]:
    """The versions that an alias sends calls to: two of them while CodeDeploy moves it."""
    return {alias["FunctionVersion"], *(alias.get("RoutingConfig", {}).get("AdditionalVersionWeights") or {})}
