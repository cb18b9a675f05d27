"""Single keys of the terminal, without Enter."""

import contextlib
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def pressed_keys(take: Callable[[str], None]) -> Iterator[bool]:
    """Hands each key to `take`, in a thread; yields whether there is a terminal to press one on."""
    if not sys.stdin.isatty():
        yield False
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    threading.Thread(target=_read, args=(take,), daemon=True).start()
    try:
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _read(take: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError):  # the terminal is gone
        while key := sys.stdin.read(1):
            take(key)
