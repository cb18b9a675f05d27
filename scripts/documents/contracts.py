"""Writes docs/openapi.json and docs/events from the models: `make openapi`.

A published event schema is a promise: what would break an old consumer is refused here, and by the
tests, for as long as the schema version stays.
"""

import json
from collections.abc import Iterator
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.documents.lives import LIVES
from services.core.aggregates import AGGREGATES, EVENTS
from services.core.event import Aggregate, Event, event_id

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


def event_samples() -> dict[str, Event]:
    """One event of each type; of a type that no life leads to, as a write of another type would give it."""
    published = published_samples()
    return {
        kind.detail_type: published.get(kind.detail_type) or _of_another_kind(aggregate, kind)
        for aggregate in AGGREGATES
        for kind in aggregate.events
    }


def _of_another_kind(aggregate: Aggregate, kind: type[Event]) -> Event:
    published = published_samples()
    known = [each for each in aggregate.events if each.detail_type in published and not each.is_removal]
    event = published[known[-1].detail_type]
    own_id = event_id(event.entity_id, event.version, kind.detail_type)
    return kind.model_validate(dict(event) | {"event_id": own_id})


def published_samples() -> dict[str, Event]:
    """Events out of the lives of the aggregates, by their type."""
    return {
        event.detail_type: event
        for aggregate in AGGREGATES
        for write in LIVES[aggregate.name]()
        for event in aggregate.events_of(write)
    }


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
    described = _render(document(authenticates=True))
    changed = not OPENAPI.exists() or OPENAPI.read_text(encoding="utf-8") != described
    OPENAPI.write_text(described, encoding="utf-8")
    next_step = "; next: make clients" if changed else ""
    print(f"wrote docs/openapi.json and {2 * len(EVENTS)} files in docs/events{next_step}")
