"""Changes of docs/asyncapi.json that break those who receive the events."""

from collections.abc import Iterator
from typing import Any

from scripts.documents.contracts import breaking_changes

Json = dict[str, Any]


def broken_channels(old: Json, new: Json) -> Iterator[str]:
    """What a consumer written against the old AsyncAPI document could trip over under the new one."""
    for name, channel in old["channels"].items():
        yield from (f"channel {name}: {change}" for change in _moved(channel, new["channels"].get(name)))
    before, now = old["components"]["messages"], new["components"]["messages"]
    for name in sorted(before.keys() & now.keys()):  # one that is gone is missing in its channel, too
        changes = breaking_changes(_payload(before[name], old), _payload(now[name], new))
        yield from (f"message {name}: {change}" for change in changes)
    for name, operation in old["operations"].items():
        if operation["action"] == "send":
            yield from _unsent(name, operation, new["operations"].get(name))


def _moved(old: Json, new: Json | None) -> Iterator[str]:
    if new is None:
        yield "removed"
        return
    if old["address"] != new["address"]:
        yield f"its address was {old['address']}, is {new['address']}"
    yield from (
        f"no longer carries {message}" for message in old["messages"] if message not in new["messages"]
    )


def _unsent(name: str, old: Json, new: Json | None) -> Iterator[str]:
    now = {message["$ref"] for message in new["messages"]} if new and new["action"] == "send" else set()
    for reference in (message["$ref"] for message in old["messages"]):
        if reference not in now:
            yield f"operation {name}: no longer sends {reference.rpartition('/')[2]}"


def _payload(message: Json, document: Json) -> Json:
    """The JSON Schema of a message, with the document's schemas as its $defs."""
    return {**message["payload"], "$defs": document["components"]["schemas"]}
