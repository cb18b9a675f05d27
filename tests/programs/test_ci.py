"""CI runs the tests that can run, names those that cannot, and fails as they do."""

from pathlib import Path

import pytest

from scripts.quality import ci
from tests.harness.command_line import task_manager
from tests.harness.shell_program import shell_program


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The targets that were made → what they exit with."""
    done: dict[str, int] = {}
    codes = {"test": 0, "test-localstack": 3}

    def make(target: str) -> int:
        return done.setdefault(target, codes[target])

    monkeypatch.setattr(ci, "_make", make)
    monkeypatch.setattr(ci, "trouble_with_browser", lambda: None)
    return done


def test_tests_on_localstack_run_second_and_decide_the_exit_code(
    made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ci, "trouble_with_images", lambda: None)
    assert task_manager("ci") == 3
    assert list(made) == ["test", "test-localstack"]


def test_without_docker_the_reason_is_printed(
    made: dict[str, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ci, "trouble_with_images", lambda: "Docker is not installed")

    assert task_manager("ci") == 0
    assert list(made) == ["test"]
    assert capsys.readouterr().out == "Tests on LocalStack: not run: Docker is not installed\n"


@pytest.mark.parametrize(
    ("text", "troubles", "targets"),
    [
        ("exit 0", ["no image"], ["test", "test-localstack"]),
        ("echo fetching; echo '[2s] error: no network' >&2; exit 1", ["no image"], ["test"]),
        ("exit 0", ["no image", "no image"], ["test"]),
    ],
)
def test_a_program_may_fetch_the_images(
    made: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    text: str,
    troubles: list[str],
    targets: list[str],
) -> None:
    monkeypatch.setattr(ci, "trouble_with_images", lambda: troubles.pop(0) if troubles else None)

    task_manager("ci", str(shell_program(tmp_path / "images", text)))

    assert list(made) == targets
    said = capsys.readouterr().out
    assert ("not run" in said) == (targets == ["test"])
    assert ("error: no network" in said) == ("no network" in text)


@pytest.mark.parametrize(
    ("user", "exit_code", "told"),
    [(0, 0, None), (0, 1, "apt-get failed"), (1000, 0, "it cannot be installed here")],
)
def test_a_browser_is_installed_where_that_is_allowed(
    made: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    user: int,
    exit_code: int,
    told: str | None,
) -> None:
    shell_program(tmp_path / "apt-get", f"touch {tmp_path}/chromium; exit {exit_code}")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(ci, "ROOT", tmp_path)
    monkeypatch.setattr(ci, "trouble_with_images", lambda: "no Docker")
    monkeypatch.setattr(
        ci, "trouble_with_browser", lambda: None if (tmp_path / "chromium").exists() else "no Chromium"
    )

    assert task_manager("ci") == 0
    said = capsys.readouterr().out
    assert ("in a browser: not run" in said) == (told is not None)
    assert told is None or told in said
    assert list(made) == ["test"]
