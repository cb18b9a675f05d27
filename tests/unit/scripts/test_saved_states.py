"""Saved states by name, and snapshots of deployments: what is refused, with what to do; what is reused."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.localstack import LocalStackCloud
from scripts.clouds.states import snapshots
from scripts.deployments import stack
from scripts.deployments import states as deployed_states
from scripts.deployments.record import StackRecord
from scripts.operators import states
from scripts.quality import clean

# --- what is refused


def written(folder: Path, name: str = "demo", **changes: Any) -> Path:
    """A saved state, as far as it is read before the cloud starts."""
    manifest = deployed_states.here() | {"port": 4566} | changes
    (folder / name).mkdir(parents=True)
    (folder / name / "cloud.snapshot").write_bytes(json.dumps(manifest).encode() + b"\nrest")
    StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {}).save(folder / name)
    return folder / name


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of named states, and no cloud that is up."""
    monkeypatch.setattr(states, "STATES", tmp_path / "states")
    monkeypatch.setattr(states, "WORK_FOLDER", tmp_path)
    return tmp_path / "states"


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "a" * 41, "a b"])
def test_a_name_that_is_none_is_refused(saved: Path, name: str) -> None:
    for command in (states.save, states.load):
        with pytest.raises(Failure, match=r"NAME=.*is no name: letters, digits"):
            command(name)


def test_an_unknown_name_lists_those_there_are(saved: Path) -> None:
    with pytest.raises(Failure, match="no state is saved as 'nix'; none is: `make save NAME="):
        states.load("nix")
    written(saved, "one")
    written(saved, "two")

    with pytest.raises(Failure, match="no state is saved as 'nix'; there are one, two"):
        states.load("nix")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ministack": "1.0.0"}, "saved with the ministack version 1.0.0, and here it is 1.5.33"),
        ({"python": "3.9"}, "saved with the Python version 3.9"),
        ({"form": 0}, "saved with the form 0"),
    ],
)
def test_a_state_of_another_version_is_refused_with_what_to_do(
    saved: Path, changes: dict[str, Any], said: str
) -> None:
    written(saved, **changes)

    with pytest.raises(Failure, match=rf"{said}.*begin anew: `make up`"):
        states.load("demo")


def test_a_folder_that_is_no_state_is_refused(saved: Path) -> None:
    (saved / "demo").mkdir(parents=True)

    with pytest.raises(Failure, match="demo is not a saved state"):
        states.load("demo")


def test_states_are_of_the_local_cloud_only(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match=r"ENV=dev is on AWS.*make export ENV=dev"):
        states.save("demo", "dev")
    written(saved)
    localstack = LocalStackCloud(4566, saved)
    monkeypatch.setattr(states, "_running", lambda: localstack)

    with pytest.raises(Failure, match=r"localstack is up.*`make down` first"):
        states.load("demo")
    with pytest.raises(Failure, match="LocalStack keeps no states"):
        localstack.save(saved / "x")
    with pytest.raises(Failure, match="LocalStack keeps no states"):
        localstack.start(saved / "x")


def test_tasks_are_not_discarded_without_a_word(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(saved)
    cloud = EmbeddedCloud(4566, saved)
    monkeypatch.setattr(EmbeddedCloud, "instance", "of the cloud that is up")
    monkeypatch.setattr(states, "_running", lambda: cloud)
    monkeypatch.setattr(states, "chosen_target", lambda: None)
    monkeypatch.setattr(states, "number_of_tasks", lambda _: 3)
    monkeypatch.delenv("AUTO_APPROVE", raising=False)
    StackRecord("embedded", cloud.endpoint, cloud.instance or "", "local", "2", {}).save(saved.parent)

    with pytest.raises(Failure, match="this discards tasks and there is no terminal"):
        states.load("demo")


def test_saving_without_a_cloud_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="not up: run `make up`"):
        EmbeddedCloud(4566, tmp_path).save(tmp_path / "x")


def test_the_emulator_itself_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    folder = written(tmp_path, ministack="0.1")
    found = snapshots.read_manifest(folder / "cloud.snapshot")

    assert snapshots.unfit(found, deployed_states.here()) == (
        "it was saved with the ministack version 0.1, and here it is 1.5.33"
    )


