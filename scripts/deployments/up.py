"""`make up`: start a local cloud and deploy the application to it."""

import argparse
import os
import sys
import time

from scripts.base.failure import Failure, run_command
from scripts.base.loopback import is_proxied
from scripts.base.paths import WORK_FOLDER
from scripts.base.progress import Steps
from scripts.clouds.choice import CHOICES, choose
from scripts.deployments.local import Deployment, Stack
from scripts.deployments.warming import warming

PORT = 4566
SLOWEST = 10
AUTH_MODES = ("none", "jwt", "cognito")


def main() -> None:
    """Deploy, and say what can be done now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cloud", default="embedded", help=f"one of {', '.join(CHOICES)}")
    parser.add_argument("--port", default=str(PORT))
    parser.add_argument("--auth", default="none", choices=AUTH_MODES)
    parser.add_argument("--verbose", default="", help="1: show what took longest")
    chosen = parser.parse_args()
    started = time.monotonic()
    steps = Steps()
    cloud = choose(chosen.cloud, _port(chosen.port), WORK_FOLDER)
    before = Deployment.load(WORK_FOLDER)
    deployment = Stack(cloud, WORK_FOLDER, auth_mode=chosen.auth).deploy(steps, _may_discard)
    took = f"{time.monotonic() - started:.1f} s"
    if deployment == before:
        steps.say(f"Nothing has changed: up to date, {took} in all.")
    else:
        steps.say(f"Up, {took} in all.")
    if chosen.verbose not in ("", "0"):
        _show_slowest(deployment, steps)
    with warming(deployment.endpoint, deployment.outputs):
        _show_next(deployment.outputs["api_url"], chosen.auth != "none", steps)


def _may_discard() -> bool:
    """Ask whether the tasks in the cloud may go; no, where there is nobody to ask."""
    if not sys.stdin.isatty():
        return False
    question = (
        "The cloud cannot be repaired, and there are tasks in it. Discard them, and start from nothing?"
    )
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _port(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise Failure(f"{text!r} is no port to use: PORT is a number from 1024 to 65535")
    return int(text)


def _show_slowest(deployment: Deployment, steps: Steps) -> None:
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


if __name__ == "__main__":
    run_command(main)
