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

_BY_TABLE = {aggregate.table: aggregate for aggregate in AGGREGATES}


def of_table(name: str) -> Aggregate | None:
    """The aggregate that is kept in a table with this full name, such as task-manager-dev-tasks.

    What stands behind the last hyphen is the table's key in infra/tables.tf.
    """
    return _BY_TABLE.get(name.rpartition("-")[2])
