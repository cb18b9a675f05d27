"""Fixtures of the tests that start programs: a `docker` with given answers."""

import json
import stat
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.ports import free_port
from scripts.clouds.localstack import LocalStackCloud
from tests.unit.conftest import no_network

__all__ = ["no_network"]  # for these tests, too

SETTINGS = {"image": "localstack/localstack:4.14.0", "environment": {"LOCALSTACK_AUTH_TOKEN": ""}}


class FakeDocker:
    """A `docker` on PATH with given answers: the start of its arguments → exit code, stdout, stderr."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, tuple[int, str, str]] = {
            "version": (0, "amd64\n", ""),
            "compose version": (0, "v2.40\n", ""),
            "compose --file": (0, json.dumps({"services": {"localstack": SETTINGS}}), ""),
            "image inspect": (0, "", ""),
        }

    def install(self) -> None:
        lines = ["#!/bin/sh", f'echo "$@" >> {self.folder}/calls']
        for number, (start, (code, out, err)) in enumerate(self.answers.items()):
            for name, text in (("out", out), ("err", err)):
                (self.folder / f"{name}{number}").write_text(text)
            answer = f"cat {self.folder}/out{number}; cat {self.folder}/err{number} >&2; exit {code}"
            lines.append(f'case "$*" in "{start}"*) {answer};; esac')
        program = self.folder / "docker"
        program.write_text("\n".join(lines) + "\n")
        program.chmod(stat.S_IRWXU)

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def fake_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    fake = FakeDocker(tmp_path / "bin")
    fake.install()
    return fake


def trouble_of_starting(folder: Path, port: int | None = None) -> str:
    with pytest.raises(Failure) as failure:
        LocalStackCloud(port or free_port(), folder).start()
    assert "\n" not in str(failure.value)
    return str(failure.value)
