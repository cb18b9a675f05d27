"""The maps of the system: up to date, and complete."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.functions import function_map
from scripts.documents import system
from scripts.documents.architecture import DOCUMENT, README, README_TABLES, TABLES, overview
from scripts.documents.figures import Tables, written
from scripts.documents.mermaid import flowchart
from scripts.documents.system import BUS, Edge, Kind, Node, edges, nodes


@pytest.mark.parametrize(("page", "tables"), [(README, README_TABLES), (DOCUMENT, TABLES)])
def test_the_maps_are_up_to_date(page: Path, tables: Tables) -> None:
    content = page.read_text(encoding="utf-8")

    assert written(content, tables) == content, "run: make docs"


def test_the_map_shows_every_function_and_every_table() -> None:
    shown = {node.name for node in nodes(edges())}

    assert shown >= {*function_map(), *system.tables()}


@pytest.mark.parametrize("chapter", ["requests", "events", "approval"])
def test_every_function_is_in_a_chapter(chapter: str) -> None:
    kinds = {"requests": Kind.ENDPOINT, "events": Kind.REACTION, "approval": Kind.STEP}
    chart = TABLES[chapter]()

    for node in nodes(edges()):
        if node.kind is kinds[chapter]:
            assert f"{node.name}[" in chart


def test_the_arrows_follow_the_path_of_an_event() -> None:
    named = {(edge.source.name, edge.target.name): edge for edge in edges()}
    path = ["create_task", "tasks", "relay", "event bus", "created", "on_created", "statistics"]

    for step in pairwise(path):
        assert not named[step].aside
    assert named["event bus", "created"].label == "TaskCreated"
    assert named["event bus", "feed"].label == "every event"


def test_reads_and_ways_of_failures_are_dotted() -> None:
    aside = {(edge.source.name, edge.target.name) for edge in edges() if edge.aside}

    assert ("tasks", "get_task") in aside
    assert ("relay", "dead letters of the relay") in aside
    assert ("tasks", "update_task") not in aside, "the arrow of its write says enough"


def test_the_overview_has_one_node_for_functions_of_a_kind() -> None:
    chart = overview()

    assert 'endpoints["<b>endpoints</b><br/>create_task, ' in chart
    assert chart.count("create_task") == 1
    assert "-.->" not in chart


def test_a_table_and_a_queue_of_the_same_name_are_two_nodes() -> None:
    chart = flowchart([Edge(BUS, Node(Kind.QUEUE, "feed")), Edge(BUS, Node(Kind.TABLE, "feed"))], "LR")

    assert '  queue_feed[/"queue feed"/]\n' in chart
    assert '  table_feed[("table feed")]\n' in chart


def test_a_right_on_something_unknown_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    function = {
        "description": "Sends letters",
        "handler": "services.post.send.handler",
        "trigger": {"type": "workflow"},
        "rights": [{"actions": ["ses:SendEmail"], "on": ["letter_box"]}],
    }
    file = tmp_path / "functions.json"
    file.write_text(json.dumps({"send": function}), encoding="utf-8")
    monkeypatch.setattr("scripts.base.functions.FUNCTIONS", file)
    function_map.cache_clear()
    edges.cache_clear()

    try:
        with pytest.raises(Failure, match="letter_box has no place on the map"):
            edges()
    finally:
        function_map.cache_clear()
