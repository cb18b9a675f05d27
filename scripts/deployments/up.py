"""`make up`: start a local cloud and deploy the application to it."""

import os
import sys
import time

from scripts.base.confirm import ask
from scripts.base.failure import Failure
from scripts.base.loopback import is_proxied
from scripts.base.paths import WORK_FOLDER
from scripts.base.progress import Steps
from scripts.clouds.choice import choose
from scripts.clouds.endpoint import EndpointCloud
from scripts.deployments.record import StackRecord
from scripts.deployments.stack import Stack
from scripts.deployments.states import Snapshots
from scripts.deployments.warming import warming, warming_new_functions

PORT = 4566
SLOWEST = 10


def up(
    cloud: str = "embedded",
    port: int = PORT,
    auth_mode: str = "none",
    *,
    endpoint: str = "",
    show_slowest: bool = False,
) -> None:
    """`make up`: start a local cloud, deploy to it, and show what can be done now."""
    started = time.monotonic()
    steps = Steps()
    chosen = choose(cloud, port, WORK_FOLDER, endpoint)
    if isinstance(chosen, EndpointCloud):
        _probe(chosen, auth_mode, steps)
    before = StackRecord.load(WORK_FOLDER)
    with warming_new_functions(chosen.endpoint) as on_progress:
        snapshots = Snapshots(other_code=True)
        stack = Stack(chosen, WORK_FOLDER, auth_mode=auth_mode, snapshots=snapshots, on_progress=on_progress)
        deployment = stack.deploy(steps, _may_discard)
    took = f"{time.monotonic() - started:.1f} s"
    if deployment == before:
        steps.say(f"Nothing has changed: up to date, {took} in all.")
    else:
        steps.say(f"Up, {took} in all.")
    if show_slowest:
        _show_slowest(deployment, steps)
    with warming(deployment.endpoint, deployment.outputs):
        _show_next(deployment.outputs["api_url"], auth_mode != "none", steps)


def _probe(cloud: EndpointCloud, auth_mode: str, steps: Steps) -> None:
    """Find out what the emulator can do, and tell what it lacks before anything is deployed."""
    with steps.step(f"Probes of {cloud.endpoint}") as update:
        findings = cloud.probe(update)
    for line in findings.lines():
        steps.say(f"  {line}")
    if auth_mode != "none" and not findings.has("jwt"):
        raise Failure(f"{cloud.endpoint} checks no tokens: AUTH={auth_mode} needs CLOUD=embedded")


def _may_discard() -> bool:
    """Ask whether the tasks in the cloud may be discarded; without a terminal they may not."""
    if not sys.stdin.isatty():
        return False
    question = "The cloud cannot be repaired, and it holds tasks. Discard them and start with an empty cloud?"
    return ask(f"{question} [y/N] ").lower() in ("y", "yes")


def _show_slowest(deployment: StackRecord, steps: Steps) -> None:
    for timing in sorted(deployment.timings, key=lambda timing: -timing.seconds)[:SLOWEST]:
        steps.say(f"  {timing.seconds:5.1f} s  {timing.address}")


def _show_next(url: str, wants_token: bool, steps: Steps) -> None:
    steps.say(f"\nAPI: {url}\n\nTry it:")
    for line in try_it(url, wants_token=wants_token, proxied=is_proxied(os.environ)):
        steps.say(f"  {line}")
    steps.say(
        '\nNext: make status · make outputs · eval "$(make env)" for the AWS CLI · make test · make down'
    )


def try_it(url: str, *, wants_token: bool, proxied: bool) -> list[str]:
    """Lines to paste into a shell, one after the other; any curl will do."""
    curl = "curl --noproxy '*'" if proxied else "curl"
    json = "-H 'content-type: application/json' -d"
    owner, query = ', "userId": "ada"', "?userId=ada"
    lines = [f"URL='{url}'"]  # single quotes, because of the `$default` in it
    if wants_token:
        curl, owner, query = f'{curl} -H "Authorization: Bearer $TOKEN"', "", ""
        lines.append("TOKEN=$(make token)")
    return [
        *lines,
        f"""TASK=$({curl} -sS "$URL/tasks" {json} '{{"title": "Water the plants"{owner}}}'); echo "$TASK\"""",
        f'{curl} "$URL/tasks{query}"',
        # The id comes first in the answer.
        """ID=$(echo "$TASK" | cut -d '"' -f 4)""",
        f"""{curl} -X PUT "$URL/tasks/$ID" {json} '{{"status": "in_progress"}}'""",
    ]
