"""The story of a task from log lines: which step followed from which."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.operators.executions import Execution, State
from scripts.operators.log_lines import LogLine
from scripts.operators.story import Hop, Story

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def ms(milliseconds: float) -> timedelta:
    return timedelta(milliseconds=milliseconds)


def line(at: float, function: str, message: str, **fields: Any) -> LogLine:
    return LogLine(NOON + ms(at), function, "INFO", message, "one", {"task_id": "t", **fields})


def relayed(at: float, written: float, kind: str, version: int) -> LogLine:
    occurred = (NOON + ms(written)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"detail_type": kind, "event_id": f"{kind}{version}", "version": version}
    return line(at, "relay", "relayed", occurred_at=occurred, lag_ms=at - written, **fields)


def reacted(at: float, function: str, kind: str, version: int) -> LogLine:
    fields = {"detail_type": kind, "event_id": f"{kind}{version}", "version": version}
    return line(at, function, "reacted", lag_ms=50, duration_ms=20, **fields)


def tell(lines: list[LogLine], execution: Execution | None = None, place: str | None = None) -> list[Hop]:
    def found(_task_id: str, version: int) -> Execution | None:
        return execution if version == 1 else None

    return Story(lines, found, lambda _task_id, _at: place).tell()


def texts(hops: list[Hop]) -> list[Any]:
    return [hop.text if not hop.follows else (hop.text, texts(hop.follows)) for hop in hops]


CREATED = [
    line(10, "create_task", "POST /tasks", status=201, duration_ms=10),
    relayed(60, 5, "TaskCreated", 1),
    reacted(120, "on_created", "TaskCreated", 1),
]


def test_each_hop_is_below_its_cause_with_its_duration() -> None:
    (request,) = tell(CREATED)
    (write,) = request.follows
    (relay,) = write.follows
    (queue,) = relay.follows
    (reaction,) = queue.follows
    hops = [request, write, relay, queue, reaction]

    assert [hop.kind for hop in hops] == ["api", "write", "relay", "queue", "reaction"]
    assert [hop.at - NOON for hop in hops] == [ms(0), ms(5), ms(5), ms(70), ms(100)]
    assert [hop.duration for hop in hops] == [ms(10), None, ms(55), ms(30), ms(20)]
    assert request.end == NOON + ms(120)


def test_a_write_belongs_to_the_first_call_that_ended_after_it() -> None:
    lines = [
        *CREATED,
        line(510, "update_task", "PUT /tasks/{taskId}", status=200, duration_ms=10),
        line(710, "update_task", "PUT /tasks/{taskId}", status=200, duration_ms=10),
        relayed(560, 505, "TaskUpdated", 2),
        relayed(760, 705, "TaskUpdated", 3),
    ]

    _, second, third = tell(lines)

    assert texts(second.follows)[0][0].endswith("version 2")
    assert texts(third.follows)[0][0].endswith("version 3")


def test_a_call_whose_line_was_written_late_keeps_what_followed() -> None:
    """As on a busy machine: the line's time less its duration is after the write."""
    lines = [line(90, "create_task", "POST /tasks", status=201, duration_ms=10), *CREATED[1:]]

    (request,) = tell(lines)

    assert texts(request.follows)[0][0].endswith("version 1")


def test_a_refused_call_wrote_nothing() -> None:
    refused = line(506, "update_task", "PUT /tasks/{taskId}", status=412, duration_ms=2)
    taken = line(510, "update_task", "PUT /tasks/{taskId}", status=200, duration_ms=10)

    _, kept, other = tell([*CREATED, refused, taken, relayed(560, 505, "TaskUpdated", 2)])

    assert [hop.text.endswith("200") for hop in (kept, other)] == [True, False]
    assert [len(hop.follows) for hop in (kept, other)] == [1, 0]


def test_a_deletion_known_to_the_second_belongs_to_its_request() -> None:
    # The stream's time, in whole seconds, is earlier than the request.
    lines = [
        line(10, "create_task", "POST /tasks", status=201, duration_ms=10),
        line(1510, "delete_task", "DELETE /tasks/{taskId}", status=204, duration_ms=10),
        relayed(1600, 1000, "TaskDeleted", 2),
    ]

    creation, deletion = tell(lines)

    assert creation.follows == []
    assert len(deletion.follows) == 1


