"""The application's own metrics, their units and their dimensions.

Labels come from closed sets: each combination is a metric of its own, and costs money.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from services.core.aggregates import EVENTS
from services.core.status import Priority, Status

COMMON_DIMENSIONS = ("environment", "service")
"""What every metric has besides its own: the deployment, and the function that wrote it."""


class Metric(NamedTuple):
    """A metric; `labels` holds the values that each of its own dimensions may have."""

    name: str
    unit: Literal["Count", "Seconds"]
    labels: Mapping[str, tuple[str, ...]] = {}


_PRIORITIES = {"priority": tuple(Priority)}

TASKS_CREATED = Metric("TasksCreated", "Count", _PRIORITIES)
TASKS_COMPLETED = Metric("TasksCompleted", "Count", _PRIORITIES)
COMPLETION = Metric("CompletionSeconds", "Seconds")
"""From a task's creation to its completion."""

STATUS_CHANGES = Metric("StatusChanges", "Count", {"status": tuple(Status)})
"""Tasks that came into a status."""

APPROVALS_REQUESTED = Metric("ApprovalsRequested", "Count")
"""Workflows that began to wait; one that waits again counts again."""
APPROVALS = Metric("Approvals", "Count", {"outcome": ("approved", "rejected", "cancelled")})
APPROVALS_TIMED_OUT = Metric("ApprovalsTimedOut", "Count")
"""The approvals that no approver decided in time."""
APPROVAL_WAIT = Metric("ApprovalWaitSeconds", "Seconds")
"""From the start of a workflow to its decision."""

RELAY_LAG = Metric("RelayLagSeconds", "Seconds")
"""From a write to its event on the bus."""
REACTION_LAG = Metric("ReactionLagSeconds", "Seconds", {"detailType": tuple(EVENTS)})
"""From an event in a reaction's queue to the reaction's end."""
REACTION_FAILURES = Metric("ReactionFailures", "Count")
"""Messages that a reaction gave back to its queue. Lambda counts no error for them: the call succeeded."""
PARKED_RECORDS = Metric("ParkedRecords", "Count")
"""Stream records that can never be relayed."""

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        TASKS_CREATED,
        TASKS_COMPLETED,
        COMPLETION,
        STATUS_CHANGES,
        APPROVALS_REQUESTED,
        APPROVALS,
        APPROVALS_TIMED_OUT,
        APPROVAL_WAIT,
        RELAY_LAG,
        REACTION_LAG,
        REACTION_FAILURES,
        PARKED_RECORDS,
    )
}
"""Name → metric."""
