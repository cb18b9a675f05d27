import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.core.errors import Conflict
from services.core.status import Priority, Status
from services.core.task import (
    MAX_USER_ID,
    USER_ID_PATTERN,
    NewTask,
    TaskChanges,
    begin,
    change,
    decide,
    is_about,
    is_user_id,
)
from tests.contracts.api.answers import SUBJECTS
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON

VALID = {"title": "Water the plants", "userId": "ada"}


def new_task(**fields: object) -> NewTask:
    return NewTask.model_validate_json(json.dumps(VALID | fields))


def test_a_new_task_has_the_given_fields_and_defaults() -> None:
    task = begin(new_task(), "0198-id", NOON)
    assert json.loads(task.as_json()) == {
        "taskId": "0198-id",
        "title": "Water the plants",
        "description": "",
        "priority": "medium",
        "status": "pending",
        "userId": "ada",
        "tags": [],
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z",
        "version": 1,
    }


def test_strings_are_trimmed() -> None:
    new = new_task(title="  a  ", description="\tb\n", userId=" ada ", tags=[" c "])
    assert (new.title, new.description, new.user_id, new.tags) == ("a", "b", "ada", ("c",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \t\n\u2003\u0085"),
        ("title", "x" * 201),
        ("title", None),
        ("title", 1),
        ("title", ["x"]),
        ("description", "x" * 5001),
        ("description", None),
        ("priority", "urgent"),
        ("priority", "HIGH"),
        ("priority", 1),
        ("userId", ""),
        ("userId", "  "),
        ("userId", "x" * 256),
        ("userId", "a\u0000b"),
        ("userId", "a\u00a0b"),
        ("userId", "a\u200bb"),
        ("userId", "\u202eada"),
        ("userId", "a\u2028b"),
        ("userId", "ada\nbob"),
        ("tags", "home"),
        ("tags", ["x"] * 2),
        ("tags", ["x", " x "]),
        ("tags", [f"t{n}" for n in range(21)]),
        ("tags", [""]),
        ("tags", ["x" * 51]),
        ("tags", [1]),
        ("tags", {"a": 1}),
        ("status", "completed"),
        ("taskId", "mine"),
        ("nope", 1),
    ],
)
def test_an_invalid_field_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        new_task(**{field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 200},
        {"title": " " + "x" * 200 + " "},
        {"title": "🌍" * 200},
        {"description": "x" * 5000},
        {"userId": "x" * 255},
        {"userId": "🌍" * 255},
        {"userId": "A.z_9@b:-"},
        {"tags": [f"t{n}" for n in range(20)]},
        {"tags": ["x" * 50]},
    ],
)
def test_limits_are_inclusive(fields: dict[str, object]) -> None:
    assert new_task(**fields)


@pytest.mark.parametrize("user_id", SUBJECTS)
def test_subjects_of_common_issuers_are_user_ids(user_id: str) -> None:
    assert is_user_id(user_id)
    assert new_task(userId=user_id).user_id == user_id


@given(st.text(max_size=260))
def test_the_published_pattern_is_the_rule_for_user_ids(text: str) -> None:
    """The OpenAPI document and the check of a token's subject have one rule for user ids."""
    published = len(text) <= MAX_USER_ID and re.fullmatch(USER_ID_PATTERN, text) is not None
    assert is_user_id(text) == published


def test_user_ids_are_not_normalised() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    assert new_task(userId=decomposed).user_id == decomposed != new_task(userId=composed).user_id
    assert new_task(userId="Ada").user_id != new_task(userId="ada").user_id


def test_a_lone_surrogate_is_no_user_id() -> None:
    assert not is_user_id("\ud800")


def test_changes_must_change_something() -> None:
    with pytest.raises(ValidationError, match="at least one of"):
        TaskChanges.model_validate_json("{}")


def test_no_difference_is_no_write() -> None:
    task = a_task(title="same", tags=("a",))
    assert change(task, TaskChanges(title="same", tags=("a",)), NOON) is task


def test_a_change_makes_the_next_version() -> None:
    task = a_task(created_at="2026-01-31T12:00:00.000Z", updated_at="2026-01-31T12:00:00.000Z")
    changed = change(task, TaskChanges(title="new"), NOON + timedelta(seconds=1.2345))
    assert changed == task.model_copy(
        update={"title": "new", "version": 2, "updated_at": "2026-01-31T12:00:01.234Z"}
    )


def test_updated_at_never_goes_back() -> None:
    task = a_task(updated_at="2026-01-31T12:00:05.000Z")
    assert change(task, TaskChanges(title="new"), NOON).updated_at == "2026-01-31T12:00:05.000Z"