def test_an_approval_is_shown_state_by_state() -> None:
    states = (
        State("ValidateTask", NOON + ms(130), NOON + ms(150)),
        State("CheckPriority", NOON + ms(150), NOON + ms(150)),
        State("WaitForApproval", NOON + ms(150), NOON + ms(900)),
        State("ApplyDecision", NOON + ms(900), NOON + ms(950)),
    )
    execution = Execution("t-1", "SUCCEEDED", NOON + ms(125), NOON + ms(960), states, "one")
    lines = [
        *CREATED,
        line(145, "validate_task", "validate_task", result={"check": "needs_approval"}, duration_ms=5),
        line(180, "request_approval", "request_approval", result={"deadline": "later"}, duration_ms=5),
        line(800, "decide_approval", "POST /tasks/{taskId}/approval", status=202, duration_ms=5),
        line(905, "deliver_decision", "delivered"),
        line(940, "apply_decision", "apply_decision", result={"outcome": "approved"}, duration_ms=20),
        relayed(980, 930, "TaskApproved", 2),
    ]

    (request,) = tell(lines, execution)

    (queue,) = request.follows[0].follows[0].follows
    (workflow,) = queue.follows[0].follows
    assert texts([workflow]) == [
        (
            "workflow t-1  SUCCEEDED",
            [
                ("ValidateTask", ["validate-task  needs_approval"]),
                (
                    "WaitForApproval",
                    [
                        "request-approval  later",
                        (
                            "decide-approval  POST /tasks/{taskId}/approval  202",
                            ["deliver-decision  delivered"],
                        ),
                    ],
                ),
                (
                    "ApplyDecision",
                    [
                        (
                            "apply-decision  approved",
                            [("write  task t version 2", ["relay  TaskApproved → bus"])],
                        )
                    ],
                ),
            ],
        )
    ]
    assert workflow.duration == ms(835)


def test_the_story_ends_with_the_archive() -> None:
    lines = [relayed(60, 5, "TaskCompleted", 3), reacted(120, "on_completed", "TaskCompleted", 3)]
    (write,) = tell(lines, place="archive  s3://somewhere")
    assert "archive  s3://somewhere" in str(texts([write]))


def test_failures_are_marked_and_nothing_is_left_out() -> None:
    failed = LogLine(NOON + ms(90), "on_created", "ERROR", "reaction failed", "one", {"reason": "no right"})
    odd = LogLine(NOON + ms(95), "relay", "ERROR", "something else", "one")
    broken = line(300, "get_task", "GET /tasks/{taskId}", status=500)

    request, other, get = tell([*CREATED, failed, odd, broken])

    failure, _ = request.follows[0].follows[0].follows
    assert (failure.text, failure.failed) == ("on-created  failed: no right", True)
    assert (other.text, other.failed) == ("relay  something else", True)
    assert get.failed


def test_other_lines_of_a_request_belong_to_it() -> None:
    lines = [
        LogLine(NOON + ms(8), "get_task", "ERROR", "failed", "one", {"exception": "Traceback"}),
        line(10, "get_task", "GET /tasks/{taskId}", status=500, duration_ms=10),
        LogLine(NOON + ms(15), "decide_approval", "DEBUG", "refused", "one"),
        line(20, "decide_approval", "POST /tasks/{taskId}/approval", status=404, duration_ms=10),
        line(40, "get_task", "GET /tasks/{taskId}", status=200, duration_ms=10),
        LogLine(NOON + ms(50), "get_task", "ERROR", "the last words", "one"),
    ]

    hops = tell(lines)

    assert [(hop.kind, [line.message for line in hop.lines], hop.failed) for hop in hops] == [
        ("api", ["GET /tasks/{taskId}", "failed"], True),
        ("api", ["POST /tasks/{taskId}/approval", "refused"], False),
        ("api", ["GET /tasks/{taskId}"], False),
        ("other", ["the last words"], True),
    ]


def test_a_failed_step_of_the_workflow_is_marked() -> None:
    states = (State("ValidateTask", NOON + ms(130), NOON + ms(250)),)
    execution = Execution("t-1", "RUNNING", NOON + ms(125), None, states, "one")
    failed = LogLine(NOON + ms(140), "validate_task", "ERROR", "step failed", "one", {"task_id": "t"})
    retried = line(240, "validate_task", "validate_task", result={"check": "fine"}, duration_ms=5)

    (request,) = tell([*CREATED, failed, retried], execution)

    (workflow,) = request.follows[0].follows[0].follows[0].follows[0].follows
    assert [(step.text, step.failed) for step in workflow.follows[0].follows] == [
        ("validate-task  step failed", True),
        ("validate-task  fine", False),
    ]


def test_a_failed_workflow_is_marked_and_a_running_one_is_not() -> None:
    for status, failed in (("FAILED", True), ("RUNNING", False)):
        execution = Execution("t-1", status, NOON + ms(125), None, (), None)
        (request,) = tell(CREATED, execution)
        workflow = request.follows[0].follows[0].follows[0].follows[0].follows[0]
        assert (workflow.failed, workflow.duration) == (failed, None)
