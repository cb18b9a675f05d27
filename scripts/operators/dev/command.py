"""`make dev [DEBUG=on_completed,relay]`: edit, call, see, on the embedded cloud."""

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.base.ports import describe_holder, is_taken
from scripts.base.waiting import until
from scripts.clouds.dev.session import DevSession
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.record import StackRecord, running_stack
from scripts.deployments.target import Target, chosen_target
from scripts.deployments.warming import EMPTY_BATCH, FIRST
from scripts.operators.dev.keys import pressed_keys
from scripts.operators.dev.loop import Happening, Key, Loop
from scripts.operators.log_lines import one_function

# The ports of .vscode/launch.json, in the order of the functions that DEBUG names.
FIRST_DEBUG_PORT = 5678
# A process that is started while others are, with debugpy in it.
LISTEN_SECONDS = 60.0


def dev(debug: str = "") -> None:
    """`make dev`: functions run the working tree until `q`; shows what happens meanwhile."""
    console = Console(highlight=False)
    happenings: Queue[Happening] = Queue()
    with pressed_keys(lambda key: happenings.put(Key(key))) as on_terminal:
        while _run(debug, console, happenings, on_terminal=on_terminal):
            _make_up(running_stack())
    console.print("Ended: the deployed package answers again.")


def _run(debug: str, console: Console, happenings: Queue[Happening], *, on_terminal: bool) -> bool:
    """One session; whether it ended because `make up` is wanted."""
    require_embedded_cloud()
    target = chosen_target()
    ports = debug_ports(target, debug)
    session = session_of(target, ROOT, WORK_FOLDER / "embedded-cloud", ports)
    keys = "u: make up · q: end" if on_terminal else "Ctrl-C ends it"

    def ready() -> None:
        wake(target)
        for name, port in listening(ports).items():
            function = next(
                key for key, deployed in target.outputs["function_names"].items() if deployed == name
            )
            console.print(f"debugpy: {function} on 127.0.0.1:{port}, without time-outs", style="bold")
        console.print(
            f"{len(session.functions)} functions run services/ of this tree from their next call on. {keys}"
        )

    try:
        return Loop(session, target, console, happenings).run(ready)
    finally:
        if ports:
            wake(target)  # ends the processes that a debugger can attach to


def require_embedded_cloud() -> None:
    """A Failure if something else is up."""
    cloud = running_stack().cloud
    if cloud != EmbeddedCloud.name:
        raise Failure(
            f"make dev is for the embedded cloud: {cloud} runs functions in containers, from a package. "
            f"Run `make down` and `make up`, then `make dev`; or `make up CLOUD={cloud}` after each change"
        )


def session_of(target: Target, tree: Path, folder: Path, ports: Mapping[str, int]) -> DevSession:
    """A session in which all functions run the tree."""
    names: dict[str, str] = target.outputs["function_names"]
    ordered = sorted(names, key=lambda function: function not in FIRST)
    functions = tuple(names[function] for function in ordered)
    return DevSession(tree, folder, ALIAS, functions, debugpy_folder(), ports)


def debug_ports(target: Target, debug: str, first: int = FIRST_DEBUG_PORT) -> dict[str, int]:
    """Deployed function → port, for the (parts of) names that DEBUG lists."""
    chosen = dict.fromkeys(one_function(target, name.strip()) for name in debug.split(",") if name.strip())
    ports = {target.outputs["function_names"][name]: first + at for at, name in enumerate(chosen)}
    for port in ports.values():
        if is_taken(port):
            raise Failure(f"port {port}, for a debugger, is taken by {describe_holder(port)}: stop it first")
    return ports


def listening(ports: Mapping[str, int]) -> Mapping[str, int]:
    """The same ports, once a debugger can attach to all of them."""
    if not until(lambda: all(map(is_taken, ports.values())), seconds=LISTEN_SECONDS):
        raise Failure("a debugger cannot attach: see .local/embedded-cloud/cloud.log")
    return ports


def wake(target: Target) -> None:
    """Call a function without effect, by which the emulator sees that a session began or ended."""
    name = target.outputs["function_names"][FIRST[1]]
    with contextlib.suppress(BotoCoreError, ClientError):
        target.client("lambda").invoke(
            FunctionName=name, Qualifier=ALIAS, Payload=json.dumps(EMPTY_BATCH), InvocationType="Event"
        )


def debugpy_folder() -> Path:
    """Where debugpy is installed."""
    found = importlib.util.find_spec("debugpy")
    if found is None or found.origin is None:
        raise Failure("debugpy is not installed: run `make environment`")
    return Path(found.origin).parent


def _make_up(record: StackRecord) -> None:
    """Run `make up` as it was run before."""
    port, mode = urlsplit(record.endpoint).port, record.outputs["auth"]["mode"]
    command = [sys.executable, "-m", "scripts", "up", f"--port={port}", f"--auth={mode}"]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
