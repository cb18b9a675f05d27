"""The embedded cloud's answer to a request for a snapshot."""

import asyncio
import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.clouds.states import snapshots
from scripts.clouds.states.gate import Gate

REQUEST = {
    "type": "http",
    "method": "POST",
    "path": snapshots.PATH,
    "headers": [(snapshots.INSTANCE, b"one")],
}


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> snapshots.Snapshots:
    monkeypatch.setattr(snapshots, "_here", lambda port: {"port": port})
    parts = SimpleNamespace(
        stores=SimpleNamespace(dump=lambda *_: b"all that it knows"),
        baseline=SimpleNamespace(changed=dict),
        gate=Gate(),
        executions=SimpleNamespace(places={}),
        lock=contextlib.nullcontext(),
    )
    return snapshots.Snapshots(None, tmp_path, {"instance": "one", "port": 4566}, parts)


def answer_of(emulator: snapshots.Snapshots, **other: Any) -> tuple[int, dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(emulator(REQUEST | other, None, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_snapshot_is_written_with_its_manifest(emulator: snapshots.Snapshots, tmp_path: Path) -> None:
    status, answer = answer_of(emulator)

    assert (status, answer["bytes"]) == (200, len(b"all that it knows"))
    assert [file.name for file in tmp_path.iterdir()] == [snapshots.FILE]
    assert snapshots.read(tmp_path / snapshots.FILE) == ({"port": 4566}, b"all that it knows")


def test_a_snapshot_that_cannot_be_written_is_a_problem_and_leaves_no_draft(
    emulator: snapshots.Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots.os, "fsync", full)

    assert answer_of(emulator) == (503, {"problem": "[Errno 28] No space left on device"})

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("instance", "status"), [("one", 200), ("other", 403)])
def test_whoever_knows_the_instance_is_told_that_it_is_this_one(
    emulator: snapshots.Snapshots, tmp_path: Path, instance: str, status: int
) -> None:
    asked = {"method": "GET", "headers": [(snapshots.INSTANCE, instance.encode())]}

    assert answer_of(emulator, **asked)[0] == status
    assert not list(tmp_path.iterdir())
