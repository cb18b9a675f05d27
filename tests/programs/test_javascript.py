"""The checks of the console's JavaScript find errors, and report if they cannot run."""

import re
import shutil
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.quality import javascript, lint
from tests.harness.fetching import skipped_without


@pytest.fixture(scope="module")
def need_tools() -> None:
    """Skip if npm cannot fetch the tools; in CI that is a failure."""
    with skipped_without("Biome or TypeScript"):
        javascript.tools()


@pytest.fixture
def sources(need_tools: None, tmp_path: Path) -> Path:
    """A copy of the console's sources, to be changed, in a tree with the types that they import."""
    shutil.copytree(ROOT / "clients/typescript", tmp_path / "clients/typescript")
    return shutil.copytree(javascript.CONSOLE, tmp_path / "services/console")


def append(module: Path, line: str) -> None:
    module.write_text(f"{module.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")


def test_type_errors_are_found(sources: Path) -> None:
    append(sources / "main.js", "updateTimes(1);")
    append(sources / "main.js", 'api.task("1").then((task) => task.owner);')
    append(sources / "main.js", 'import { api } from "./api.js";')

    with pytest.raises(Failure) as caught:
        javascript.tsc(sources)

    for complaint in ("Expected 0 arguments", "Property 'owner' does not exist"):
        assert re.search(rf"main\.js.*{complaint}", str(caught.value))


def test_events_of_another_entity_fit_the_page(sources: Path) -> None:
    """As `make add-table` and `make clients` have them."""
    client = sources.parents[1] / "clients/typescript/task-manager.d.ts"
    listed = 'events: components["schemas"]["FeedEntry"][];'
    another = """events: (components["schemas"]["FeedEntry"] | {
        eventId: string; detailType: string; occurredAt: string; recordedAt: string;
        latencyMilliseconds?: number | null; correlationId: string; entity: string; entityId: string;
        userId: string; title: string; version: number; changed: string[];
    })[];"""
    text = client.read_text(encoding="utf-8")
    assert text.count(listed) == 1

    client.write_text(text.replace(listed, another), encoding="utf-8")

    javascript.tsc(sources)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("debugger;", "noDebugger"),
        ("start( );", "format"),
        ("undeclared();", "noUndeclaredVariables"),
    ],
)
def test_a_broken_rule_is_found(sources: Path, line: str, rule: str) -> None:
    append(sources / "main.js", line)
    with pytest.raises(Failure, match=rule):
        javascript.biome(sources)


def test_a_circle_of_imports_is_found(sources: Path) -> None:
    text = (sources / "api.js").read_text(encoding="utf-8")
    (sources / "api.js").write_text(f'{text}\nexport {{ poll }} from "./feed.js";\n', encoding="utf-8")
    with pytest.raises(Failure, match="noImportCycles"):
        javascript.biome(sources)


def test_a_wrong_format_is_repaired(sources: Path) -> None:
    expected = (sources / "main.js").read_text(encoding="utf-8")
    (sources / "main.js").write_text(expected.replace("start();", "start( )"), encoding="utf-8")

    javascript.biome(sources, fix=True)

    assert (sources / "main.js").read_text(encoding="utf-8") == expected


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> Path:
        raise Failure("packages of npm could not be fetched: check the network\n  more")

    monkeypatch.setattr(javascript, "tools", unreachable)


def test_without_npm_lint_names_the_skipped_checks(
    no_npm: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)

    assert lint.javascript_checks(fix=False) == {}
    (line,) = capsys.readouterr().out.splitlines()
    assert "biome, tsc: JavaScript is not checked: packages of npm could not be fetched" in line


def test_without_npm_lint_fails_in_ci(no_npm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    checks = lint.javascript_checks(fix=False)

    assert set(checks) == {"biome", "tsc"}
    for check in checks.values():
        with pytest.raises(Failure, match="could not be fetched"):
            check()
