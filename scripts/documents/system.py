"""The system as a graph: what calls, writes and reads what, from services/functions.json and Terraform."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from scripts.base.failure import Failure
from scripts.base.functions import (
    Function,
    HttpTrigger,
    QueueTrigger,
    StreamTrigger,
    WorkflowTrigger,
    function_map,
)
from scripts.base.paths import INFRA
from scripts.terraform.hcl import parsed
from services.core.aggregates import EVENTS


class Kind(StrEnum):
    """What a node is; it decides on its shape, and on its group where a map shows groups."""

    CLIENT = "client"
    GATEWAY = "gateway"
    ENDPOINT = "endpoint"
    TABLE = "table"
    STREAMED_TABLE = "streamed table"
    STREAM_READER = "stream reader"
    BUS = "bus"
    ARCHIVE = "archive"
    QUEUE = "queue"
    REACTION = "reaction"
    WORKFLOW = "workflow"
    STEP = "step"
    TOPIC = "topic"
    BUCKET = "bucket"
    DEAD_LETTERS = "dead letters"


@dataclass(frozen=True)
class Node:
    """A part of the system, or a group of parts. No two have the same name and kind."""

    kind: Kind
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """Something that goes from one node to another. `aside` is a read, or a way for what failed."""

    source: Node
    target: Node
    label: str = ""
    aside: bool = False


CLIENT = Node(Kind.CLIENT, "client")
GATEWAY = Node(Kind.GATEWAY, "API Gateway")
BUS = Node(Kind.BUS, "event bus")
ARCHIVE = Node(Kind.ARCHIVE, "archive of events")
WORKFLOW = Node(Kind.WORKFLOW, "approval workflow")
NOTIFICATIONS = Node(Kind.TOPIC, "notifications")
BUCKET = Node(Kind.BUCKET, "archive bucket")
DEAD_LETTERS = Node(Kind.DEAD_LETTERS, "dead letters of the relay")

# What rights are on, by the map's name, where it is no table.
_PLACES: Mapping[str, Node] = {
    "event_bus": BUS,
    "notifications_topic": NOTIFICATIONS,
    "approval_state_machine": WORKFLOW,
    "any_waiting_execution": WORKFLOW,
    "archive_bucket_tasks": BUCKET,
    "archive_bucket_parked": BUCKET,
    "relay_dead_letter_queue": DEAD_LETTERS,
}
_FOR_FAILURES = frozenset({"relay_dead_letter_queue", "archive_bucket_parked"})
_READS = frozenset({"dynamodb:GetItem", "dynamodb:Query"})


@cache
def tables() -> Mapping[str, Node]:
    """Every table of infra/tables.tf, by its name."""
    declared = next(local for local in _terraform("tables.tf")["locals"] if "tables" in local)["tables"]
    kinds = {True: Kind.STREAMED_TABLE, False: Kind.TABLE}
    return {name: Node(kinds[table["streamed"]], name) for name, table in declared.items()}


@cache
def edges() -> tuple[Edge, ...]:
    """Every edge, in the order of the function map."""
    found = [Edge(CLIENT, GATEWAY, "HTTP")]
    for name, function in function_map().items():
        found += [*_trigger(name, function), *_rights(name, function)]
    if any("aws_cloudwatch_event_archive" in resource for resource in _terraform("events.tf")["resource"]):
        found.append(Edge(BUS, ARCHIVE))
    return tuple(dict.fromkeys(found))


def function_node(name: str, function: Function) -> Node:
    """The node of a function, whose kind follows from its trigger."""
    kinds = {
        HttpTrigger: Kind.ENDPOINT,
        QueueTrigger: Kind.REACTION,
        StreamTrigger: Kind.STREAM_READER,
        WorkflowTrigger: Kind.STEP,
    }
    return Node(kinds[type(function.trigger)], name)


def _trigger(name: str, function: Function) -> Iterator[Edge]:
    node = function_node(name, function)
    match function.trigger:
        case HttpTrigger(routes):
            yield from (Edge(GATEWAY, node, route) for route in routes)
        case StreamTrigger(streamed):
            yield from (Edge(tables()[table], node, "stream") for table in streamed)
        case QueueTrigger(queue, detail_types):
            every = set(detail_types) == set(EVENTS)
            yield Edge(BUS, Node(Kind.QUEUE, queue), "every event" if every else ", ".join(detail_types))
            yield Edge(Node(Kind.QUEUE, queue), node)
        case WorkflowTrigger():
            yield Edge(WORKFLOW, node)


def _rights(name: str, function: Function) -> Iterator[Edge]:
    node = function_node(name, function)
    actions: dict[str, set[str]] = {}
    for right in function.rights:
        for on in right.on:
            actions.setdefault(on, set()).update(right.actions)
    writes = {_place(on) for on, granted in actions.items() if not granted <= _READS}
    for on, granted in actions.items():
        place = _place(on)
        if not granted <= _READS:
            yield Edge(node, place, aside=on in _FOR_FAILURES)
        elif place not in writes:
            yield Edge(place, node, aside=True)


def _place(on: str) -> Node:
    for name, table in tables().items():
        if on == f"{name}_table" or (on.startswith(f"{name}_by_") and on.endswith("_index")):
            return table
    if on not in _PLACES:
        raise Failure(f"{on} has no place on the map of the system: add it in scripts/documents/system.py")
    return _PLACES[on]


def nodes(shown: Iterable[Edge]) -> tuple[Node, ...]:
    """The nodes of edges, each once."""
    return tuple(dict.fromkeys(node for edge in shown for node in (edge.source, edge.target)))


@cache
def _terraform(file: str) -> dict[str, Any]:
    return parsed((INFRA / file).read_text(encoding="utf-8"))
