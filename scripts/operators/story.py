"""From log lines to a story: what led to what, from a request to the last effect, as a tree."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scripts.base.functions import HttpTrigger, QueueTrigger, function_map
from scripts.operators.executions import Execution, State
from scripts.operators.log_lines import LogLine, Subject
from services.core.aggregates import EVENTS
from services.core.moments import parse_timestamp

# A write's time is taken during the call that reports it; an expired task's is the stream's.
SLACK = timedelta(milliseconds=5)
# The function that resumes a workflow logs that after the workflow has already continued.
WAKING = timedelta(seconds=2)
# Beginnings of the lines of requests that write.
WRITING = ("POST ", "PUT ", "PATCH ", "DELETE ")
REMOVALS = tuple(name for name, event in EVENTS.items() if event.is_removal)
# State of the workflow → the function that it calls.
WORKERS = {
    "ValidateTask": "validate_task",
    "WaitForApproval": "request_approval",
    "ExpireApproval": "expire_approval",
    "ApplyDecision": "apply_decision",
}

FINE = ("RUNNING", "SUCCEEDED")

FindExecution = Callable[[str, int], Execution | None]
FindArchived = Callable[[str, str], str | None]
"""(task id, completed at) → where the task is in the archive."""


@dataclass
class Hop:
    """One step of a story; None for the duration of what is not over, or takes no time."""

    kind: str
    text: str
    at: datetime
    duration: timedelta | None = None
    failed: bool = False
    follows: list["Hop"] = field(default_factory=list)
    lines: tuple[LogLine, ...] = ()
    """The log lines that it is told from; the first one's function did it."""

    @property
    def end(self) -> datetime:
        """When this and all that follows was over."""
        own = self.at + (self.duration or timedelta(0))
        return max([own, *(hop.end for hop in self.follows)])


