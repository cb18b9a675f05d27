"""Which files of the working tree `make dev` watches, and what a change of each one needs."""

from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from threading import Event

from watchfiles import watch

WATCHED = ("services", "infra", "requirements")
# Milliseconds: how long no other file may change before a change is reported, and how long at most.
QUIET, AT_MOST = 20, 200
STOPPING = 200  # how long a stop may take
# These are written by commands and by nobody else.
OF_TERRAFORM = (".terraform", ".tfstate", ".tfplan")


class Needs(Enum):
    """What has to be done before a change has an effect."""

    NOTHING = "is live at the next call"
    PAGE = "is rendered again"
    UP = "needs make up: press u"


def needs_of(path: Path) -> Needs | None:
    """What a change of this file of the tree needs; None if functions do not depend on it."""
    match path.parts:
        case ("services", "functions.json"):
            return Needs.UP
        case ("services", "console", *_) if path.suffix in (".js", ".css", ".html"):
            return Needs.PAGE
        case ("services", *_) if path.suffix == ".py":
            return Needs.NOTHING
        case ("infra", *_) if not any(name.startswith(OF_TERRAFORM) for name in path.parts):
            return Needs.UP
        case ("requirements", "functions.txt"):
            return Needs.UP
    return None


def sorted_changes(tree: Path, changed: Iterable[str]) -> dict[Needs, list[Path]]:
    """Changed files, within the tree, by what they need."""
    found: dict[Needs, list[Path]] = {}
    for name in sorted(changed):
        path = Path(name).relative_to(tree)
        if needs := needs_of(path):
            found.setdefault(needs, []).append(path)
    return found


def watching(tree: Path, begun: Event, stop: Event) -> Iterator[dict[Needs, list[Path]]]:
    """The changes of the tree as they are saved, until it is stopped.

    `begun` is set once every change from then on is reported.
    """
    places = [tree / name for name in WATCHED if (tree / name).is_dir()]
    batches = watch(
        *places,
        debounce=AT_MOST,
        step=QUIET,
        rust_timeout=STOPPING,
        stop_event=stop,
        raise_interrupt=False,
        yield_on_timeout=True,
    )
    for batch in batches:
        begun.set()
        if changes := sorted_changes(tree, (name for _, name in batch)):
            yield changes
