"""Choosing a cloud: which one is up, and whether an image of LocalStack requires a licence."""

import json
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.clouds.choice import choose, started
from scripts.clouds.localstack import needs_licence


@pytest.mark.parametrize(
    ("image", "needed"),
    [
        ("localstack/localstack:4.14.0", False),
        ("localstack/localstack:4.14", False),
        ("localstack/localstack:4", False),
        ("localstack/localstack:3.8.1", False),
        ("mirror.example:5000/localstack/localstack:4.13.1", False),
        ("localstack/localstack:4.15.0", True),
        ("localstack/localstack:2026.3.0", True),
        ("localstack/localstack:latest", True),
        ("localstack/localstack", True),
        ("localstack/localstack-pro:4.14.0", True),
    ],
)
def test_images_after_the_last_free_one_require_a_licence(image: str, needed: bool) -> None:
    assert needs_licence(image) is needed


def test_one_cloud_is_up_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "embedded-cloud").mkdir()
    record = {"pid": 1, "instance": "one", "port": 4570}
    (tmp_path / "embedded-cloud/process.json").write_text(json.dumps(record))

    assert choose("embedded", 4570, tmp_path).name == "embedded"
    with pytest.raises(Failure, match=r"the cloud embedded is up on .*:4570: run `make down` first"):
        choose("localstack", 4566, tmp_path)


def test_a_started_cloud_is_found_without_docker(tmp_path: Path) -> None:
    (tmp_path / "localstack").mkdir()
    (tmp_path / "localstack/port").write_text("4570")
    assert [(cloud.name, cloud.endpoint) for cloud in started(tmp_path)] == [
        ("localstack", "http://127.0.0.1:4570")
    ]
