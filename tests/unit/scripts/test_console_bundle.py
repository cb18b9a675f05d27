"""The bundle of the console's modules, and what the build refuses to bundle."""

import json
import re
import shutil
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.build import console

MODULES = sorted(path.name for path in console.SOURCES.glob("*.js"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the console's sources, to be changed."""
    return shutil.copytree(console.SOURCES, tmp_path / "elsewhere")


def append(module: Path, line: str) -> None:
    module.write_text(f"{module.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")


def top_level_names(text: str) -> list[str]:
    return re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_in_the_bundle_exactly_once(module: str) -> None:
    bundle = console.bundle()
    names = top_level_names((console.SOURCES / module).read_text(encoding="utf-8"))

    assert bundle.count(f"// {module}\n") == 1
    assert names
    assert [top_level_names(bundle).count(name) for name in names] == [1] * len(names)


def test_no_import_and_no_export_is_left() -> None:
    assert not re.search(r"^\s*(import|export)\b", console.bundle(), re.MULTILINE)


def test_a_module_comes_after_those_it_imports() -> None:
    bundle = console.bundle()
    for module in MODULES:
        text = (console.SOURCES / module).read_text(encoding="utf-8")
        for imported in re.findall(r'from "\./(\w+\.js)"', text):
            assert bundle.index(f"// {imported}\n") < bundle.index(f"// {module}\n")


def test_the_same_sources_elsewhere_make_the_same_page(sources: Path) -> None:
    assert console.page(sources) == console.page()


def test_a_changed_page_has_another_tag_and_policy(sources: Path) -> None:
    append(sources / "main.js", "start();")

    before, after = json.loads(console.page()), json.loads(console.page(sources))

    assert before["tag"] != after["tag"]
    assert before["content_security_policy"] != after["content_security_policy"]


def test_comments_are_removed_and_casts_keep_their_value(sources: Path) -> None:
    append(
        sources / "main.js", "/**\n * Gone.\n */\nconst kept = /** @type {string} */ (BASE.href);\n// Gone."
    )

    bundle = console.bundle(sources)

    assert "const kept = /** @type {string} */ (BASE.href);" in bundle
    assert "Gone." not in bundle


@pytest.mark.parametrize(
    ("module", "line", "reason"),
    [
        ("api.js", 'import { poll } from "./feed.js";', "circular import: .*api.js .*→ api.js"),
        ("feed.js", "function openToken() {}", "two modules of the console: openToken"),
        ("main.js", 'import { request } from "./api.js";', "main.js imports request, which api.js does not"),
        ("main.js", 'import * as all from "./api.js";', r"does not support: import \* as all"),
        ("main.js", 'import "https://elsewhere.test/more.js";', 'does not support: import "https'),
        ("main.js", 'const more = await import("./api.js");', "does not support: const more"),
        ("main.js", "export default start;", "does not support: export default"),
        ("main.js", "const text = `\n// not a comment\n`;", "template literal of the console spans lines"),
        ("unused.js", "const unused = 1;", "no module imports unused.js"),
    ],
)
def test_an_unsupported_module_is_refused(sources: Path, module: str, line: str, reason: str) -> None:
    (sources / module).touch()
    append(sources / module, line)
    with pytest.raises(Failure, match=reason):
        console.bundle(sources)
