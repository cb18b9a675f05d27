"""Frozen forms: what released code has stored or published (tests/frozen), and today's readers of it.

A folder is named after its table, or after what travels or waits elsewhere. No form ever changes: a release
that writes another form adds one. `python -m scripts compatibility` compares them with the base branch's.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from scripts.base.paths import ROOT
from services.adapters.dynamodb.approvals import awaited_verdict, verdict_from_item
from services.adapters.dynamodb.feed import entry_from_item
from services.adapters.dynamodb.statistics import totals_from_item
from services.adapters.dynamodb.stream import write_of
from services.adapters.dynamodb.tasks import record_from_item, task_from_item
from services.adapters.dynamodb.wire import item_from_wire
from services.core.aggregates import AGGREGATES, EVENTS
from services.core.event import Aggregate, Event
from services.core.task import Stored
from services.core.verdicts import Verdict

FOLDER = ROOT / "tests/frozen"
RETIRED = FOLDER / "retired.md"
REMEDY = (
    "Tasks in the table, archived events and messages in flight have these forms. A new field needs a"
    " default; docs/changing-data.md says how a model changes."
)

Json = dict[str, Any]
Reader = Callable[[Json], object]


def event_of(envelope: Json) -> Event:
    """The event in an envelope of EventBridge."""
    return EVENTS[envelope["detail-type"]].model_validate_json(json.dumps(envelope["detail"]))


def _verdict_of(item: Json) -> Verdict | None:
    awaited_verdict({"dynamodb": {"NewImage": item}})
    return verdict_from_item(item)


def _entity_of(aggregate: Aggregate, item: Json) -> Stored:
    return aggregate.model.model_validate(item_from_wire(item), strict=False)


READERS: Mapping[str, Reader] = {
    "tasks": task_from_item,
    "approvals": _verdict_of,
    "idempotency": record_from_item,
    "feed": entry_from_item,
    "statistics": partial(totals_from_item, "ada"),
    "events": event_of,
    "stream": write_of,
    **{one.table: partial(_entity_of, one) for one in AGGREGATES if one.name != "task"},
    "workflow": lambda given: Verdict.model_validate(given["verdict"], strict=False),
}
"""Folder of tests/frozen → today's reader of its forms."""


def forms(kind: str) -> dict[str, Json]:
    """The forms of a folder, by name."""
    files = sorted((FOLDER / kind).glob("*.json"))
    return {file.stem: json.loads(file.read_text("utf-8")) for file in files}


def unreadable(read: Reader, form: Json) -> str | None:
    """Why a reader cannot read a form, with the field; None if it can."""
    try:
        read(form)
    except (ValueError, LookupError, TypeError) as error:
        # Readers of stream records wrap it.
        invalid = error if isinstance(error, ValidationError) else error.__cause__
        if not isinstance(invalid, ValidationError):
            return f"{type(error).__name__}: {error}"
        first = invalid.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, (invalid.title, *first['loc'])))}: {first['msg']}"
    return None


def unread(samples: Mapping[str, tuple[Reader, Json]]) -> Iterator[str]:
    """A line for each reason why forms cannot be read; `samples` has a form and its reader by file name."""
    files_of: dict[str, list[str]] = {}
    for name, (read, form) in samples.items():
        if (reason := unreadable(read, form)) is not None:
            files_of.setdefault(reason, []).append(name)
    for reason, (first, *others) in files_of.items():
        yield f"{reason} (in {first}{f' and {len(others)} more' if others else ''})"


def altered(before: Mapping[str, str]) -> Iterator[str]:
    """A line for each form that is not as it was; `before` has the text of each by its path from ROOT."""
    retired = RETIRED.read_text("utf-8") if RETIRED.exists() else ""
    for name, text in before.items():
        file = ROOT / name
        if file.exists() and file.read_text("utf-8") != text:
            yield f"{name}: changed; restore it, and add another form beside it"
        elif not file.exists() and f"`{file.relative_to(FOLDER)}`" not in retired:
            yield f"{name}: removed, and {RETIRED.relative_to(ROOT)} does not say why"
