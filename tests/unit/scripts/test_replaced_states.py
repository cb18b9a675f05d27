"""A saved state that is replaced: at any moment there is the former one or the new one."""

import json
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments import states
from scripts.deployments.record import StackRecord

RECORD = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})
BEFORE, NOW = 4566, 4567


class Saving(EmbeddedCloud):
    """A cloud that can be saved; full is the disk that has no room for it."""

    def __init__(self, port: int, folder: Path, *, full: bool = False) -> None:
        super().__init__(port, folder)
        self._full = full

    def save(self, file: Path) -> float:
        file.parent.mkdir(parents=True)
        file.write_bytes(json.dumps(states.here() | {"port": self.port}).encode() + b"\n")
        if self._full:
            raise OSError(28, "No space left on device")
        return 0.1


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The folder of a state, as it was saved before."""
    states.save(Saving(BEFORE, tmp_path), RECORD, tmp_path / "states/demo")
    return tmp_path / "states/demo"


def test_a_state_that_does_not_fit_onto_the_disk_leaves_the_former_one(demo: Path) -> None:
    with pytest.raises(Failure, match=r"written to .*demo, so see that there is room: .*No space left"):
        states.save(Saving(NOW, demo, full=True), RECORD, demo)

    assert states.SavedState.load(demo).port == BEFORE
    assert [folder.name for folder in demo.parent.iterdir()] == ["demo"]


class Killed(BaseException):
    """What nothing catches."""


def test_a_save_that_is_killed_while_it_removes_the_former_state_has_saved(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(folder: Path, **_: object) -> None:
        if folder == demo or folder.name.endswith("-before"):
            (folder / "cloud.snapshot").unlink()
            raise Killed

    monkeypatch.setattr(states.shutil, "rmtree", remove)

    with pytest.raises(Killed):
        states.save(Saving(NOW, demo), RECORD, demo)

    assert states.SavedState.load(demo).port == NOW


def test_a_state_that_cannot_be_replaced_stays(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if target == demo and not self.name.endswith("-before"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)

    with pytest.raises(Failure, match="Permission denied"):
        states.save(Saving(NOW, demo), RECORD, demo)

    assert states.SavedState.load(demo).port == BEFORE
    assert [folder.name for folder in demo.parent.iterdir()] == ["demo"]


def test_a_save_removes_what_killed_ones_left(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive, dead = 11, 12
    monkeypatch.setattr(states, "exists", lambda pid: pid == alive)
    for name in (f".demo-{dead}", f".demo-{dead}-before", f".demo-{alive}", f".demo-2-{dead}"):
        (demo.parent / name).mkdir()

    states.save(Saving(NOW, demo), RECORD, demo)

    assert sorted(folder.name for folder in demo.parent.iterdir()) == [".demo-11", ".demo-2-12", "demo"]
