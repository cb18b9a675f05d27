"""`make docs`: the maps of the system in README.md and docs/architecture.md."""

from collections.abc import Mapping

from scripts.base.paths import ROOT
from scripts.documents.mermaid import flowchart
from scripts.documents.system import BUS, WORKFLOW, Edge, Kind, Node, edges, nodes

README = ROOT / "README.md"
DOCUMENT = ROOT / "docs/architecture.md"

# Kinds of which the overview shows one node for all, under this name.
_GROUPS: Mapping[Kind, str] = {
    Kind.ENDPOINT: "endpoints",
    Kind.TABLE: "other tables",
    Kind.QUEUE: "queues",
    Kind.REACTION: "reactions",
    Kind.STEP: "approval steps",
}


def overview() -> str:
    """The whole system without what is read: functions, queues and tables of a kind share a node."""
    drawn = [edge for edge in edges() if not edge.aside]
    groups = {
        kind: Node(kind, name, tuple(node.name for node in nodes(drawn) if node.kind is kind))
        for kind, name in _GROUPS.items()
    }

    def grouped(node: Node) -> Node:
        return groups.get(node.kind, node)

    return flowchart(
        (
            # Routes and types of events are too many for an arrow between groups.
            Edge(grouped(edge.source), grouped(edge.target), "" if _joined(edge) else edge.label)
            for edge in drawn
        ),
        "TB",
    )


def _joined(edge: Edge) -> bool:
    return bool({edge.source.kind, edge.target.kind} & set(_GROUPS))


def requests() -> str:
    """Each endpoint, with the tables that it reads and writes."""
    return flowchart((edge for edge in edges() if Kind.ENDPOINT in _kinds(edge)), "LR")


def events() -> str:
    """From a write to the reactions, and what these do."""
    parts = {Kind.QUEUE, Kind.REACTION, Kind.BUS}
    relays = {edge.source for edge in edges() if edge.target == BUS}
    return flowchart(
        (edge for edge in edges() if parts & _kinds(edge) or relays & {edge.source, edge.target}), "LR"
    )


def approval() -> str:
    """What starts the approval workflow, its steps, what they do, and what resumes it."""
    with_workflow = [edge for edge in edges() if WORKFLOW in (edge.source, edge.target)]
    parts = {node for node in nodes(with_workflow) if node.kind in (Kind.STEP, Kind.STREAM_READER)}
    streams = [edge.source for edge in edges() if edge.target in parts and edge.label == "stream"]
    decisions = [edge for edge in edges() if edge.target in streams and not edge.aside]
    steps = [edge for edge in edges() if parts & {edge.source, edge.target}]
    return flowchart([*with_workflow, *decisions, *steps], "LR")


def _kinds(edge: Edge) -> set[Kind]:
    return {edge.source.kind, edge.target.kind}


TABLES = {"overview": overview, "requests": requests, "events": events, "approval": approval}
"""What docs/architecture.md shows."""

README_TABLES = {"overview": overview}
"""What README.md shows."""
