"""`make dev`: who holds a session, what a change needs, what is shown, and where a debugger attaches."""

import io
import json
import os
import sys
import termios
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.bench.dev import percentile, report
from scripts.clouds.dev import mode, session, worker
from scripts.clouds.dev.session import DevSession, tree_in_use
from scripts.deployments.target import Target
from scripts.operators.dev import command
from scripts.operators.dev.changes import Needs, needs_of, sorted_changes
from scripts.operators.dev.keys import pressed_keys
from scripts.operators.dev.lines import shown
from scripts.operators.log_lines import LogLine
from tests.harness.command_line import task_manager
from tests.harness.function_map import FUNCTIONS
from tests.harness.waiting import until

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def target() -> Target:
    outputs = {"function_names": {name: f"deployed-{name}" for name in FUNCTIONS}}
    return Target(outputs, lambda _: None)


class TestSession:
    def test_the_emulator_reads_what_is_wanted_while_it_is_held(self, tmp_path: Path) -> None:
        wanted = DevSession(Path("tree"), tmp_path, "live", ("f",), Path("debugpy"), {"f": 5678})

        with wanted.held():
            found = mode.running_session(tmp_path / mode.FILE)

        assert found
        assert (found["tree"], found["functions"], found["ports"]) == ("tree", ["f"], {"f": 5678})
        assert mode.running_session(tmp_path / mode.FILE) is None

    def test_two_sessions_in_a_row_are_told_apart(self, tmp_path: Path) -> None:
        wanted = DevSession(Path("tree"), tmp_path, "live", ())
        found = []
        for _ in range(2):
            with wanted.held():
                found.append(mode.running_session(tmp_path / mode.FILE) or {})

        assert found[0]["id"] != found[1]["id"]

    def test_a_second_one_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(session, "LOCK_SECONDS", 0.0)
        wanted = DevSession(Path("tree"), tmp_path, "live", ())

        with wanted.held(), pytest.raises(Failure, match="another `make dev`"), wanted.held():
            pass

    def test_where_no_session_ever_was_the_package_runs(self, tmp_path: Path) -> None:
        assert tree_in_use(tmp_path) is None

    def test_worker_and_emulator_mean_the_same_by_a_failure(self) -> None:
        assert mode.FAILED == worker.FAILED


class TestChanges:
    @pytest.mark.parametrize(
        ("path", "needs"),
        [
            ("services/core/task.py", Needs.NOTHING),
            ("services/new_folder/new.py", Needs.NOTHING),
            ("services/console/board.js", Needs.PAGE),
            ("services/console/package-lock.json", None),
            ("services/functions.json", Needs.UP),
            ("services/functions.schema.json", None),
            ("infra/queues.tf", Needs.UP),
            ("infra/modules/function/main.tf", Needs.UP),
            ("infra/.terraform.lock.hcl", None),
            ("infra/.terraform/providers/a", None),
            ("requirements/functions.txt", Needs.UP),
            ("requirements/dev.txt", None),
        ],
    )
    def test_a_change_needs_what_its_file_is_for(self, path: str, needs: Needs | None) -> None:
        assert needs_of(Path(path)) is needs

    def test_changes_are_sorted_by_what_they_need(self, tmp_path: Path) -> None:
        changed = [str(tmp_path / name) for name in ("services/b.py", "services/a.py", "infra/a.tf", "x")]

        found = sorted_changes(tmp_path, changed)

        assert found == {
            Needs.NOTHING: [Path("services/a.py"), Path("services/b.py")],
            Needs.UP: [Path("infra/a.tf")],
        }


