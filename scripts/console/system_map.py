"""The map of the system with what goes over it, and what is known of one function."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from scripts.base.failure import Failure
from scripts.base.functions import Function, function_map
from scripts.base.paths import ROOT
from scripts.console.rows import failed, row_of
from scripts.console.subject import Subject
from scripts.console.traffic import MOST_LINES, WINDOW, Flow, failures, flows, text_of
from scripts.deployments.aws.versions import ALIAS
from scripts.documents.system import BUS, CLIENT, DEAD_LETTERS, Kind, Node, edges, nodes
from scripts.operators.rights.show import local_uses, table
from scripts.operators.rights.uses import OF_TESTS, load
from scripts.operators.status import queue_depths

Json = dict[str, Any]
# From left to right, as events go.
COLUMNS = (
    (Kind.GATEWAY,),
    (Kind.ENDPOINT,),
    (Kind.STREAMED_TABLE, Kind.TABLE),
    (Kind.STREAM_READER,),
    (Kind.BUS, Kind.DEAD_LETTERS),
    (Kind.QUEUE, Kind.ARCHIVE),
    (Kind.REACTION,),
    (Kind.WORKFLOW, Kind.TOPIC, Kind.BUCKET),
    (Kind.STEP,),
)
FUNCTIONS = (Kind.ENDPOINT, Kind.STREAM_READER, Kind.REACTION, Kind.STEP)
LAST_CALLS = 30


def shown(subject: Subject) -> Json:
    """The nodes and arrows, with what went over them in the last minutes and what waits in queues now."""
    lines = subject.index.newest(MOST_LINES)
    traffic, failed_calls = flows(lines), failures(lines)
    depths = queue_depths(subject.target, subject.target.outputs["queue_urls"])
    dead = queue_depths(subject.target, subject.target.outputs["dead_letter_queue_urls"])
    drawn = [edge for edge in edges() if edge.source != CLIENT]
    return {
        "minutes": round(WINDOW.total_seconds() / 60),
        "nodes": _placed(nodes(drawn), failed_calls, depths, dead),
        "arrows": [
            {
                "source": _id(edge.source),
                "target": _id(edge.target),
                "label": text_of(traffic.get((edge.source, edge.target), Flow())),
                "about": edge.label,
                "aside": edge.aside,
            }
            for edge in {(edge.source, edge.target): edge for edge in drawn}.values()
        ],
    }


def function(subject: Subject, name: str) -> Json:
    """One function: what it is, may do, is set to, did lately, and its source. Raises Failure."""
    entry = function_map().get(name)
    if entry is None:
        raise Failure(f"there is no function {name}")
    lines = [one for one in subject.index.newest(MOST_LINES) if one[1].function == name][::-1]
    source = ROOT / f"{entry.handler.rpartition('.')[0].replace('.', '/')}.py"
    return {
        "name": name,
        "description": entry.description,
        "trigger": _trigger(entry),
        "calls": [row_of(*one) for one in lines[:LAST_CALLS]],
        "errors": [row_of(*one) for one in lines if failed(one[1])][:LAST_CALLS],
        "rights": _rights(subject, name, entry),
        "settings": _settings(subject, name),
        "path": str(source.relative_to(ROOT)),
        "source": source.read_text(encoding="utf-8") if source.is_file() else "",
    }


def _placed(
    all_nodes: tuple[Node, ...],
    failed_calls: Mapping[str, int],
    depths: Mapping[str, int],
    dead: Mapping[str, int],
) -> list[Json]:
    rows: dict[int, int] = defaultdict(int)
    placed = []
    for node in sorted(all_nodes, key=lambda node: _column(node)[1]):
        column, _ = _column(node)
        placed.append(
            {
                "id": _id(node),
                "name": "dead letters" if node == DEAD_LETTERS else node.name,
                "type": node.kind.value,
                "about": f"{node.kind} {node.name}",
                "function": node.name if node.kind in FUNCTIONS else None,
                "note": _note(node, failed_calls, depths, dead),
                "bad": bool(failed_calls.get(node.name) if node.kind in FUNCTIONS else _dead(node, dead)),
                "column": column,
                "row": rows[column],
            }
        )
        rows[column] += 1
    return placed


def _note(
    node: Node, failed_calls: Mapping[str, int], depths: Mapping[str, int], dead: Mapping[str, int]
) -> str:
    if node.kind in FUNCTIONS:
        count = failed_calls.get(node.name, 0)
        return f"{count} failed" if count else ""
    waiting = depths.get(node.name, 0) if node.kind is Kind.QUEUE else 0
    given_up = _dead(node, dead)
    parts = [f"{waiting} waiting" if waiting else "", f"{given_up} dead" if given_up else ""]
    return ", ".join(filter(None, parts))


def _dead(node: Node, dead: Mapping[str, int]) -> int:
    """Dead letters of a queue, or of the relay."""
    if node == DEAD_LETTERS:
        return dead.get("relay", 0)
    return dead.get(node.name, 0) if node.kind is Kind.QUEUE else 0


def _column(node: Node) -> tuple[int, int]:
    """A node's column, and its place among the kinds of it."""
    for column, kinds in enumerate(COLUMNS):
        if node.kind in kinds:
            # The bus stands beside the relay, at the top.
            return column, kinds.index(node.kind) if node != BUS else 0
    raise Failure(f"the kind {node.kind} has no column on the map: add it in scripts/console/system_map.py")


def _id(node: Node) -> str:
    return f"{node.kind}:{node.name}"


def _trigger(entry: Function) -> str:
    values = vars(entry.trigger)
    parts = [", ".join(value) if not isinstance(value, str) else value for value in values.values()]
    kind = type(entry.trigger).__name__.removesuffix("Trigger").lower()
    return f"{kind}: {'; '.join(parts)}" if parts else kind


def _rights(subject: Subject, name: str, entry: Function) -> list[Json]:
    """What the function may do and did; what was used is on record for the embedded cloud alone."""
    seen = [*local_uses(), *load(OF_TESTS)] if subject.cloud == "embedded" else []
    used = [use for use in seen if use.function == name]
    return [
        {
            "action": row.action,
            "on": row.on,
            "granted": row.granted,
            "used": row.used if used else None,
            "denied": row.denied,
            "note": row.note if used else "",
        }
        for row in table(entry, used)
    ]


def _settings(subject: Subject, name: str) -> Json:
    functions, called = subject.target.client("lambda"), subject.target.outputs["function_names"][name]
    # By version, because LocalStack finds no configuration by alias.
    version = functions.get_alias(FunctionName=called, Name=ALIAS)["FunctionVersion"]
    found = functions.get_function_configuration(FunctionName=called, Qualifier=version)
    own = {
        "Name": called,
        "Version": version,
        "Runtime": found.get("Runtime", ""),
        "Memory": f"{found.get('MemorySize', 0)} MB",
        "Time-out": f"{found.get('Timeout', 0)} s",
    }
    variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
    return {**own, **dict(sorted(variables.items()))}
