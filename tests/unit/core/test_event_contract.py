"""docs/events is up to date with the models, and breaking changes are found."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from scripts.documents.contracts import breaking_changes, event_samples, event_schema
from services.core.aggregates import EVENTS
from services.core.event import Write
from services.core.events import events_of
from tests.harness.lives import LIVES

FOLDER = Path("docs/events")

Schema = dict[str, Any]


def committed(name: str, kind: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.{kind}.json").read_text(encoding="utf-8")))


def test_there_is_a_schema_and_a_sample_of_each_event_and_nothing_else() -> None:
    expected = {f"{name}.{kind}.json" for name in EVENTS for kind in ("schema", "sample")}
    assert {file.name for file in FOLDER.glob("*.json")} == expected


@pytest.mark.parametrize("name", EVENTS)
class TestEvent:
    def test_the_committed_files_are_up_to_date(self, name: str) -> None:
        assert committed(name, "schema") == event_schema(name), "run: make openapi"
        assert committed(name, "sample") == json.loads(event_samples()[name].as_json()), "run: make openapi"

    def test_the_schema_is_valid_and_the_sample_fits_it(self, name: str) -> None:
        Draft202012Validator.check_schema(committed(name, "schema"))
        Draft202012Validator(committed(name, "schema")).validate(committed(name, "sample"))

    def test_the_reader_reads_the_sample(self, name: str) -> None:
        sample = committed(name, "sample")
        assert json.loads(EVENTS[name].model_validate_json(json.dumps(sample)).as_json()) == sample

    def test_a_reader_ignores_fields_of_a_newer_version(self, name: str) -> None:
        sample = committed(name, "sample")
        newer = copy.deepcopy(sample) | {"added": {"deep": [1]}}
        newer[EVENTS[name].entity] |= {"colour": "red"}
        newer["changes"] |= {"colour": {"old": None, "new": "red", "why": "taste"}}

        read = json.loads(EVENTS[name].model_validate_json(json.dumps(newer)).as_json())

        assert read == sample | {"changes": sample["changes"] | {"colour": {"old": None, "new": "red"}}}

    @pytest.mark.parametrize("field", ["schemaVersion", "eventId", "occurredAt", "{}Id", "version", "{}"])
    def test_a_reader_refuses_an_event_without_a_required_field(self, name: str, field: str) -> None:
        sample, field = committed(name, "sample"), field.format(EVENTS[name].entity)
        del sample[field]

        assert not Draft202012Validator(committed(name, "schema")).is_valid(sample)
        with pytest.raises(ValueError, match=field):
            EVENTS[name].model_validate_json(json.dumps(sample))


@given(LIVES)
def test_every_event_fits_its_schema(life: list[Write]) -> None:
    for write in life:
        for event in events_of(write):
            VALIDATORS[event.detail_type].validate(json.loads(event.as_json()))


VALIDATORS = {name: Draft202012Validator(event_schema(name)) for name in EVENTS}


# --- changes of a schema that break its consumers


def breaks(change: Callable[[Schema], object]) -> list[str]:
    """The breaking changes that are found in the published schema after `change`."""
    published = event_schema("TaskUpdated")
    changed = copy.deepcopy(published)
    change(changed)
    return list(breaking_changes(published, changed))


def task_of(schema: Schema) -> Schema:
    return dict(schema["$defs"]["Task"])


def removed(schema: Schema) -> None:
    del schema["properties"]["userId"]


def removed_inside(schema: Schema) -> None:
    del task_of(schema)["properties"]["tags"]


def another_type(schema: Schema) -> None:
    schema["properties"]["version"]["type"] = "string"


def another_type_of_elements(schema: Schema) -> None:
    task_of(schema)["properties"]["tags"]["items"]["type"] = "integer"


def no_type(schema: Schema) -> None:
    del schema["properties"]["eventId"]["type"]


def maybe_null(schema: Schema) -> None:
    schema["properties"]["userId"] = {"anyOf": [schema["properties"]["userId"], {"type": "null"}]}


def another_format(schema: Schema) -> None:
    schema["properties"]["occurredAt"]["pattern"] = "^[0-9]+$"


def another_schema_version(schema: Schema) -> None:
    schema["properties"]["schemaVersion"]["const"] = "2.0"


def a_value_more(schema: Schema) -> None:
    schema["$defs"]["Status"]["enum"].append("archived")


def any_value(schema: Schema) -> None:
    del schema["$defs"]["Status"]["enum"]


def not_always(schema: Schema) -> None:
    schema["required"].remove("correlationId")


def not_always_inside(schema: Schema) -> None:
    task_of(schema)["required"].remove("title")


def changes_of_another_form(schema: Schema) -> None:
    schema["properties"]["changes"]["additionalProperties"] = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (removed, "detail.userId"),
        (removed_inside, "detail.task.tags"),
        (another_type, "detail.version"),
        (another_type_of_elements, "detail.task.tags[]"),
        (no_type, "detail.eventId"),
        (maybe_null, "detail.userId"),
        (another_format, "detail.occurredAt"),
        (another_schema_version, "detail.schemaVersion"),
        (a_value_more, "detail.status"),
        (any_value, "detail.status"),
        (not_always, "detail: "),
        (not_always_inside, "detail.task: "),
        (changes_of_another_form, "detail.changes[]"),
    ],
)
def test_a_change_that_breaks_consumers_is_found(change: Callable[[Schema], None], place: str) -> None:
    found = breaks(change)
    assert found
    assert found[0].startswith(place)


def optional_field(schema: Schema) -> None:
    schema["properties"]["colour"] = {"type": "string"}
    task_of(schema)["properties"]["colour"] = {"type": "string"}


def required_field(schema: Schema) -> None:
    optional_field(schema)
    schema["required"].append("colour")


def a_value_less(schema: Schema) -> None:
    schema["$defs"]["Priority"]["enum"].remove("low")


def always_there(schema: Schema) -> None:
    task_of(schema)["required"].append("approval")


def other_words(schema: Schema) -> None:
    schema["description"] = schema["properties"]["version"]["title"] = "said better"


@pytest.mark.parametrize("change", [optional_field, required_field, a_value_less, always_there, other_words])
def test_a_compatible_change_is_not_breaking(change: Callable[[Schema], None]) -> None:
    """Events of the new schema hold everything that the old one requires."""
    assert breaks(change) == []
