"""`make mutants`: how its results are read, and when it fails."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.quality import mutants, survivors
from scripts.quality.survivors import Score, Survivor
from tests.harness.command_line import task_manager

RESULTS = """
    services.core.task.x_next_version__mutmut_1: killed
    services.core.task.x_next_version__mutmut_2: survived
    services.core.task.xǁTaskǁas_document__mutmut_1: timeout
    services.api.get_task.x__answer__mutmut_12: no tests
    services.api.get_task.x__answer__mutmut_13: segfault
"""

DIFF = """\
--- services/core/task.py
+++ services/core/task.py
@@ -1,4 +1,4 @@
 def next_version(task, now):
-    version = task.version + 1
+    version = task.version - 1
     return version
"""

VERSION = Survivor("services.core.task.next_version", "version = 1", "version = 2")


def file_of(folder: Path, text: str) -> Path:
    file = folder / "survivors.toml"
    file.write_text(text, encoding="utf-8")
    return file


class TestScores:
    def test_what_is_killed_hangs_or_crashes_is_noticed(self) -> None:
        scores = survivors.scores(survivors.statuses(RESULTS))

        assert scores == {"services.api.get_task": Score(1, 2), "services.core.task": Score(2, 3)}
        assert survivors.total(scores.values()) == Score(3, 5)

    def test_a_module_without_mutations_missed_nothing(self) -> None:
        assert Score(0, 0).share == 1

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
    def test_a_survivor_names_its_function(self, name: str, function: str) -> None:
        assert (
            survivors.function_of(f"services.core.task.{name}__mutmut_7") == f"services.core.task.{function}"
        )

    def test_a_survivor_is_what_changed(self) -> None:
        found = survivors.survivor_of("services.core.task.x_next_version__mutmut_2", DIFF)

        assert found == Survivor(
            "services.core.task.next_version", "version = task.version + 1", "version = task.version - 1"
        )


class TestAcceptedSurvivors:
    def test_a_group_gives_each_the_reason(self, tmp_path: Path) -> None:
        other = Survivor("services.core.task.f", "a: 1", "")
        lines = [f"'''{VERSION}'''", f"'''{other}'''"]
        file = file_of(
            tmp_path, f"[[accepted]]\nreason = 'equivalent'\nsurvivors = [\n{', '.join(lines)}\n]\n"
        )

        assert survivors.accepted(file) == {VERSION: "equivalent", other: "equivalent"}

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
            survivors.accepted(file_of(tmp_path, text))

    def test_the_committed_file_names_code_that_exists(self) -> None:
        modules = survivors.modules(mutants.ACCEPTED)
        assert modules
        assert [mutants.pattern_of(module) for module in modules]

    def test_the_committed_file_is_readable_and_names_functions_that_exist(self) -> None:
        """The last parts are the function's name, or the class's and the method's."""
        for survivor in survivors.accepted(mutants.ACCEPTED):
            *_, name = survivor.function.split(".")
            path, rest = survivor.function.split("."), []
            while path and not (file := mutants.ROOT / "/".join(path)).with_suffix(".py").is_file():
                rest.append(path.pop())
            assert path, f"{survivor.function}: no such module"
            assert f"def {name}(" in file.with_suffix(".py").read_text(encoding="utf-8"), survivor.function


class TestVerdict:
    def test_enough_noticed_and_every_survivor_explained_is_no_problem(self) -> None:
        verdict = survivors.judged({"services.core.task": Score(9, 10)}, [VERSION], {VERSION: "equivalent"})

        assert verdict.problems == []
        assert verdict.gone == []
        assert mutants.report({"services.core.task": Score(9, 10)}, verdict) == 0

    def test_too_little_noticed_is_a_problem_though_all_is_explained(self) -> None:
        verdict = survivors.judged({"services.core.task": Score(89, 100)}, [VERSION], {VERSION: "text"})
        assert verdict.problems == ["89.0% noticed: at least 90% are wanted"]

    def test_an_unexplained_survivor_is_a_problem_and_printed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        verdict = survivors.judged({"services.core.task": Score(99, 100)}, [VERSION], {})

        assert mutants.report({"services.core.task": Score(99, 100)}, verdict) == 1
        printed = capsys.readouterr().out
        assert f"  {VERSION}\n" in printed
        assert "1 survivors without a reason" in printed

    def test_accepted_survivors_that_are_gone_are_listed_for_mutated_modules_only(self) -> None:
        elsewhere = Survivor("services.core.tasks_of_others.f", "a", "b")
        reasons = {VERSION: "text", elsewhere: "text"}

        verdict = survivors.judged({"services.core.task": Score(1, 1)}, [], reasons)

        assert verdict.gone == [VERSION]
        assert verdict.problems == []


class TestModule:
    @pytest.mark.parametrize(
        ("module", "pattern"),
        [
            ("services", "services.*"),
            ("services/core/", "services.core.*"),
            ("./services/core/task.py", "services.core.task.*"),
        ],
    )
    def test_a_path_becomes_mutmuts_pattern(self, module: str, pattern: str) -> None:
        assert mutants.pattern_of(module) == pattern

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
