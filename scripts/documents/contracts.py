"""Writes docs/openapi.json and docs/events from the models: `make openapi`.

A published event schema is a promise: what would break an old consumer is refused here, and by the
tests, for as long as the schema version stays.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from services.core.events import EVENTS, TaskEvent, Write, event_id, events_of
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Approval, NewTask, Task, begin, decide, next_version

DOCS = ROOT / "docs"
OPENAPI = DOCS / "openapi.json"
EVENT_DOCS = DOCS / "events"
SCHEMA = "{name}.schema.json"
SAMPLE = "{name}.sample.json"

Schema = dict[str, Any]


def event_schema(name: str) -> Schema:
    """The JSON Schema of an event's detail, as consumers may rely on it."""
    schema = EVENTS[name].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}/1.0"} | schema


def event_samples() -> dict[str, TaskEvent]:
    """One event of each type; of a type that no write below gives, as the last change would give it."""
    published = published_samples()
    last = published["TaskCompleted"]
    return {name: published.get(name) or of_another_kind(last, kind) for name, kind in EVENTS.items()}


def of_another_kind(event: TaskEvent, kind: type[TaskEvent]) -> TaskEvent:
    """The event of this kind that the same write gives."""
    own_id = event_id(event.task_id, event.version, kind.detail_type)
    return kind.model_validate(dict(event) | {"event_id": own_id})


def published_samples() -> dict[str, TaskEvent]:
    """Events out of the life of two tasks, by their type."""
    noon = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    task_id = "0198c1d2-7b3e-7a1f-8c2d-1234567890ab"
    new = NewTask(title="Renew the certificate", user_id="ada", priority=Priority.HIGH, tags=("ops",))
    created = begin(new, task_id, noon)
    decided_at = timestamp(noon.replace(minute=5))
    yes = Approval(
        decision="approve",
        approver="grace",
        reason="It expires on Monday.",
        decided_at=decided_at,
        task_version=created.version,
    )
    no = Approval(decision="reject", approver="timeout", decided_at=decided_at, task_version=created.version)
    approved = decide(created, yes, noon.replace(minute=5))
    rejected = decide(created, no, noon.replace(minute=5))
    completed = next_version(approved, noon.replace(hour=15), status=Status.COMPLETED)
    writes = [
        _write(None, created),
        _write(created, rejected),
        _write(created, approved),
        _write(approved, completed),
        _write(completed, None),
        Write(completed, None, "4f6c1d", timestamp(noon.replace(month=5, day=1)), expired=True),
    ]
    return {event.detail_type: event for write in writes for event in events_of(write)}


def _write(old: Task | None, new: Task | None) -> Write:
    task = new or old
    assert task is not None  # noqa: S101 - every write above has a task
    return Write(old, new, "4f6c1d", task.updated_at)


def breaking_changes(old: Schema, new: Schema) -> Iterator[str]:
    """What in `new` could break a consumer that was written against `old`: events under `new` must have
    what `old` promised, in the same form.
    """
    yield from _compare(old, new, old.get("$defs", {}), new.get("$defs", {}), "detail")


def _compare(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, place: str) -> Iterator[str]:
    if _may_be_null(new) and not _may_be_null(old):
        yield f"{place}: may be null now"
    old, new = _resolved(old, old_defs), _resolved(new, new_defs)
    yield from (f"{place}: {lost}" for lost in _lost_rules(old, new))
    for name, property_ in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{place}.{name}: removed"
        else:
            yield from _compare(property_, new["properties"][name], old_defs, new_defs, f"{place}.{name}")
    for part in ("items", "additionalProperties"):
        if isinstance(old.get(part), dict):
            yield from _compare(old[part], new.get(part) or {}, old_defs, new_defs, f"{place}[]")


def _lost_rules(old: Schema, new: Schema) -> Iterator[str]:
    for rule in ("type", "const", "pattern", "format"):
        if rule in old and old[rule] != new.get(rule):
            yield f"{rule} was {old[rule]}, is {new.get(rule)}"
    if "enum" in old and "enum" not in new:
        yield "any value"
    elif "enum" in old and (added := set(new["enum"]) - set(old["enum"])):
        yield f"new values {sorted(added)}"
    if lost := set(old.get("required", [])) - set(new.get("required", [])):
        yield f"no longer required: {sorted(lost)}"


def _may_be_null(schema: Schema) -> bool:
    return any(option.get("type") == "null" for option in schema.get("anyOf", []))


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0], definitions)
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return schema


def _render(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """`make openapi`: write all documents; a Failure if a published promise would be broken."""
    from services.api.openapi import document  # its examples are made of the models, which may be broken here

    EVENT_DOCS.mkdir(parents=True, exist_ok=True)
    for name in EVENTS:
        published = EVENT_DOCS / SCHEMA.format(name=name)
        if published.exists():
            broken = list(breaking_changes(json.loads(published.read_text("utf-8")), event_schema(name)))
            if broken:
                raise Failure(f"{name}: this breaks consumers of schema 1.0; {'; '.join(broken)}")
    for name, sample in event_samples().items():
        (EVENT_DOCS / SCHEMA.format(name=name)).write_text(_render(event_schema(name)), encoding="utf-8")
        (EVENT_DOCS / SAMPLE.format(name=name)).write_text(
            _render(json.loads(sample.as_json())), encoding="utf-8"
        )
    OPENAPI.write_text(_render(document(authenticates=True)), encoding="utf-8")
    print(f"wrote docs/openapi.json and {2 * len(EVENTS)} files in docs/events")
