"""Moves calls to new versions gradually, with CodeDeploy, which rolls back when an alarm goes off."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.base.progress import Update
from scripts.base.waiting import until
from scripts.deployments.aws.versions import ALIAS, Client, Versions

# The slowest, linear, takes ten minutes; alarms and CodeDeploy itself add some.
LIMIT_SECONDS = 30 * 60.0
POLL_SECONDS = 10.0
BY_ALARM = "ALARM_ACTIVE"
HINT = (
    "\n  An alarm was active. Look at it first; if this release fixes its cause, `make deploy … FORCE=1` "
    "ignores alarms."
)
GOING_ON = ("Created", "Queued", "InProgress", "Baking", "Ready")


def move_gradually(
    client: Client,
    outputs: Mapping[str, Any],
    before: Versions,
    wanted: Versions,
    report: Update,
    *,
    force: bool = False,
) -> None:
    """Start a CodeDeploy deployment for each function that changed, and wait for all of them.

    With `force` alarms are ignored: CodeDeploy stops at once while one is active, so that a fix for its
    cause could never be deployed. A Failure names those that went back; the caller rolls back the others.
    """
    codedeploy = client("codedeploy")
    alarms: dict[str, Any] = {"overrideAlarmConfiguration": {"enabled": False}} if force else {}
    started: dict[str, str] = {}
    try:
        for name in sorted(wanted):
            if before.get(name, wanted[name]) != wanted[name]:
                started[name] = codedeploy.create_deployment(
                    applicationName=outputs["deployment_application"],
                    deploymentGroupName=outputs["function_names"][name],
                    revision=_revision(outputs["function_names"][name], before[name], wanted[name]),
                    **alarms,
                )["deploymentId"]
        seen = _await(codedeploy, started, report)
    except BaseException:
        _stop(codedeploy, list(started.values()))
        raise
    failed = sorted(name for name, deployment in seen.items() if deployment["status"] != "Succeeded")
    _stop(codedeploy, [started[name] for name in failed if seen[name]["status"] in GOING_ON])
    if failed:
        told = ", ".join(f"{name} ({_ending(seen[name])})" for name in failed)
        by_alarm = any(_code(seen[name]) == BY_ALARM for name in failed)
        raise Failure(f"CodeDeploy went back to the previous version: {told}" + (HINT if by_alarm else ""))


def _revision(function: str, current: str, target: str) -> dict[str, Any]:
    properties = {"Name": function, "Alias": ALIAS, "CurrentVersion": current, "TargetVersion": target}
    resource = {"function": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


def _await(codedeploy: Any, started: Mapping[str, str], report: Update) -> dict[str, dict[str, Any]]:
    def look() -> dict[str, dict[str, Any]]:
        return {
            name: codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
            for name, deployment in started.items()
        }

    def ended(seen: dict[str, dict[str, Any]]) -> bool:
        going = sum(deployment["status"] in GOING_ON for deployment in seen.values())
        report(f"{len(seen) - going} of {len(seen)} functions")
        return going == 0

    return until(look, ended, seconds=LIMIT_SECONDS, poll=POLL_SECONDS)


def _stop(codedeploy: Any, deployments: list[str]) -> None:
    """Stop deployments that take too long, so that they do not move calls after the rollback."""
    for deployment in deployments:
        with contextlib.suppress(ClientError):  # it may have ended meanwhile
            codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)


def _code(deployment: Mapping[str, Any]) -> str:
    return str(deployment.get("errorInformation", {}).get("code", ""))


def _ending(deployment: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, [deployment["status"], _code(deployment)]))
