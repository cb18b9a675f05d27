"""The aggregates: each kind of entity whose writes become events.

The relay, the feed, traces and documents go by what is registered here.
"""

from collections.abc import Mapping

from services.core.event import Aggregate, Event
from services.core.events import TASKS

AGGREGATES: tuple[Aggregate, ...] = (TASKS,)

EVENTS: Mapping[str, type[Event]] = {
    event.detail_type: event for aggregate in AGGREGATES for event in aggregate.events
}
"""Detail type → model, of all aggregates."""

# A table's full name has a prefix, so the longest that fits is meant: sub-tasks before tasks.
_BY_TABLE = sorted(AGGREGATES, key=lambda aggregate: len(aggregate.table), reverse=True)


def of_table(name: str) -> Aggregate | None:
    """The aggregate that is kept in a table with this full name, such as task-manager-dev-tasks."""
    return next((one for one in _BY_TABLE if f"-{name}".endswith(f"-{one.table}")), None)