class TestLines:
    @pytest.mark.parametrize(
        ("function", "message", "fields", "expected"),
        [
            ("create_task", "POST /tasks", {"status": 201, "duration_ms": 7.6}, "POST /tasks  201"),
            ("relay", "relayed", {"lag_ms": 8, "detail_type": "TaskCreated", "version": 1},
             "TaskCreated v1 → bus"),
            ("on_created", "reacted",
             {"lag_ms": 90, "duration_ms": 8, "detail_type": "TaskCreated", "version": 1},
             "reacted to TaskCreated v1"),
            ("validate_task", "validate_task", {"duration_ms": 8, "result": {"check": "auto_approved"}},
             "validate_task  auto_approved"),
        ],
    )  # fmt: skip
    def test_what_was_completed_has_one_line_with_its_duration_and_cause(
        self, function: str, message: str, fields: dict[str, Any], expected: str
    ) -> None:
        text = shown(LogLine(NOON, function, "INFO", message, "a-cause", fields)).plain

        name, words = function.replace("_", "-"), " ".join(expected.split())
        assert " ".join(text.split()) == f"12:00:00.000 {name} {words} 8 ms id=a-cause"

    def test_any_other_line_is_shown_in_full(self) -> None:
        text = shown(LogLine(NOON, "relay", "ERROR", "parked", None, {"reason": "no event"})).plain

        assert "ERROR parked  reason=no event" in text


class TestDebugging:
    def test_each_function_has_a_port_of_its_own_in_the_order_given(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A port that was free a moment ago may be another program's by now, the one after it all the more.
        monkeypatch.setattr(command, "is_taken", lambda _: False)

        ports = command.debug_ports(target(), "on_completed, relay,on_completed", 5678)

        assert ports == {"deployed-on_completed": 5678, "deployed-relay": 5679}

    def test_no_debug_opens_no_port(self) -> None:
        assert command.debug_ports(target(), "") == {}

    def test_an_unknown_function_is_refused(self) -> None:
        with pytest.raises(Failure, match="there is no function nothing"):
            command.debug_ports(target(), "nothing")

    def test_a_taken_port_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(command, "is_taken", lambda _: True)
        monkeypatch.setattr(command, "describe_holder", lambda _: "another process")

        with pytest.raises(Failure, match="port 5678, for a debugger, is taken by"):
            command.debug_ports(target(), "relay")

    def test_the_editor_attaches_to_these_ports_with_the_trees_own_paths(self) -> None:
        content = json.loads((ROOT / ".vscode/launch.json").read_text(encoding="utf-8"))
        attaching = [one for one in content["configurations"] if one["request"] == "attach"]

        ports = [one["connect"]["port"] for one in attaching]
        assert ports == list(range(command.FIRST_DEBUG_PORT, command.FIRST_DEBUG_PORT + len(attaching)))
        for one in attaching:
            assert one["connect"]["host"] == "127.0.0.1"
            (mapping,) = one["pathMappings"]
            assert mapping["localRoot"] == mapping["remoteRoot"] == "${workspaceFolder}"


class TestKeys:
    def test_keys_of_a_terminal_arrive_without_enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pressed: list[str] = []
        main, terminal = os.openpty()
        with os.fdopen(terminal) as stdin:
            before = termios.tcgetattr(stdin)
            monkeypatch.setattr(sys, "stdin", stdin)

            with pressed_keys(pressed.append) as on_terminal:
                os.write(main, b"uq")
                until(lambda: pressed, lambda keys: keys == ["u", "q"], "the keys", 10)

            assert on_terminal
            assert termios.tcgetattr(stdin) == before
            os.close(main)  # ends the thread that reads

    def test_without_a_terminal_there_are_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("q"))

        with pressed_keys(pytest.fail) as on_terminal:
            assert not on_terminal


class TestBench:
    def test_a_percentile_is_not_below_so_many_of_a_hundred(self) -> None:
        found = [float(number) for number in range(1, 101)]

        assert percentile(found, 50) == pytest.approx(50.5)
        assert 95 <= percentile(found, 95) <= 96
        assert percentile([7.0], 95) == 7.0

    @pytest.mark.parametrize(("slowest", "code"), [(499.0, 0), (5000.0, 1)])
    def test_a_missed_goal_fails_the_command(
        self, slowest: float, code: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert report({"save → behaviour, HTTP": ([slowest] * 2, 500)}) == code

        assert ("missed: save → behaviour, HTTP" in capsys.readouterr().out) == bool(code)


def test_on_localstack_the_command_names_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "running_stack", lambda: SimpleNamespace(cloud="localstack"))

    with pytest.raises(Failure, match="is for the embedded cloud") as failure:
        task_manager("dev")

    assert "make up CLOUD=localstack" in str(failure.value)
