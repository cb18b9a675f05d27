"""The linters of the OpenAPI document find nothing in ours, and find what is wrong in another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.quality import api_document, lint
from services.api.openapi import document
from tests.harness.fetching import skipped_without

Json = dict[str, Any]


@pytest.fixture(scope="module")
def need_tools() -> None:
    """Skip if npm cannot fetch the tools; in CI that is a failure."""
    with skipped_without("Redocly or Spectral"):
        api_document.tools()


@pytest.fixture
def written(need_tools: None, tmp_path: Path) -> Callable[[Json], Path]:
    def write(content: Json) -> Path:
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("check", [api_document.redocly, api_document.spectral])
def test_the_document_of_an_open_api_has_no_problem(
    written: Callable[[Json], Path], check: Callable[[Path], None]
) -> None:
    check(written(document(authenticates=False)))


def without_license(content: Json) -> None:
    del content["info"]["license"]


def without_tags(content: Json) -> None:
    content["paths"]["/tasks"]["get"]["tags"] = []


@pytest.mark.parametrize(
    ("check", "spoil", "complaint"),
    [
        (api_document.redocly, without_license, "license"),
        (api_document.spectral, without_tags, "operation-tags"),
    ],
)
def test_a_warning_fails(
    written: Callable[[Json], Path],
    check: Callable[[Path], None],
    spoil: Callable[[Json], None],
    complaint: str,
) -> None:
    content = document(authenticates=True)
    spoil(content)

    with pytest.raises(Failure, match=complaint):
        check(written(content))


def test_what_is_no_openapi_document_fails(written: Callable[[Json], Path]) -> None:
    for check in (api_document.redocly, api_document.spectral):
        with pytest.raises(Failure):
            check(written({"openapi": "3.1.0"}))


def test_lint_names_the_checks_that_it_skips_without_npm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable() -> Path:
        raise Failure("packages of npm could not be fetched: check the network")

    monkeypatch.setattr(api_document, "tools", unreachable)
    monkeypatch.delenv("CI", raising=False)

    assert lint.api_document_checks() == {}
    assert "redocly, spectral: docs/openapi.json is not checked: packages" in capsys.readouterr().out

    monkeypatch.setenv("CI", "true")
    assert set(lint.api_document_checks()) == {"redocly", "spectral"}
