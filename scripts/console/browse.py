"""`make browse [PORT=]`: every resource of the local cloud, raw, in StackPort until Ctrl-C.

https://pypi.org/project/stackport/, in an environment of its own.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.loopback import answers, without_proxy
from scripts.base.paths import REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.base.ports import LOOPBACK, describe_holder, free_port, is_taken
from scripts.base.waiting import until
from scripts.clouds.clients import local_environment
from scripts.deployments.record import running_stack

ENVIRONMENT = ROOT / ".local/stackport/environment"
GUARD = Path(__file__).parent / "stackport_guard.py"
# Where the developer's console finds the address of the StackPort that runs.
ADDRESS = WORK_FOLDER / "stackport.address"
START_SECONDS = 60.0


def browse(port: int | None = None) -> None:
    """`make browse`: install StackPort on first use, print its address, and serve it until Ctrl-C."""
    endpoint = running_stack().endpoint
    if port is not None and is_taken(port):
        raise Failure(f"port {port} is taken by {describe_holder(port)}: name another, PORT=")
    terminal = Console(highlight=False)
    with contextlib.suppress(KeyboardInterrupt), started(endpoint, port or free_port()) as (server, address):
        terminal.print(address, style="bold")
        terminal.print("StackPort shows the local cloud's resources, and changes them. Ctrl-C ends it.")
        server.wait()
    terminal.print("Ended.")


def running() -> str | None:
    """The address of the StackPort that runs, if one does."""
    try:
        address = ADDRESS.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return address if answers(address, 1.0) else None


@contextlib.contextmanager
def started(endpoint: str, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A StackPort for the cloud at this endpoint, and its address. It knows of no real account."""
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "browse.txt")
    address = f"http://{LOOPBACK}:{port}/"
    # -P: what lies beside the guard is not imported in place of StackPort's own modules.
    command = [str(ENVIRONMENT / "bin/python"), "-P", str(GUARD), str(port)]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    surroundings = {**without_proxy(kept), **local_environment(endpoint), **nothing}
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL) as server:
        try:
            if not until(lambda: answers(address, 1.0) or server.poll() is not None, seconds=START_SECONDS):
                raise Failure("StackPort did not start: see above, or use make console")
            if server.poll() is not None:
                raise Failure("StackPort ended at once: see above")
            ADDRESS.write_text(address, encoding="utf-8")
            yield server, address
        finally:
            server.terminate()
            ADDRESS.unlink(missing_ok=True)
