"""Each write publishes its events, and their effects follow."""

import pytest

from tests.integration.test_events import (
    test_a_completed_task_is_archived_and_given_an_expiry,
    test_a_write_that_changes_nothing_publishes_no_event,
    test_each_write_publishes_its_events,
    test_notifications_carry_the_event,
    test_statistics_count_created_and_completed_tasks,
    test_the_correlation_id_reaches_the_reactions_log,
)

__all__ = [
    "test_a_completed_task_is_archived_and_given_an_expiry",
    "test_a_write_that_changes_nothing_publishes_no_event",
    "test_each_write_publishes_its_events",
    "test_notifications_carry_the_event",
    "test_statistics_count_created_and_completed_tasks",
    "test_the_correlation_id_reaches_the_reactions_log",
]


def test_the_first_event_arrives(first_event: float | None, run) -> None:
    """A new task's event is on the bus within WAIT seconds."""
    assert first_event is not None, f"no event within {run.first_event_seconds:.0f} s"


@pytest.fixture(autouse=True)
def arriving(request: pytest.FixtureRequest) -> None:
    if request.function is not test_the_first_event_arrives:
        request.getfixturevalue("events_arrive")
