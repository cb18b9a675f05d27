"""Moving calls to new versions by and by, by CodeDeploy, which goes back when an alarm goes off."""

import json
import time
from collections.abc import Mapping
from typing import Any

from scripts.delivery.versions import ALIAS, Client, Versions
from scripts.failure import Failure
from scripts.steps import Update

# The slowest, linear, takes ten minutes; alarms and CodeDeploy itself some more.
LIMIT_SECONDS = 30 * 60.0
POLL_SECONDS = 10.0
GOING_ON = ("Created", "Queued", "InProgress", "Baking", "Ready")


def move_gradually(
    client: Client, outputs: Mapping[str, Any], before: Versions, wanted: Versions, report: Update
) -> None:
    """Start a CodeDeploy deployment for each function that changed, and wait for all of them.

    A Failure names those that went back; the others are for the caller to take back.
    """
    codedeploy = client("codedeploy")
    started = {
        name: codedeploy.create_deployment(
            applicationName=outputs["deployment_application"],
            deploymentGroupName=outputs["function_names"][name],
            revision=_revision(outputs["function_names"][name], before[name], wanted[name]),
        )["deploymentId"]
        for name in sorted(wanted)
        if before.get(name, wanted[name]) != wanted[name]
    }
    statuses = _await(codedeploy, started, report)
    if failed := sorted(name for name, status in statuses.items() if status != "Succeeded"):
        told = ", ".join(f"{name} ({statuses[name]})" for name in failed)
        raise Failure(f"CodeDeploy went back to the version before: {told}")


def _revision(function: str, current: str, target: str) -> dict[str, Any]:
    properties = {"Name": function, "Alias": ALIAS, "CurrentVersion": current, "TargetVersion": target}
    resource = {"function": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


def _await(codedeploy: Any, started: Mapping[str, str], report: Update) -> dict[str, str]:
    end = time.monotonic() + LIMIT_SECONDS
    while True:
        statuses = {
            name: codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]["status"]
            for name, deployment in started.items()
        }
        going = [name for name, status in statuses.items() if status in GOING_ON]
        if not going or time.monotonic() > end:
            return statuses
        report(f"{len(statuses) - len(going)} of {len(statuses)} functions")
        time.sleep(POLL_SECONDS)
