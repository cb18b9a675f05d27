"""Progress of commands that take a while: what is being done, and how long each step took."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_UPDATE_SECONDS = 10.0
Update = Callable[[str], None]


class Steps:
    """Shows one step at a time: a spinner on a terminal, plain lines elsewhere; quiet, nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(quiet=quiet, highlight=False)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Update]:
        """Show a step while it lasts, then its duration; what is yielded reports how far it is."""
        started = time.monotonic()
        with self._spinner(title) if self._console.is_terminal else self._plain(title) as update:
            yield update
        seconds = f"{time.monotonic() - started:.1f} s"
        self._console.print(f"[green]✓[/] {title} [dim]{seconds}[/]")

    def say(self, text: str = "") -> None:
        """Print a line as it is, however long."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def _spinner(self, title: str) -> Iterator[Update]:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(title)

            def update(text: str) -> None:
                progress.update(task, description=f"{title}: {text}")

            yield update

    @contextlib.contextmanager
    def _plain(self, title: str) -> Iterator[Update]:
        last = time.monotonic()

        def update(text: str) -> None:
            nonlocal last
            if time.monotonic() - last >= PLAIN_UPDATE_SECONDS:
                last = time.monotonic()
                self._console.print(f"  {title}: {text}", markup=False, soft_wrap=True)

        yield update
