"""Records what the emulator's IAM decides, for `make rights`: who may, or may not, take which action on what.

ministack's `enforce` decides on every call. Recorded are the functions' own calls: others that assume a
function's role, such as tests that try every right, would fill the record.

Each decision is one line of a file, written when it is first made: the file is short, and whole even if the
emulator is killed. Half a line, as a full disk leaves it, spoils no other. Removing the file begins a new
record, also while the emulator runs.

The recording part runs in the emulator's own environment: nothing but the standard library is imported.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "decisions.jsonl"
# All functions make some 50; a record that would grow beyond this lacks what comes later.
MOST = 5_000
ALLOWED = "Allow"


@dataclass(frozen=True)
class Decision:
    """One answer of IAM. Objects in a folder of a bucket are one resource, `arn:aws:s3:::bucket/folder/*`."""

    principal: str
    action: str
    resource: str
    decision: str

    @property
    def allowed(self) -> bool:
        """Whether the call was permitted; else by an explicit `Deny` or for want of an `Allow`."""
        return self.decision == ALLOWED


class Record:
    """The decisions made so far, each once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen = set(read(path))

    def add(self, decision: Decision) -> None:
        """Append a decision to the file, unless it is there; one that cannot be written comes next time."""
        with self._lock:
            if not self._path.exists():
                self._seen.clear()
            if decision in self._seen or len(self._seen) >= MOST:
                return
            # A line begins anew, whatever stands before it.
            with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
                file.write("\n" + json.dumps(asdict(decision)))
                file.flush()
                self._seen.add(decision)


def read(path: Path) -> Iterator[Decision]:
    """The decisions on record; none if there is no record."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError, TypeError):  # half a line, or none
                yield Decision(**json.loads(line))


def record_decisions(iam: Any, folder: Path) -> None:
    """Wrap the emulator's evaluator so that it adds what it decides to the record in that folder."""
    record, made = Record(folder / FILE), threading.local()
    enforce, evaluate = iam.enforce, iam.evaluate

    def evaluate_and_keep(context: Any, *arguments: Any) -> Any:
        made.context = context
        return evaluate(context, *arguments)

    def enforce_and_record(*arguments: Any, **options: Any) -> Any:
        made.context = None
        refused = enforce(*arguments, **options)
        context = made.context
        if context is not None and _is_function(context.principal_arn):
            answer = ALLOWED if refused is None else refused.decision
            resource = _by_folder(context.resource_arn)
            record.add(Decision(context.principal_arn, context.action, resource, answer))
        return refused

    iam.evaluate, iam.enforce = evaluate_and_keep, enforce_and_record


def _is_function(principal: str) -> bool:
    """Whether Lambda made the session: it bears the function's name, with which that of its role begins."""
    kind, _, names = principal.partition("/")
    role, _, session = names.rpartition("/")
    return kind.endswith(":assumed-role") and role.startswith(session)


def _by_folder(resource: str) -> str:
    """An ARN, in which `*` stands for what follows the folder of a bucket."""
    if resource.startswith("arn:aws:s3:::") and resource.count("/") > 1:
        return "/".join([*resource.split("/", 2)[:2], "*"])
    return resource
