"""The file of `make export` and `make restore`: one that cannot be used is refused first, by its name."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.files import named_path
from scripts.operators import restore
from scripts.operators.restore import export_to, line_of, read_export
from services.adapters.dynamodb.tasks import task_to_item
from services.adapters.dynamodb.wire import item_from_wire
from tests.harness.builders import a_task
from tests.harness.command_line import task_manager

STORED = item_from_wire(task_to_item(a_task(), "cause", 50))
LINE = line_of(STORED)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The scans of the table, which holds one task."""
    found: list[object] = []

    def exported(*scan: object) -> object:
        found.append(scan)
        return [STORED]

    monkeypatch.setattr(restore, "chosen_target", lambda *_, **__: None)
    monkeypatch.setattr(restore, "exported", exported)
    return found


class TestExport:
    @pytest.mark.parametrize(
        ("name", "said"),
        [("missing/tasks.jsonl", "No such file or directory"), (".", "Is a directory")],
    )
    def test_file_that_cannot_be_written_is_refused_before_the_scan(
        self, scans: list[object], tmp_path: Path, name: str, said: str
    ) -> None:
        with pytest.raises(
            Failure, match=rf"FILE={tmp_path / name}: {said}: name a file that can be written"
        ):
            task_manager("export", f"--file={tmp_path / name}")

        assert scans == []

    def test_scan_that_fails_leaves_the_files_as_they_were(
        self, monkeypatch: pytest.MonkeyPatch, scans: list[object], tmp_path: Path
    ) -> None:
        def fails(*_: object) -> object:
            raise Failure("throttled")

        monkeypatch.setattr(restore, "exported", fails)
        kept = tmp_path / "kept.jsonl"
        kept.write_text(LINE)

        for file in (kept, tmp_path / "new.jsonl"):
            with pytest.raises(Failure, match="throttled"):
                export_to(file)

        assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept.jsonl", LINE)]

    def test_earlier_export_is_replaced(self, scans: list[object], tmp_path: Path) -> None:
        file = tmp_path / "tasks.jsonl"
        file.write_text(LINE * 3)

        task_manager("export", f"--file={file}")

        assert file.read_text() == LINE
        assert read_export(file) == [STORED]


class TestRestore:
    @pytest.mark.parametrize(
        ("name", "said"),
        [("missing.jsonl", "No such file or directory"), (".", "Is a directory")],
    )
    def test_file_that_cannot_be_read_is_named(self, tmp_path: Path, name: str, said: str) -> None:
        with pytest.raises(Failure, match=rf"FILE={tmp_path / name}: {said}: name a file that `make export`"):
            task_manager("restore", "--from=2026-01-31", f"--file={tmp_path / name}")

    @pytest.mark.parametrize(
        "line",
        [b"", b"{", b"[]", b"null", b'{"a": 3}', b'{"taskId": {"S": "1"}}', b'{"Item": {"a": {}}}', b"\xff"],
    )
    def test_line_that_is_no_task_is_named_by_its_number(self, tmp_path: Path, line: bytes) -> None:
        file = tmp_path / "tasks.jsonl"
        file.write_bytes(LINE.encode() + line + b"\n" + LINE.encode())

        with pytest.raises(Failure, match=r"tasks.jsonl: line 2 is no task as `make export` writes it"):
            task_manager("restore", "--from=2026-01-31", f"--file={file}")


def test_home_folder_is_found_where_the_shell_has_not_replaced_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")

    assert named_path("~/tasks.jsonl") == Path("/home/ada/tasks.jsonl")
    assert named_path("a~b") == Path("a~b")
