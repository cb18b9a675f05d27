"""Decisions of IAM become uses in the function map's words, and uses become exact entries."""

from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.functions import Function, Right, WorkflowTrigger, function_map
from scripts.base.paths import FUNCTIONS
from scripts.clouds.decisions import Decision
from scripts.operators.rights.entries import as_text, exact, pairs, rewritten
from scripts.operators.rights.show import (
    BROKEN,
    NAMELESS,
    NEVER_USED,
    NOT_GRANTED,
    table,
    unused,
    verdict_on,
    wanted_rights,
)
from scripts.operators.rights.uses import Use, name_of, uses

HERE = "arn:aws:dynamodb:us-east-1:000000000000:table/task-manager-local-"
ARNS = {
    "tasks_table": f"{HERE}tasks",
    "tasks_by_user_index": f"{HERE}tasks/index/by-user",
    "archive_bucket_tasks": "arn:aws:s3:::archive/tasks/*",
    "any_waiting_execution": "*",
}
OUTPUTS: dict[str, Any] = {
    "function_names": {"get_task": "task-manager-local-get-task"},
    "resource_arns": ARNS,
}
GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"


def function(*rights: Right) -> Function:
    return Function("A function", "services.api.get_task.handler", WorkflowTrigger(), rights)


def use(action: str, on: str, *, allowed: bool = True) -> Use:
    return Use("get_task", action, on, allowed)


def as_role(session: str, kind: str = "assumed-role/task-manager-local-get-task-use1/") -> Decision:
    return Decision(f"arn:aws:sts::000000000000:{kind}{session}", GET, ARNS["tasks_table"], "Allow")


def test_a_session_of_the_function_counts_and_others_of_its_role_do_not() -> None:
    decisions = [
        as_role("task-manager-local-get-task"),
        as_role("rights"),
        as_role("task-manager-local-get-task", kind="user/"),
    ]

    found = list(uses(decisions, OUTPUTS))

    assert found == [use(GET, "tasks_table")]


@pytest.mark.parametrize(
    ("action", "resource", "name"),
    [
        (GET, f"{HERE}tasks", "tasks_table"),
        ("dynamodb:Query", f"{HERE}tasks/index/by-user", "tasks_by_user_index"),
        ("s3:PutObject", "arn:aws:s3:::archive/tasks/*", "archive_bucket_tasks"),
        ("states:SendTaskSuccess", "*", "any_waiting_execution"),
        ("cloudwatch:PutMetricData", "*", "*"),
        ("s3:PutObject", "arn:aws:s3:::archive/other/*", "arn:aws:s3:::archive/other/*"),
        (GET, f"{HERE}letters", f"{HERE}letters"),
    ],
)
def test_a_resource_has_the_name_that_covers_it_or_its_arn(action: str, resource: str, name: str) -> None:
    assert name_of(action, resource, ARNS) == name


@pytest.mark.parametrize(
    ("granted", "needed", "wanted"),
    [
        pytest.param((), {(GET, "a"), (PUT, "b")}, (Right((GET,), ("a",)), Right((PUT,), ("b",))), id="new"),
        pytest.param((), {(GET, "a"), (GET, "b")}, (Right((GET,), ("a", "b")),), id="alike"),
        pytest.param((Right((PUT, GET), ("a",)),), {(GET, "a")}, (Right((GET,), ("a",)),), id="too much"),
        pytest.param(
            (Right((PUT,), ("a",)),), {(GET, "a"), (PUT, "a")}, (Right((PUT, GET), ("a",)),), id="one more"
        ),
        pytest.param(
            (Right((PUT, GET), ("a", "b")),),
            {(GET, "a"), (PUT, "a"), (GET, "b")},
            (Right((PUT, GET), ("a",)), Right((GET,), ("b",))),
            id="one resource less",
        ),
        pytest.param((Right((), ("a",)),), {(GET, "a")}, (Right((GET,), ("a",)),), id="begun with none"),
        pytest.param(
            (Right((), ("a",)),), {(GET, "b")}, (Right((), ("a",)), Right((GET,), ("b",))), id="idle"
        ),
        pytest.param((Right((GET,), ("a",), "once"),), set(), (Right((GET,), ("a",), "once"),), id="reason"),
    ],
)
def test_rights_become_exact(
    granted: tuple[Right, ...], needed: set[tuple[str, str]], wanted: tuple[Right, ...]
) -> None:
    found = exact(granted, needed)

    assert found == wanted
    assert needed <= set(pairs(found))


@pytest.mark.parametrize("name", function_map())
def test_rewriting_a_function_with_its_own_rights_changes_no_character(name: str) -> None:
    text = FUNCTIONS.read_text(encoding="utf-8")

    written = rewritten(text, name, function_map()[name].rights)

    assert written == text


@pytest.mark.parametrize("name", function_map())
def test_rewriting_changes_the_rights_of_that_function_only(name: str) -> None:
    text, rights = FUNCTIONS.read_text(encoding="utf-8"), function_map()[name].rights
    other = (Right((GET,), ("feed_table",), "because"),)

    changed = rewritten(text, name, other)

    assert as_text(other) in changed
    assert rewritten(changed, name, rights) == text


def test_an_entry_in_another_layout_is_refused() -> None:
    with pytest.raises(Failure, match="rights of get_task"):
        rewritten('{"get_task": {"rights": []}}', "get_task", ())


def test_the_table_notes_what_differs() -> None:
    entry = function(Right((GET, PUT), ("tasks_table",)), Right(("s3:PutObject",), ("archive_bucket_tasks",)))
    seen = [
        use(GET, "tasks_table"),
        use(PUT, "tasks_table", allowed=False),
        use(PUT, "feed_table", allowed=False),
        use(PUT, f"{HERE}letters", allowed=False),
    ]

    notes = {(row.action, row.on): row.note for row in table(entry, seen)}

    assert notes == {
        (GET, "tasks_table"): "",
        (PUT, "tasks_table"): BROKEN,
        (PUT, "feed_table"): NOT_GRANTED,
        (PUT, f"{HERE}letters"): NAMELESS,
        ("s3:PutObject", "archive_bucket_tasks"): NEVER_USED,
    }


def test_what_was_denied_is_wanted_and_what_has_no_name_is_not() -> None:
    seen = [use(GET, "tasks_table", allowed=False), use(PUT, f"{HERE}letters", allowed=False)]

    wanted = wanted_rights(function(), seen)

    assert wanted == (Right((GET,), ("tasks_table",)),)


def test_a_function_that_was_not_called_keeps_its_rights() -> None:
    entry = function(Right((GET,), ("tasks_table",)))

    verdict = verdict_on(entry, [])

    assert wanted_rights(entry, []) == entry.rights
    assert verdict == "not called yet"


def test_only_rights_without_use_and_reason_are_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = function(
        Right((GET,), ("tasks_table",)),
        Right((PUT,), ("tasks_table",)),
        Right(("s3:PutObject",), ("archive_bucket_tasks",), "once a year"),
    )
    monkeypatch.setattr("scripts.operators.rights.show.function_map", lambda: {"get_task": entry})

    idle = list(unused([use(GET, "tasks_table")]))

    assert idle == [("get_task", PUT, "tasks_table")]
