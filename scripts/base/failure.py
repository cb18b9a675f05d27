"""Expected failures: one line that says what is wrong and what to do about it."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

OF_SERVICES = ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError", "httpx.HTTPError")


# `timeout`, a shell and a terminal signal both a process and its group, so one stop arrives more than once.
ECHO_SECONDS = 1.0


class Failure(RuntimeError):
    """Something the user can put right; the message names the remedy and is all that is shown."""


def run_command(main: Callable[[], int | None]) -> None:
    """Run a command's main function; exit 1 with one line on a Failure, 130 on Ctrl-C or a termination."""
    interrupt = _Interrupts()
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell ignores it
        signal.signal(signal.SIGINT, interrupt)
    try:
        sys.exit(main() or 0)
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if not is_of_a_service(error):
            raise
        sys.exit(f"error: {type(error).__name__}: {error}")


def is_of_a_service(error: BaseException) -> bool:
    """Whether a service refused a call or could not be reached: that is no fault of the program.

    The classes are told by name, so that commands which call nothing import neither library.
    """
    return any(f"{kind.__module__}.{kind.__qualname__}" in OF_SERVICES for kind in type(error).__mro__)


class _Interrupts:
    """Unwinds on a signal as Ctrl-C does, so that what was started is ended.

    An echo of the signal does not disturb that; a second one, a second later, ends the command at once.
    """

    def __init__(self) -> None:
        self._taken = float("-inf")

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._taken > ECHO_SECONDS:
            self._taken = now
            raise KeyboardInterrupt
