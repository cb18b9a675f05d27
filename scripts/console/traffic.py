"""What went over each arrow of the map lately: how much, and how long it took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scripts.base.functions import HttpTrigger, QueueTrigger, StreamTrigger, WorkflowTrigger, function_map
from scripts.console.index import Numbered
from scripts.console.rows import failed
from scripts.documents.system import BUS, GATEWAY, WORKFLOW, Kind, Node, function_node, tables
from scripts.operators.dev.lines import milliseconds
from scripts.operators.log_lines import LogLine
from services.core.aggregates import AGGREGATES

WINDOW = timedelta(minutes=5)
# More lines than this are not looked at, so that a load test does not slow the map down.
MOST_LINES = 5_000
SECOND = 1000.0


@dataclass
class Flow:
    """What went over an arrow: how often, and for how many milliseconds in all."""

    count: int = 0
    milliseconds: float = 0.0

    def add(self, milliseconds: float) -> None:
        """One more."""
        self.count += 1
        self.milliseconds += milliseconds

    @property
    def mean(self) -> float | None:
        """Milliseconds of one, on average; None if there was none."""
        return round(self.milliseconds / self.count, 1) if self.count else None


def flows(lines: Iterable[Numbered], now: datetime | None = None) -> Mapping[tuple[Node, Node], Flow]:
    """Arrow → what went over it. Of requests and steps, the time of the work; of events, the lag."""
    since = (now or datetime.now(UTC)) - WINDOW
    found: dict[tuple[Node, Node], Flow] = defaultdict(Flow)
    for _, line in lines:
        if line.at >= since:
            for arrow, took in _arrows(line):
                found[arrow].add(took)
    return found


def failures(lines: Iterable[Numbered], now: datetime | None = None) -> Mapping[str, int]:
    """Function → how many failures it logged lately."""
    since = (now or datetime.now(UTC)) - WINDOW
    found: dict[str, int] = defaultdict(int)
    for _, line in lines:
        if line.at >= since and failed(line):
            found[line.function] += 1
    return found


def _arrows(line: LogLine) -> list[tuple[tuple[Node, Node], float]]:
    function = function_map().get(line.function)
    if function is None:
        return []
    node, lag = function_node(line.function, function), float(line.fields.get("lag_ms", 0))
    match function.trigger:
        case HttpTrigger() if "status" in line.fields:
            return [((GATEWAY, node), milliseconds(line))]
        case QueueTrigger(queue) if line.message == "reacted":
            return [((Node(Kind.QUEUE, queue), node), lag)]
        case StreamTrigger(streamed) if line.message == "relayed":
            return [((tables()[_table(line, streamed)], node), lag), ((node, BUS), 0), *_deliveries(line)]
        case StreamTrigger(streamed):
            return [((tables()[streamed[0]], node), milliseconds(line))]
        case WorkflowTrigger() if "duration_ms" in line.fields:
            return [((WORKFLOW, node), milliseconds(line))]
    return []


def _table(line: LogLine, streamed: Sequence[str]) -> str:
    """The table that is written to by what the line is about."""
    name = line.subject[0] if line.subject else ""
    return next((one.table for one in AGGREGATES if one.name == name), streamed[0])


def _deliveries(line: LogLine) -> list[tuple[tuple[Node, Node], float]]:
    """The queues that the bus delivers a relayed event to."""
    triggers = (function.trigger for function in function_map().values())
    return [
        ((BUS, Node(Kind.QUEUE, trigger.queue)), 0)
        for trigger in triggers
        if isinstance(trigger, QueueTrigger) and line.fields.get("detail_type") in trigger.detail_types
    ]


def text_of(flow: Flow) -> str:
    """What is written on an arrow: how many, and how long one took."""
    if not flow.count:
        return ""
    if not flow.mean:
        return str(flow.count)
    took = f"{flow.mean:.0f} ms" if flow.mean < SECOND else f"{flow.mean / SECOND:.1f} s"
    return f"{flow.count} · {took}"