def test_raising_a_pending_task_to_high_requires_approval() -> None:
    raised = change(a_task(status=Status.PENDING), TaskChanges(priority=Priority.HIGH), NOON)
    assert (raised.priority, raised.status) == (Priority.HIGH, Status.PENDING_APPROVAL)


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETED, Status.REJECTED])
def test_raising_any_other_task_to_high_is_refused(status: Status) -> None:
    with pytest.raises(Conflict) as refused:
        change(a_task(status=status), TaskChanges(priority=Priority.HIGH), NOON)
    assert refused.value.current is status


@pytest.mark.parametrize("target", [Status.IN_PROGRESS, Status.COMPLETED])
def test_raising_and_starting_at_once_is_refused(target: Status) -> None:
    with pytest.raises(Conflict):
        change(a_task(), TaskChanges(priority=Priority.HIGH, status=target), NOON)


def test_priority_is_locked_while_approval_is_pending() -> None:
    task = a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH)
    with pytest.raises(Conflict, match="locked"):
        change(task, TaskChanges(priority=Priority.LOW), NOON)
    assert change(task, TaskChanges(title="clearer"), NOON).title == "clearer"


@given(st.text())
def test_any_title_is_kept_or_refused_but_never_mangled(title: str) -> None:
    try:
        kept = new_task(title=title).title
    except ValidationError:
        return
    assert kept in title
    assert 1 <= len(kept) <= 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
    )
)
def test_any_json_is_a_task_or_a_validation_error(value: object) -> None:
    for model in (NewTask, TaskChanges):
        with pytest.raises(ValidationError):
            model.model_validate_json(json.dumps(value))


@pytest.mark.parametrize(
    ("decided_at", "counts"),
    [
        ("2026-01-31T11:59:59.999Z", False),
        ("2026-01-31T12:00:00.000Z", True),
        ("2026-01-31T12:00:00.001Z", True),
    ],
)
def test_a_decision_without_a_version_counts_from_the_moment_of_the_last_write(
    decided_at: str, counts: bool
) -> None:
    task = a_task(updated_at="2026-01-31T12:00:00.000Z")
    decision = an_approval().model_copy(update={"task_version": None, "decided_at": decided_at})
    assert is_about(decision, task) is counts


def test_each_refusal_says_what_the_task_is_and_what_to_do() -> None:
    approved = {"priority": Priority.HIGH, "approval": an_approval()}
    refusals = [
        (
            lambda: decide(a_task(status=Status.PENDING), an_approval(), NOON),
            Status.PENDING,
            "No approval is pending: the task is pending.",
        ),
        (
            lambda: change(a_task(status=Status.IN_PROGRESS, **approved), TaskChanges(title="b"), NOON),
            Status.IN_PROGRESS,
            "title and description cannot change after the decision: the task is in_progress; "
            "put the task back first.",
        ),
        (
            lambda: change(a_task(status=Status.REJECTED, **approved), TaskChanges(title="b"), NOON),
            Status.REJECTED,
            "title and description cannot change after the decision: the task is rejected.",
        ),
        (
            lambda: change(
                a_task(status=Status.APPROVED, **approved),
                TaskChanges(title="b", status=Status.IN_PROGRESS),
                NOON,
            ),
            Status.APPROVED,
            "status cannot be set together with title or description of an approved task: "
            "changing them ends its approval.",
        ),
    ]
    for refused, current, says in refusals:
        with pytest.raises(Conflict) as conflict:
            refused()
        assert (conflict.value.detail, conflict.value.current) == (says, current)


@pytest.mark.parametrize(
    ("held", "changes", "status"),
    [
        (Priority.HIGH, {"title": "b"}, Status.PENDING_APPROVAL),
        (Priority.HIGH, {"description": "b", "priority": Priority.LOW}, Status.PENDING),
        (Priority.LOW, {"title": "b"}, Status.PENDING),
        (Priority.LOW, {"title": "b", "priority": Priority.HIGH}, Status.PENDING_APPROVAL),
    ],
)
def test_what_was_approved_cannot_change_without_another_approval(
    held: Priority, changes: dict[str, Any], status: Status
) -> None:
    approved = a_task(status=Status.APPROVED, priority=held, approval=an_approval())

    changed = change(approved, TaskChanges(**changes), NOON)

    assert (changed.status, changed.approval, changed.version) == (status, None, 2)
    assert {name: getattr(changed, name) for name in changes} == changes