class Story:
    """Puts each line in its place: under what caused it, or at the root."""

    def __init__(self, lines: Iterable[LogLine], execution: FindExecution, archived: FindArchived) -> None:
        self._triggers = {name: function.trigger for name, function in function_map().items()}
        self._lines = sorted(lines, key=lambda line: line.at)
        self._untold = list(self._lines)
        self._execution = execution
        self._archived = archived
        self._causes: list[tuple[LogLine, Hop]] = []
        self._writes: dict[tuple[Subject | None, int], list[LogLine]] = defaultdict(list)

    def tell(self) -> list[Hop]:
        """The hops that nothing in the story led to, each with what followed from it."""
        for line in self._take(lambda line: line.message == "relayed"):
            self._writes[line.subject, int(line.fields["version"])].append(line)
        requests = [
            name
            for name, trigger in self._triggers.items()
            if isinstance(trigger, HttpTrigger) and name != "decide_approval"
        ]
        calls = self._take(lambda line: line.function in requests and "status" in line.fields)
        roots = [self._request(line) for line in calls]
        for (subject, version), events in sorted(self._writes.items(), key=lambda item: _written(item[1])):
            hop = self._write(subject, version, events)
            cause = self._cause_of(subject, events)
            (cause.follows if cause else roots).append(hop)
        # Decisions that no workflow of this trace was waiting for.
        roots += [self._request(line) for line in self._take(_decides)]
        roots += [_plain(line) for line in self._untold]
        return sorted(roots, key=lambda hop: hop.at)

    def _request(self, line: LogLine) -> Hop:
        status = int(line.fields["status"])
        text = f"{_name(line)}  {line.message}  {status}"
        # What the function logged before, such as the exception behind a 500.
        others = self._take(lambda other: _is_call_of(line, other) and other.at <= line.at)
        hop = Hop("api", text, _start(line), line.duration, status >= 500, lines=(line, *others))
        wrote = not 400 <= status < 500
        if wrote and line.message.startswith(WRITING) and line.function != "decide_approval":
            self._causes.append((line, hop))
        return hop

    def _write(self, subject: Subject | None, version: int, events: list[LogLine]) -> Hop:
        text = f"write  {' '.join(subject or ())} version {version}"
        hop = Hop("write", text, _written(events), lines=tuple(events))
        for line in events:
            lag = timedelta(milliseconds=float(line.fields["lag_ms"]))
            event = Hop(
                "relay", f"relay  {line.fields['detail_type']} → bus", line.at - lag, lag, lines=(line,)
            )
            event.follows += self._reactions(line)
            hop.follows.append(event)
        return hop

    def _reactions(self, event: LogLine) -> Iterator[Hop]:
        detail_type = event.fields["detail_type"]
        queues = {
            name: trigger.queue
            for name, trigger in self._triggers.items()
            if isinstance(trigger, QueueTrigger) and detail_type in trigger.detail_types
        }

        def belongs(line: LogLine) -> bool:
            if line.message == "reaction failed":
                return line.function in queues and line.correlation_id == event.correlation_id
            return bool(line.fields.get("event_id") == event.fields["event_id"])

        for line in self._take(belongs):
            queue = queues.get(line.function, line.function)
            if line.message == "reaction failed":
                text = f"{_name(line)}  failed: {line.fields.get('reason')}"
                yield Hop("queue", text, line.at, failed=True, lines=(line,))
                continue
            lag = timedelta(milliseconds=float(line.fields["lag_ms"]))
            waited = Hop("queue", f"queue {queue}", line.at - lag, max(lag - line.duration, timedelta(0)))
            reaction = Hop("reaction", f"{_name(line)}  reacted", _start(line), line.duration, lines=(line,))
            reaction.follows += self._effects(line)
            waited.follows.append(reaction)
            yield waited

    def _effects(self, line: LogLine) -> Iterator[Hop]:
        if line.function in ("on_created", "on_updated"):
            execution = self._execution(str(line.task_id), int(line.fields["version"]))
            if execution is not None:
                yield self._workflow(execution, str(line.task_id))
        if line.function == "on_completed":
            written = _written(self._writes[line.subject, int(line.fields["version"])])
            if place := self._archived(str(line.task_id), written.isoformat()):
                yield Hop("archive", place, line.at)

    def _workflow(self, execution: Execution, task_id: str) -> Hop:
        took = execution.stopped - execution.started if execution.stopped else None
        text = f"workflow {execution.name}  {execution.status}"
        hop = Hop("workflow", text, execution.started, took, failed=execution.status not in FINE)
        for state in execution.states:
            if state.name in WORKERS:
                hop.follows.append(self._state(state, task_id))
        return hop

    def _state(self, state: State, task_id: str) -> Hop:
        hop = Hop("state", state.name, state.entered, state.left - state.entered if state.left else None)

        def within(line: LogLine, slack: timedelta = SLACK) -> bool:
            done = state.left is None or _start(line) <= state.left + slack
            return line.task_id == task_id and line.at >= state.entered - SLACK and done

        worker = WORKERS[state.name]
        for line in self._take(lambda line: line.function == worker and within(line)):
            text, failed = f"{_name(line)}  {_result(line)}", line.level == "ERROR"
            step = Hop("reaction", text, _start(line), line.duration, failed, lines=(line,))
            hop.follows.append(step)
            if worker == "apply_decision":
                self._causes.append((line, step))
        if worker == "request_approval":
            decisions = self._take(lambda line: _decides(line) and within(line))
            hop.follows += [self._request(line) for line in decisions]
            for line in self._take(lambda line: line.function == "deliver_decision" and within(line, WAKING)):
                wake = Hop("relay", f"{_name(line)}  {line.message}", line.at, lines=(line,))
                (hop.follows[-1].follows if decisions else hop.follows).append(wake)
        return hop

    def _cause_of(self, subject: Subject | None, events: list[LogLine]) -> Hop | None:
        """The first call that ended after the write: a call logs what it wrote, when it is over.

        Not by when it began: that is reckoned from its line's time, which is late on a busy machine.
        """
        after = [
            (line, hop)
            for line, hop in self._causes
            if line.subject == subject and line.at >= _written(events) - SLACK
        ]
        if events[0].fields["detail_type"] in REMOVALS:
            # The stream tells their time in whole seconds: calls before the removal end after that.
            after = [(line, hop) for line, hop in after if line.message.startswith("DELETE")]
        return min(after, key=lambda pair: pair[0].at)[1] if after else None

    def _take(self, wanted: Callable[[LogLine], bool]) -> list[LogLine]:
        """The wanted lines that were not shown yet; they count as shown now."""
        taken = [line for line in self._untold if wanted(line)]
        self._untold = [line for line in self._untold if line not in taken]
        return taken


def _start(line: LogLine) -> datetime:
    return line.at - line.duration


def _name(line: LogLine) -> str:
    return line.function.replace("_", "-")


def _written(events: list[LogLine]) -> datetime:
    return parse_timestamp(events[0].fields["occurred_at"])


def _decides(line: LogLine) -> bool:
    return line.function == "decide_approval" and "status" in line.fields


def _is_call_of(request: LogLine, line: LogLine) -> bool:
    """Whether the line may be of the same call as the one that a request ends with."""
    return line.function == request.function and line.correlation_id == request.correlation_id is not None


def _result(line: LogLine) -> str:
    result = line.fields.get("result")
    if isinstance(result, dict):
        return ", ".join(str(value) for value in result.values() if isinstance(value, str))
    return line.message


def _plain(line: LogLine) -> Hop:
    text = f"{_name(line)}  {line.message}"
    return Hop("other", text, _start(line), failed=line.level == "ERROR", lines=(line,))
