"""Locust as a process: what its containers get, and its result."""

from pathlib import Path

import pytest

from load.process import COMPOSE_FILE, LIBRARIES, compose_command, compose_variables, require_figures
from scripts.base.failure import Failure
from scripts.base.paths import ROOT

API = "http://127.0.0.1:4567/_aws/execute-api/abc/live"


def test_containers_reach_localstack_by_its_name_in_their_network(tmp_path: Path) -> None:
    found = compose_variables(API, tmp_path, 3)

    assert found["LOAD_TARGET"] == "http://localstack:4566/_aws/execute-api/abc/live"
    assert found["LOCUST_EXPECT_WORKERS"] == "3"
    assert "locust-worker=3" in compose_command(3)


def test_the_compose_file_uses_every_variable(tmp_path: Path) -> None:
    text = COMPOSE_FILE.read_text()

    for name in compose_variables(API, tmp_path, 3):
        assert f"${{{name}:" in text or f"\n      {name}:\n" in text, name


def test_a_run_without_figures_fails_with_locusts_output(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ImportError: no such thing\n")

    with pytest.raises(Failure, match="ImportError: no such thing"):
        require_figures(tmp_path, tmp_path / "log")


def test_containers_find_the_libraries_of_the_client() -> None:
    path = f"PYTHONPATH: /project:/project/{LIBRARIES.relative_to(ROOT)}\n"

    assert COMPOSE_FILE.read_text().count(path) == 2, "master and workers"
