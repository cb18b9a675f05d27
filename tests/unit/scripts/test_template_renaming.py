"""Renaming for a project: every form of the words, their articles, and what keeps the template's word."""

import json
from pathlib import Path

import botocore.loaders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.base.failure import Failure
from scripts.template.finish import broken, files_of
from scripts.template.names import TABLE, TEMPLATE, Names, checked
from scripts.template.rename import Renamer, is_template_only, without_template_blocks

PARCELS = Renamer(Names("parcel-tracker", "parcel", "parcels"))
ORDERS = Renamer(Names("order-desk", "order", "orders"))
SOMEWHERE = "services/core/somewhere.py"


@pytest.mark.parametrize(
    ("template", "project"),
    [
        ("task-manager-dev-tasks", "parcel-tracker-dev-parcels"),
        ("from task_manager_client import TaskChanges", "from parcel_tracker_client import ParcelChanges"),
        ("TASK_MANAGER_CLOUD, TASKS_TABLE", "PARCEL_TRACKER_CLOUD, PARCELS_TABLE"),
        ("TaskManagerClient for Task Manager", "ParcelTrackerClient for Parcel Tracker"),
        ("# Task manager: the task manager", "# Parcel tracker: the parcel tracker"),
        ("GET /tasks/{taskId}", "GET /parcels/{parcelId}"),
        ("create_task(new_task, tasks)", "create_parcel(new_parcel, parcels)"),
        ("TaskCreated.schema.json, Taskid", "ParcelCreated.schema.json, Parcelid"),
        (r"'\ntasks'", r"'\nparcels'"),
        ("multitasking, a taskbar", "multitasking, a taskbar"),
    ],
)
def test_every_form_of_a_name_is_renamed(template: str, project: str) -> None:
    assert PARCELS.text(template, SOMEWHERE) == project


@pytest.mark.parametrize(
    ("template", "project"),
    [
        ("A task and a `task`", "An order and an `order`"),
        ("a\n    # task", "an\n    # order"),
        ("a new task, the task", "a new order, the order"),
        ("schema_task", "schema_order"),
    ],
)
def test_the_article_follows_the_word(template: str, project: str) -> None:
    assert ORDERS.text(template, SOMEWHERE) == project


@pytest.mark.parametrize(
    "text",
    ['"Type": "Task"', "SendTaskSuccess", "taskToken", "$$.Task.Token", "/var/task", "asyncio.create_task"],
)
def test_words_of_aws_and_of_libraries_stay(text: str) -> None:
    assert PARCELS.text(text, SOMEWHERE) == text
    assert not list(PARCELS.left_over(text, SOMEWHERE))


def test_every_word_of_step_functions_stays() -> None:
    model = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
    words = [*model["operations"], *model["shapes"]["HistoryEventType"]["enum"]]
    with_word = [word for word in words if "Task" in word]

    assert len(with_word) > 10
    assert [PARCELS.text(f'"{word}"', SOMEWHERE) for word in with_word] == [f'"{word}"' for word in with_word]


def test_what_is_kept_in_some_files_is_renamed_in_others() -> None:
    assert PARCELS.text("@task(3)", "load/users.py") == "@task(3)"
    assert PARCELS.text("@task(3)", SOMEWHERE) == "@parcel(3)"


@given(st.sampled_from([*TEMPLATE.pairs().values()]), st.sampled_from(["", " ", "_", "-", ".", "/", "("]))
def test_no_word_of_the_template_is_left_over(word: str, beside: str) -> None:
    renamed = PARCELS.text(f"{beside}{word}{beside}", SOMEWHERE)

    assert not list(PARCELS.left_over(renamed, SOMEWHERE))


def test_a_word_that_was_missed_is_found_with_its_line() -> None:
    assert list(PARCELS.left_over("one\n  multitask two\nthree", SOMEWHERE)) == ["multitask two"]


def test_the_template_itself_stays_as_it_is() -> None:
    text = "a task, an order, Tasks of task-manager, TASK_MANAGER"

    assert Renamer(TEMPLATE).text(text, SOMEWHERE) == text


def test_paths_are_renamed() -> None:
    assert PARCELS.path("services/api/create_task.py") == "services/api/create_parcel.py"


@pytest.mark.parametrize(("first", "last"), [("# ", ""), ("<!-- ", " -->"), ("    // ", "")])
def test_what_concerns_the_template_alone_is_left_out(first: str, last: str) -> None:
    text = f"kept\n{first}template only{last}\nnot kept\n{first}end of template only{last}\nkept too\n"

    assert without_template_blocks(text) == "kept\nkept too\n"


def test_files_of_the_template_alone_have_no_place_in_a_project() -> None:
    assert is_template_only("copier.yml")
    assert is_template_only("tests/unit/scripts/test_template_renaming.py")
    assert not is_template_only("services/core/task.py")


def test_every_exception_has_its_reason() -> None:
    table = json.loads(TABLE.read_text(encoding="utf-8"))

    assert all(row["why"] for row in (*table["kept"], *table["template_only"]))


def test_an_entity_without_a_plural_gets_the_regular_one() -> None:
    assert checked("a-name", "box").plural == "boxes"


@pytest.mark.parametrize(
    ("name", "entity", "plural", "refusal"),
    [
        ("Parcel", "parcel", "", "NAME: 'Parcel' is not a project's name"),
        ("a--b", "parcel", "", "NAME: 'a--b' is not"),
        ("x" * 21, "parcel", "", "NAME: "),
        ("my-aws-thing", "parcel", "", "NAME: 'my-aws-thing' contains aws"),
        ("sthree-things", "parcel", "", "NAME: 'sthree-things' begins as S3"),
        ("a-name", "parcel item", "", "ENTITY: 'parcel item' is not one word"),
        ("a-name", "ab", "", "ENTITY: 'ab' is not one word"),
        ("a-name", "class", "", "ENTITY: 'class' is a word of Python"),
        ("a-name", "queue", "", "ENTITY: 'queue' is a word of AWS"),
        ("a-name", "subscription", "", "ENTITY: 'subscription' is a word of AWS"),
        ("a-name", "comment", "", "ENTITY: 'comment' is a word of the tutorial"),
        ("a-name", "sheep", "sheep", "PLURAL: 'sheep' is ENTITY itself"),
    ],
)
def test_names_that_cannot_be_used_are_refused_by_argument(
    name: str, entity: str, plural: str, refusal: str
) -> None:
    with pytest.raises(Failure) as raised:
        checked(name, entity, plural)

    assert str(raised.value).startswith(refusal)


def test_a_comment_that_has_become_too_long_is_two() -> None:
    line = "    # " + "word " * 25

    first, second = broken(line.rstrip(), in_text=False)

    assert len(first) <= 110
    assert second.startswith("    # word")
    assert first.count("word") + second.count("word") == 25


def test_a_line_of_code_that_has_become_too_long_is_marked() -> None:
    line = "value = " + "x" * 120

    assert broken(line, in_text=False) == [f"{line}  # noqa: E501"]


def test_what_tools_leave_in_the_copy_is_no_file_of_the_project(tmp_path: Path) -> None:
    for folder in (".git", ".ruff_cache", "services/__pycache__", "docs/build"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").touch()

    assert files_of(tmp_path) == [tmp_path / "docs/build/file"]