def test_make_clean_keeps_named_states_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / ".local"
    kept = written(work / "states")
    (work / "snapshots/one").mkdir(parents=True)
    (work / "stack.json").write_text("{}")
    monkeypatch.setattr(clean, "WORK_FOLDER", work)
    monkeypatch.setattr(clean, "ROOT", tmp_path)
    monkeypatch.setattr(clean, "PROJECT_ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(clean.down, "down", lambda: None)
    monkeypatch.chdir(tmp_path)

    clean.clean()

    assert [path.name for path in work.iterdir()] == ["states"]
    assert (kept / "cloud.snapshot").exists()
    assert capsys.readouterr().out.endswith("to remove that, too: rm -r .local/states\n")


# --- snapshots of deployments


def test_a_snapshots_key_is_of_what_was_deployed_and_of_the_emulator() -> None:
    assert deployed_states.key_of("digest", "package") == deployed_states.key_of("digest", "package")
    assert deployed_states.key_of("digest", "package") != deployed_states.key_of("digest", "other")


class Saving(EmbeddedCloud):
    """A cloud that can be saved."""

    def save(self, file: Path) -> float:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(json.dumps(deployed_states.here() | {"port": self.port}).encode() + b"\n")
        return 0.1


class OnFullDisk(EmbeddedCloud):
    """A cloud whose file fits half onto the disk."""

    def save(self, file: Path) -> float:
        file.parent.mkdir(parents=True)
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")


def test_what_is_deployed_stays_so_without_a_snapshot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, cloud = deployed_states.Snapshots(tmp_path), OnFullDisk(4566, tmp_path)
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})

    assert kept.deployment("key", cloud, lambda _: record, lambda: record, Steps()) == record

    assert "There is no snapshot, so the next `make up` deploys from nothing" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["key.lock"]


def test_of_many_snapshots_the_newest_are_kept(tmp_path: Path) -> None:
    kept = deployed_states.Snapshots(tmp_path)
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})

    for number in range(deployed_states.KEPT_SNAPSHOTS + 1):
        kept.keep(str(number), Saving(4566, tmp_path), record)

    assert kept.find("0") is None
    found = kept.find(str(deployed_states.KEPT_SNAPSHOTS))
    assert found is not None
    assert deployed_states.SavedState.load(found).record == record


def test_a_snapshot_with_other_code_stands_in_where_that_is_wanted(tmp_path: Path) -> None:
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})
    deployed, edited = (deployed_states.key_of("digest", code) for code in ("before", "after"))
    other_infrastructure = deployed_states.key_of("other digest", "before")
    exact, similar = deployed_states.Snapshots(tmp_path), deployed_states.Snapshots(tmp_path, other_code=True)

    exact.keep(deployed, Saving(4566, tmp_path), record)

    assert exact.find(deployed) == similar.find(edited) == tmp_path / deployed
    assert exact.find(edited) is None
    assert similar.find(other_infrastructure) is None


def test_a_snapshot_that_is_of_no_use_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, cloud = deployed_states.Snapshots(tmp_path), Saving(4566, tmp_path)
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})
    starts: list[Path] = []

    def fail(snapshot: Path) -> StackRecord:
        starts.append(snapshot)
        raise Failure("it is damaged")

    for _ in range(3):
        assert kept.deployment("key", cloud, fail, lambda: record, Steps()) == record

    assert len(starts) == 2  # the first had nothing to start from
    assert kept.find("key")
    assert "so it is deployed from nothing: it is damaged" in capsys.readouterr().out


class Elsewhere(EmbeddedCloud):
    """A cloud that cannot start, because one with the same folder runs on another port."""

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(port, folder)
        self._program = SimpleNamespace(running=lambda: SimpleNamespace(port=port + 1))

    def stop(self) -> None:
        pytest.fail("it stopped the cloud that runs")


def test_a_cloud_that_cannot_start_costs_no_snapshot_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = SimpleNamespace(sha256="code", file="p.zip", runtime="python3.13", architecture="arm64")
    monkeypatch.setattr(stack, "build", lambda *_, **__: package)
    kept = deployed_states.Snapshots(tmp_path / "snapshots")
    application = stack.Stack(Elsewhere(4566, tmp_path), tmp_path, snapshots=kept)
    key = deployed_states.key_of(application._digest(package), package.sha256)
    kept.keep(key, Saving(4566, tmp_path), StackRecord("embedded", "", "1", "local", "2", {}))

    with pytest.raises(Failure, match="already up on port 4567: run `make down` first"):
        application.deploy(Steps())

    assert kept.find(key)
