"""`make bench-dev`: how long an edit takes until functions behave by it, and an error until it is shown.

A copy of the tree is edited while a loop of `make dev` runs it on the local cloud that is up: through the
API, and by calling functions with what their triggers would pass.
"""

import contextlib
import io
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.base.progress import Steps
from scripts.base.waiting import until
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.target import Target, chosen_target
from scripts.deployments.warming import EMPTY_BATCH
from scripts.operators.dev.command import require_embedded_cloud, session_of, wake
from scripts.operators.dev.loop import looping

GOAL_MS, ERROR_GOAL_MS = 500, 1000
# A good edit after each broken one has to be seen, too.
ERRORS = 20
GIVE_UP_SECONDS = 30.0
POLL_SECONDS = 0.005

GET_TASK = "services/api/get_task.py"
RETURN = "    return not_modified(task) if"
# Kind of function → one of it, in its file.
CALLED = {
    "stream": ("relay", "services/relay/relay.py"),
    "queue": ("on_updated", "services/reactions/on_updated.py"),
    "workflow": ("validate_task", "services/approvals/validate_task.py"),
}


class Bench:
    """Edits of one copied tree, each followed until it is seen; creates a task, which `close` deletes."""

    def __init__(self, target: Target, tree: Path, api: httpx.Client) -> None:
        self._tree = tree
        self._api = api
        self._functions = target.client("lambda")
        self._names = target.outputs["function_names"]
        body = {"title": "edited", "userId": "bench"}
        self._task = api.post("/tasks", json=body).raise_for_status().json()["taskId"]

    def close(self) -> None:
        """Delete the task, if the API still answers."""
        with contextlib.suppress(httpx.HTTPError):  # would take the place of what went wrong
            self._api.delete(f"/tasks/{self._task}")

    def http(self, edit: int) -> float:
        """Milliseconds until the API answers by an edit of get_task."""
        changed = f'    task = task.model_copy(update={{"title": "{edit}"}})\n{RETURN}'
        text = self._original(GET_TASK).replace(RETURN, changed)
        return self._measured(
            GET_TASK, text, lambda: self._api.get(f"/tasks/{self._task}").json()["title"] == str(edit)
        )

    def called(self, kind: str, edit: int) -> float:
        """Milliseconds until a function, called as its trigger calls it, behaves by an edit of its file."""
        function, file = CALLED[kind]
        given = {"taskId": self._task} if kind == "workflow" else EMPTY_BATCH
        text = self._original(file) + f"\n_edited = handler\n\n\ndef handler(event, context):  # {edit}\n"
        text += f"    return [_edited(event, context), {edit}]\n"

        def seen() -> bool:
            answer = self._functions.invoke(
                FunctionName=self._names[function], Qualifier=ALIAS, Payload=json.dumps(given)
            )
            content = json.loads(answer["Payload"].read())
            return isinstance(content, list) and content[1] == edit

        return self._measured(file, text, seen)

    def error(self, shown: io.StringIO, edit: int) -> float:
        """Milliseconds until a syntax error is shown, in a line of its own; the edit is undone."""
        text = self._original(GET_TASK)
        line = text.count("\n") + edit
        place = f"{GET_TASK}:{line}: SyntaxError"
        took = self._measured(GET_TASK, text + "\n" * (edit - 1) + "(\n", lambda: place in shown.getvalue())
        mark = len(shown.getvalue())
        self._measured(GET_TASK, text, lambda: "is live at the next call" in shown.getvalue()[mark:])
        return took

    def _measured(self, file: str, text: str, seen: Callable[[], bool]) -> float:
        started = time.perf_counter()
        (self._tree / file).write_text(text, encoding="utf-8")
        if not until(seen, seconds=GIVE_UP_SECONDS, poll=POLL_SECONDS):
            raise Failure(f"an edit of {file} had no effect within {GIVE_UP_SECONDS:.0f} s")
        return (time.perf_counter() - started) * 1000

    def _original(self, file: str) -> str:
        return (ROOT / file).read_text(encoding="utf-8")


def bench_dev(edits: int = 100) -> int:
    """`make bench-dev`: measure and print; 1 if a goal is missed."""
    require_embedded_cloud()
    steps, target = Steps(), chosen_target()
    taken: dict[str, list[float]] = {}
    with (
        _copied_tree() as tree,
        looping(session_of(target, tree, WORK_FOLDER / "embedded-cloud", {}), target) as shown,
        _api(target) as api,
    ):
        wake(target)
        with contextlib.closing(Bench(target, tree, api)) as bench:
            kinds: dict[str, Callable[[int], float]] = {"HTTP": bench.http}
            kinds |= {kind: partial(bench.called, kind) for kind in CALLED}
            for kind, edited in kinds.items():
                with steps.step(f"{edits} edits: {kind}"):
                    edited(0)  # starts the process
                    taken[kind] = [edited(edit) for edit in range(1, edits + 1)]
            with steps.step(f"{ERRORS} errors"):
                errors = [bench.error(shown, edit) for edit in range(1, ERRORS + 1)]
    rows = {f"save → behaviour, {kind}": (found, GOAL_MS) for kind, found in taken.items()}
    return report(rows | {"save → error shown": (errors, ERROR_GOAL_MS)})


def report(rows: Mapping[str, tuple[list[float], float]]) -> int:
    """Print the figures of each row, which has its goal for p95; 1 if one is missed."""
    table = Table("", "edits", "p50", "p95", "slowest", "goal: p95", box=None, padding=(0, 3, 0, 0))
    missed = []
    for name, (found, goal) in rows.items():
        p95 = percentile(found, 95)
        figures = (percentile(found, 50), p95, max(found), goal)
        table.add_row(name, str(len(found)), *(f"{figure:.0f} ms" for figure in figures))
        missed += [name] if p95 > goal else []
    console = Console(highlight=False)
    console.print(table)
    for name in missed:
        console.print(f"missed: {name}")
    return 1 if missed else 0


def percentile(found: list[float], of_hundred: int) -> float:
    """So many of a hundred measurements are not above it."""
    if len(found) == 1:
        return found[0]
    return statistics.quantiles(found, n=100, method="inclusive")[of_hundred - 1]


@contextlib.contextmanager
def _copied_tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "services", Path(name) / "services", ignore=ignored)
        yield Path(name).resolve()


def _api(target: Target) -> httpx.Client:
    return http_client(str(target.outputs["api_url"]))
