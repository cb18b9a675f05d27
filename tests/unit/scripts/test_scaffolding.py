"""Insertions keep what is around them, and every place that they need is there."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.functions import entries
from scripts.base.paths import ROOT
from scripts.base.words import plural_of
from scripts.scaffolding import endpoint, event, table
from scripts.scaffolding.changes import Changes, with_text_before
from scripts.scaffolding.json_text import span, with_entry, with_string
from scripts.scaffolding.names import Route
from scripts.scaffolding.python_code import (
    with_element,
    with_import,
    with_member,
    with_statement_before,
    with_typing_import,
)
from services.core.events import TASKS
from tests.harness.command_line import task_manager

MODULE = '''"""Ä module."""

import a

ONE = {"ü": "ä"}
TWO: tuple[int, ...] = ()
# About three.
THREE = {x: 1 for x in (1, 2)}
FOUR = call(4, five=[5])
SIX = Literal["a"]
'''


@pytest.mark.parametrize(
    ("name", "element", "old", "new"),
    [
        ("ONE", '"b": "c"', '{"ü": "ä"}', '{"ü": "ä", "b": "c"}'),
        ("TWO", "1", "= ()", "= (1,)"),
        ("FOUR.five", "6", "five=[5]", "five=[5, 6]"),
        ("SIX", '"b"', 'Literal["a"]', 'Literal["a", "b"]'),
        ("THREE", "3", "(1, 2)", "(1, 2, 3)"),
    ],
)
def test_a_collection_gets_one_more_element(name: str, element: str, old: str, new: str) -> None:
    assert with_element(MODULE, name, element) == MODULE.replace(old, new)


@pytest.mark.parametrize("name", ["NINE", "a"])
def test_a_collection_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(Failure, match=f"nothing is called {name} any more"):
        with_element(MODULE, name, "1")


def test_an_import_comes_after_the_last_and_a_statement_above_the_comment() -> None:
    assert with_import(MODULE, "import b") == MODULE.replace("import a", "import a\nimport b")
    assert with_statement_before(MODULE, "THREE", "X = 1\n") == MODULE.replace("# Ab", "X = 1\n\n\n# Ab")


def test_json_keeps_its_layout_around_an_entry_and_a_string() -> None:
    text = '{\n  "a": {"b": ["x"]},\n  "c": ["y",\n    "z"]\n}\n'

    assert with_entry(text, "a", '"n": 1') == text.replace("},\n", '},\n  "n": 1,\n')
    assert with_string(text, ("a", "b"), "ä") == text.replace('["x"]', '["x", "\\u00e4"]')
    assert with_string(text, ("c",), "n") == text.replace('"z"', '"z",\n    "n"')


def test_every_place_of_the_function_map_is_found() -> None:
    text = (ROOT / "services/functions.json").read_text()

    for name, entry in entries().items():
        start, end = span(text, name)
        assert json.loads(text[start:end]) == entry


def test_the_anchors_are_there_once() -> None:
    for file, anchor in (
        (endpoint.TABLE_OF_CALLS, endpoint.LAST_ENDPOINT),
        (event.LIST_OF_EVENTS, event.END_OF_THE_LIST),
        (table.TABLES, table.END_OF_TABLES),
    ):
        assert (ROOT / file).read_text(encoding="utf-8").count(anchor) == 1, file


@pytest.mark.parametrize(
    ("file", "change", "given", "told"),
    [
        ("docs/api.md", endpoint.with_call, (Route("GET", "/age"), "Get age"), "there is no '| `GET /` |'"),
        ("docs/api.md", event.with_listed, ("TaskReopened",), "there is no '`: [docs/events]"),
        ("infra/tables.tf", with_text_before, (table.END_OF_TABLES, "a"), "there is no '}"),
        ("services/functions.json", with_string, (("relay", "trigger"), "a"), "there is no relay.trigger"),
        ("a.py", with_element, ("AGGREGATES", "A"), "nothing is called AGGREGATES"),
        ("a.py", with_element, ("TASKS.events", "A"), "nothing is called TASKS.events"),
        ("a.py", with_statement_before, ("LIVES", "a = 1"), "nothing is called LIVES"),
        ("a.py", with_member, ("Services", "a = 1"), "nothing is called Services"),
        ("a.py", with_typing_import, ("import a",), "nothing is called if TYPE_CHECKING"),
    ],
)
def test_a_file_that_was_rewritten_is_named_with_what_is_missing(
    file: str, change: Callable[..., str], given: tuple[object, ...], told: str, tmp_path: Path
) -> None:
    # given
    rewritten = "{}" if file.endswith(".json") else "TASKS = of()\n"
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(rewritten)

    # when
    with pytest.raises(Failure) as raised:
        Changes(tmp_path).edit(file, change, *given)

    # then
    assert str(raised.value).startswith(f"{file}: {told}")
    assert str(raised.value).endswith("Nothing was written")
    assert (tmp_path / file).read_text() == rewritten


def test_nothing_is_written_before_the_end_and_no_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("kept")
    changes = Changes(tmp_path)
    changes.create("new", "json.txt", text="text")
    changes.edit("new", str.upper)

    with pytest.raises(Failure, match="old is there already"):
        changes.create("old", "json.txt", text="text")
    assert not (tmp_path / "new").exists()

    assert changes.write() == ["new"]
    assert (tmp_path / "new").read_text() == "TEXT\n"
    assert (changes.created, changes.edited) == (["new"], [])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add-endpoint", "--name=get-age", "--route=GET /tasks/{taskId}/age"], "(NAME=): 'get-age' is no"),
        (["add-endpoint", "--name=class", "--route=GET /tasks/{taskId}/age"], "(NAME=): 'class' is no"),
        (["add-endpoint", "--name=get_age", "--route=DELETE /tasks"], "(ROUTE=): 'DELETE /tasks' is no"),
        (["add-endpoint", "--name=get_age"], "Missing option '--route' (ROUTE=)"),
        (["add-reaction", "--name=greet", "--event=created"], "(EVENT=): 'created' is no event's name"),
        (["add-table", "--entity=Sub-task"], "(ENTITY=): 'Sub-task' is no entity's name: expected one word"),
        (["add-event"], "Missing option '--event' (EVENT=)"),
    ],
)
def test_a_wrong_argument_is_named_with_what_was_expected(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert task_manager(*words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["add-endpoint", "--name=get_task", "--route=GET /tasks/{taskId}/age"],
            "NAME=get_task: there",
        ),
        (["add-endpoint", "--name=read_it", "--route=GET /tasks/{taskId}"], "get_task answers it"),
        (["add-endpoint", "--name=read_it", "--route=GET /users/{userId}/age"], "expected a path with"),
        (["add-reaction", "--name=greet", "--event=TaskMoved"], "EVENT=TaskMoved: there is no such event"),
        (["add-reaction", "--name=relay", "--event=TaskCreated"], "NAME=relay: there is another function"),
        (["add-table", "--entity=listing"], "ENTITY=listing: a file or table of this name is there"),
        (["add-event", "--event=UnknownPaid"], "EVENT=UnknownPaid: expected"),
    ],
)
def test_what_cannot_be_added_changes_nothing(words: list[str], told: str) -> None:
    with pytest.raises(Failure, match=told):
        task_manager(*words)


def test_an_event_is_about_the_entity_of_its_whole_first_word(monkeypatch: pytest.MonkeyPatch) -> None:
    group = replace(TASKS, name=f"{TASKS.name}group")
    monkeypatch.setattr(event, "AGGREGATES", (TASKS, group))

    assert event.aggregate_of(f"{group.name.capitalize()}Archived") is group
    assert event.aggregate_of("TaskArchived") is TASKS


@pytest.mark.parametrize("name", ["TasksArchived", "TaskWasArchived"])
def test_an_event_whose_first_word_is_no_entity_is_refused(name: str) -> None:
    with pytest.raises(Failure, match=f"EVENT={name}: expected Task and a word that says what happened"):
        event.aggregate_of(name)


@pytest.mark.parametrize(
    "words",
    [
        ["add-endpoint", "--name=get_task", "--route=GET /tasks/{taskId}"],
        ["add-reaction", "--name=on_created", "--event=TaskCreated"],
        ["add-event", "--event=TaskCreated"],
        ["add-table", "--entity=task"],
    ],
)
def test_what_is_there_is_left_as_it_is(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert task_manager(*words) == 0
    assert "already: nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("entity", "plural"),
    [
        ("comment", "comments"),
        ("entry", "entries"),
        ("day", "days"),
        ("branch", "branches"),
        ("box", "boxes"),
        ("address", "addresses"),
    ],
)
def test_a_table_has_the_regular_plural_of_its_entity(entity: str, plural: str) -> None:
    words = table.words_of(entity)

    assert plural_of(entity) == plural
    assert (words["plural"], words["variable"]) == (plural, f"{plural.upper()}_TABLE")


def test_a_route_is_read_with_its_parameters() -> None:
    route = Route.parsed("GET /tasks/{taskId}/comments/{commentId}")

    assert (str(route), route.parameters) == (
        "GET /tasks/{taskId}/comments/{commentId}",
        ["taskId", "commentId"],
    )
