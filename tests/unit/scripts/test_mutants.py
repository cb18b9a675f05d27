"""`make mutants`: how its results are read, and when it fails."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.quality import mutants, survivors
from scripts.quality.survivors import Accepted, Mutant, Score
from tests.harness.command_line import task_manager

DIFF = """\
--- services/core/task.py
+++ services/core/task.py
@@ -1,4 +1,4 @@
 def next_version(task, now):
-    version = task.version + 1
+    version = task.version - 1
     return version
"""
VERSION = "services.core.task.next_version: version = task.version + 1 → version = task.version - 1"
SURVIVOR = Mutant("services.core.task.x_next_version__mutmut_2", "survived", DIFF)
NOTHING = Accepted(frozenset(), {})
KILLED = Mutant("services.core.task.x_next_version__mutmut_1", "killed")


def file_of(folder: Path, text: str) -> Path:
    file = folder / "survivors.toml"
    file.write_text(text, encoding="utf-8")
    return file


class TestMutants:
    @pytest.mark.parametrize(
        ("name", "function"),
        [
            ("x_next_version", "next_version"),
            ("x__key", "_key"),
            ("xǁTaskǁas_document", "Task.as_document"),
            ("xǁTaskStoreǁ__init__", "TaskStore.__init__"),
            ("xǁTaskStoreǁ_transact", "TaskStore._transact"),
        ],
    )
    def test_a_mutant_names_its_function(self, name: str, function: str) -> None:
        mutant = Mutant(f"services.core.task.{name}__mutmut_7", "killed")
        assert (mutant.module, mutant.function) == ("services.core.task", f"services.core.task.{function}")

    def test_a_mutant_is_described_by_what_changed(self) -> None:
        assert SURVIVOR.change == VERSION


class TestAcceptedSurvivors:
    def test_a_group_gives_each_the_reason(self, tmp_path: Path) -> None:
        other = "services.core.task.f: a: 1 → "
        lines = [f"'''{VERSION}'''", f"'''{other}'''"]
        file = file_of(
            tmp_path,
            "modules = ['services.core.task']\n"
            f"[[accepted]]\nreason = 'equivalent'\nsurvivors = [\n{', '.join(lines)}\n]\n",
        )

        assert survivors.read(file) == Accepted(
            frozenset({"services.core.task"}), {VERSION: "equivalent", other: "equivalent"}
        )

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("[[accepted]\n", "survivors.toml is not TOML"),
            ("[[accepted]]\nsurvivors = []\n", r"group 1 of \[\[accepted\]\] gives no reason"),
            ("[[accepted]]\nreason = ' '\n", r"group 1 of \[\[accepted\]\] gives no reason"),
            ("[[accepted]]\nreason = 'a'\nsurvivors = ['x']\n", "group 1: 'x' is not “function: before"),
            ("[[accepted]]\nreason = 'a'\nsurvivors = ['x: a → b']\n", "'x: a → b' is not"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, tmp_path: Path, text: str, complaint: str) -> None:
        with pytest.raises(Failure, match=complaint):
            survivors.read(file_of(tmp_path, text))

    def test_the_committed_file_is_readable_and_names_functions_that_exist(self) -> None:
        """The last parts are the function's name, or the class's and the method's."""
        for change in survivors.read(mutants.ACCEPTED).reasons:
            *path, name = change.partition(": ")[0].split(".")
            while path and not (file := mutants.ROOT / "/".join(path)).with_suffix(".py").is_file():
                path.pop()
            assert path, f"{change}: no such module"
            assert f"def {name}(" in file.with_suffix(".py").read_text(encoding="utf-8"), change

    def test_the_committed_file_names_modules_that_exist(self) -> None:
        for module in survivors.read(mutants.ACCEPTED).modules:
            assert mutants.prefix_of(f"{module.replace('.', '/')}.py") == f"{module}."


def accepted(*changes: str) -> Accepted:
    return Accepted(frozenset({"services.core.task"}), dict.fromkeys(changes, "equivalent"))


class TestReport:
    def test_what_is_killed_hangs_or_crashes_is_noticed(self) -> None:
        statuses = ("killed", "timeout", "segfault", "survived", "no tests", "suspicious")
        found = [Mutant(f"services.core.task.x_f__mutmut_{at}", each) for at, each in enumerate(statuses)]

        report = survivors.report([*found, Mutant("services.api.get_task.x_f__mutmut_1", "killed")], NOTHING)

        assert report.scores == {"services.api.get_task": Score(1, 1), "services.core.task": Score(3, 6)}
        assert report.total == Score(4, 7)

    @pytest.mark.parametrize("status", ["not checked", "check was interrupted by user"])
    def test_a_run_that_was_ended_is_no_result(self, status: str) -> None:
        with pytest.raises(Failure, match="1 mutations were not run: the same command goes on with them"):
            survivors.report([KILLED, Mutant(SURVIVOR.name, status)], NOTHING)

    def test_enough_noticed_and_every_survivor_explained_is_no_problem(self) -> None:
        report = survivors.report([*[KILLED] * 9, SURVIVOR], accepted(VERSION))

        assert (report.problems, report.gone) == ([], [])
        assert mutants.show(report) == 0

    def test_too_little_noticed_is_a_problem_though_all_is_explained(self) -> None:
        report = survivors.report([*[KILLED] * 89, *[SURVIVOR] * 11], accepted(VERSION))
        assert report.problems == ["89.0% noticed: at least 90% are wanted"]

    def test_an_unexplained_survivor_is_a_problem_and_printed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report = survivors.report([*[KILLED] * 99, SURVIVOR], accepted())

        assert mutants.show(report) == 1
        printed = capsys.readouterr().out
        assert f"  {VERSION}\n" in printed
        assert "1 survivors without a reason" in printed

    def test_a_survivor_in_a_module_that_was_not_looked_through_is_printed_and_no_problem(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report = survivors.report([*[KILLED] * 99, SURVIVOR], NOTHING)

        assert mutants.show(report) == 0
        assert f"not looked through yet:\n  {VERSION}\n" in capsys.readouterr().out

    def test_accepted_survivors_that_are_gone_are_listed_for_mutated_modules_only(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        method = "services.core.task.Task.f: a → b"
        elsewhere = "services.core.task_of_others.f: a → b"

        report = survivors.report([KILLED], accepted(VERSION, method, elsewhere))

        assert (report.gone, report.problems) == ([method, VERSION], [])
        assert mutants.show(report) == 0
        assert "2 accepted survivors are gone" in capsys.readouterr().out


class TestModule:
    @pytest.mark.parametrize(
        ("module", "prefix"),
        [
            ("services", "services."),
            ("services/core/", "services.core."),
            ("./services/core/task.py", "services.core.task."),
        ],
    )
    def test_a_path_becomes_the_beginning_of_mutmuts_names(self, module: str, prefix: str) -> None:
        assert mutants.prefix_of(module) == prefix

    @pytest.mark.parametrize(
        "module",
        ["services/core/tusk.py", "services.core", "scripts", "..", "/etc/passwd", "services/functions.json"],
    )
    def test_anything_else_is_refused(self, module: str) -> None:
        with pytest.raises(Failure, match=r"MODULE is '.*': give a Python file or a folder in services/"):
            task_manager("mutants", f"--module={module}")


def test_progress_is_read_from_mutmuts_line() -> None:
    line = "⠙ 12/240  🎉 9 🫥 0  ⏰ 0  🤔 0  🙁 3  🔇 0  🧙 0\n"
    assert mutants.progress_in(line) == "12 of 240, 3 not noticed"
    assert mutants.progress_in("⠙ Running stats\n") is None
