"""`make console [PORT=] [ENV=]`: serve the page until Ctrl-C."""

import contextlib
import threading

from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.ports import describe_holder, free_port, is_taken
from scripts.base.user import user_name
from scripts.console.server import serving
from scripts.console.subject import Subject
from scripts.deployments.record import running_stack
from scripts.deployments.target import LOCAL, chosen_target


def console(environment: str = "", port: int | None = None) -> None:
    """`make console`: print the page's address, and serve it until Ctrl-C."""
    if port is not None and is_taken(port):
        raise Failure(f"port {port} is taken by {describe_holder(port)}: name another, PORT=")
    environment = environment or LOCAL
    target = chosen_target(environment)
    cloud = running_stack().cloud if environment == LOCAL else "aws"
    subject = Subject(target, environment, cloud, user_name())
    terminal = Console(highlight=False)
    with contextlib.suppress(KeyboardInterrupt), serving(subject, port or free_port()) as address:
        terminal.print(address, style="bold", soft_wrap=True)
        terminal.print("Shows the deployment while this runs. " + _note(subject), style="dim")
        threading.Event().wait()
    terminal.print("Ended.")


def _note(subject: Subject) -> str:
    return "On AWS it changes nothing. Ctrl-C ends it." if subject.read_only else "Ctrl-C ends it."
