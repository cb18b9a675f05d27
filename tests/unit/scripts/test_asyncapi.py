"""docs/asyncapi.json is up to date and true of the function map, and its breaking changes are found."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scripts.documents.asyncapi import ASYNCAPI, document
from scripts.documents.channels import broken_channels
from services.core.aggregates import EVENTS
from services.reactions.consumer import reader
from tests.harness.function_map import by_trigger

Json = dict[str, Any]
DOCUMENT = document()


def validator(kind: str) -> Draft202012Validator:
    payload = DOCUMENT["components"]["messages"][kind]["payload"]
    return Draft202012Validator(payload | {"components": DOCUMENT["components"]})


def sample(kind: str) -> Json:
    (example,) = DOCUMENT["components"]["messages"][kind]["examples"]
    return dict(example["payload"])


def test_the_committed_document_is_up_to_date() -> None:
    assert json.loads(ASYNCAPI.read_text(encoding="utf-8")) == DOCUMENT, "run: make openapi"


def test_the_relay_publishes_every_event_to_the_bus() -> None:
    (sent,) = [name for name, operation in DOCUMENT["operations"].items() if operation["action"] == "send"]

    assert sent == "relay"
    assert DOCUMENT["operations"][sent]["channel"] == {"$ref": "#/channels/bus"}
    assert set(DOCUMENT["channels"]["bus"]["messages"]) == set(EVENTS)


def test_each_reaction_receives_its_events_from_its_queue() -> None:
    received = {
        name: (operation["channel"]["$ref"], [message["$ref"] for message in operation["messages"]])
        for name, operation in DOCUMENT["operations"].items()
        if operation["action"] == "receive"
    }

    assert received == {
        name: (
            f"#/channels/{trigger['queue']}",
            [f"#/channels/{trigger['queue']}/messages/{kind}" for kind in trigger["detail_types"]],
        )
        for name, trigger in ((name, entry["trigger"]) for name, entry in by_trigger("queue").items())
    }


@pytest.mark.parametrize("kind", EVENTS)
def test_the_sample_of_a_message_fits_its_schema_and_can_be_read(kind: str) -> None:
    validator(kind).validate(sample(kind))

    event = reader(EVENTS[kind])(json.dumps(sample(kind)))

    assert json.loads(event.as_json()) == sample(kind)["detail"]


@pytest.mark.parametrize("part", ["source", "detail-type", "detail"])
def test_a_message_without_a_part_of_the_envelope_does_not_fit(part: str) -> None:
    message = sample("TaskCreated")
    del message[part]

    assert not validator("TaskCreated").is_valid(message)


def remove_channel(changed: Json) -> None:
    del changed["channels"]["created"]


def rename_channel(changed: Json) -> None:
    changed["channels"]["bus"]["address"] = "elsewhere"


def remove_message(changed: Json) -> None:
    del changed["channels"]["deleted"]["messages"]["TaskExpired"]


def remove_event(changed: Json) -> None:
    for channel in changed["channels"].values():
        channel["messages"].pop("TaskExpired", None)
    del changed["components"]["messages"]["TaskExpired"]
    del changed["components"]["schemas"]["TaskExpired"]


def remove_field(changed: Json) -> None:
    del changed["components"]["schemas"]["Task"]["properties"]["title"]


def another_source(changed: Json) -> None:
    changed["components"]["messages"]["TaskCreated"]["payload"]["properties"]["source"]["const"] = "other"


def send_less(changed: Json) -> None:
    del changed["operations"]["relay"]["messages"][0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (remove_channel, "channel created: removed"),
        (rename_channel, "channel bus: its address was {project}-{environment}-events, is elsewhere"),
        (remove_message, "channel deleted: no longer carries TaskExpired"),
        (remove_event, "channel bus: no longer carries TaskExpired"),
        (remove_field, "message TaskCreated: detail.detail.task.title: removed"),
        (another_source, "message TaskCreated: detail.source: const was task-manager, is other"),
        (send_less, "operation relay: no longer sends TaskCreated"),
    ],
)
def test_a_breaking_change_is_reported(change: Callable[[Json], None], told: str) -> None:
    changed = copy.deepcopy(DOCUMENT)
    change(changed)

    assert told in list(broken_channels(DOCUMENT, changed))


def test_additions_break_nothing() -> None:
    changed = copy.deepcopy(DOCUMENT)
    changed["channels"]["reports"] = changed["channels"]["feed"]
    changed["operations"]["report"] = changed["operations"]["record_event"]
    changed["components"]["schemas"]["Task"]["properties"]["colour"] = {"type": "string"}
    del changed["operations"]["on_created"]

    assert list(broken_channels(DOCUMENT, changed)) == []
