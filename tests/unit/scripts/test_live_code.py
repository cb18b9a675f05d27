"""The project's modules are imported from the working tree, and anew when a file of it has changed."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.clouds.dev import live_code
from scripts.clouds.dev.check import check
from scripts.clouds.dev.live_code import LiveCode, LiveHandler, describe

HANDLER = (
    "from services import rule\nimport library\n\ndef handler(event, context):\n    return rule.ANSWER\n"
)
MAP = '{"answer": {"handler": "services.answer.handler"}}'


class Tree:
    """A project of a rule and a handler, which uses a library that is not the project's."""

    def __init__(self, root: Path, answer: str = "'first'") -> None:
        self.root = root
        self.save("__init__.py", "")
        self.save("answer.py", HANDLER)
        self.save("rule.py", f"ANSWER = {answer}\n")
        self.save("functions.json", MAP)

    def save(self, name: str, text: str) -> None:
        path = self.root / "services" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(autouse=True)
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules as they were, whatever a test imports."""
    library = tmp_path / "libraries/library.py"
    library.parent.mkdir()
    library.write_text("")
    monkeypatch.syspath_prepend(str(library.parent))
    before, finders = dict(sys.modules), list(sys.meta_path)
    yield
    sys.modules.clear()
    sys.modules.update(before)
    sys.meta_path[:] = finders


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture
def warnings() -> list[str]:
    return []


def handler_of(tree: Tree, warnings: list[str], *spares: Path, pages: Path | None = None) -> LiveHandler:
    code = LiveCode([pages] if pages else [])
    return LiveHandler(code, "services.answer.handler", tree.root, spares, warnings.append)


def answer(handler: LiveHandler) -> Any:
    return handler.current()({}, None)


def test_an_edit_of_a_module_that_the_handler_imports_is_seen(tree: Tree, warnings: list[str]) -> None:
    handler = handler_of(tree, warnings)
    assert answer(handler) == "first"

    tree.save("rule.py", "ANSWER = 'second'\n")

    assert answer(handler) == "second"
    assert warnings == []


def test_libraries_stay_loaded(tree: Tree, warnings: list[str]) -> None:
    handler = handler_of(tree, warnings)
    answer(handler)
    library, rule = sys.modules["library"], sys.modules["services.rule"]

    tree.save("rule.py", "ANSWER = 'second'\n")
    answer(handler)

    assert sys.modules["library"] is library
    assert sys.modules["services.rule"] is not rule


def test_nothing_is_imported_again_while_no_file_changes(tree: Tree, warnings: list[str]) -> None:
    handler = handler_of(tree, warnings)

    assert handler.current() is handler.current()


def test_two_edits_of_one_size_in_one_second_are_told_apart(tree: Tree, warnings: list[str]) -> None:
    rule, second = tree.root / "services/rule.py", int(time.time())
    handler = handler_of(tree, warnings)
    os.utime(rule, ns=(second * 10**9, second * 10**9))
    assert answer(handler) == "first"

    tree.save("rule.py", "ANSWER = 'other'\n")
    os.utime(rule, ns=(second * 10**9, second * 10**9 + 1))

    assert answer(handler) == "other"
    assert not list(tree.root.rglob("*.pyc"))


def test_a_module_that_was_removed_is_not_found_elsewhere(tree: Tree, warnings: list[str]) -> None:
    handler = handler_of(tree, warnings)
    answer(handler)

    (tree.root / "services/rule.py").unlink()

    assert answer(handler) == "first"
    assert warnings == ["services/answer.py:1: ImportError: cannot import name 'rule' from 'services' "
                        f"({tree.root}/services/__init__.py); the last good code answers"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ANSWER = (\n", "services/rule.py:1: SyntaxError: '(' was never closed"),
        ("import nothing\n", "services/rule.py:1: ModuleNotFoundError: No module named 'nothing'"),
        ("A = 1\nANSWER = B\n", "services/rule.py:2: NameError: name 'B' is not defined"),
    ],
)
def test_while_the_tree_is_broken_the_last_good_code_answers(
    tree: Tree, warnings: list[str], text: str, error: str
) -> None:
    handler = handler_of(tree, warnings)
    answer(handler)

    tree.save("rule.py", text)

    assert [answer(handler), answer(handler)] == ["first", "first"]
    assert warnings == [f"{error}; the last good code answers"]
    tree.save("rule.py", "ANSWER = 'mended'\n")
    assert answer(handler) == "mended"


def test_a_new_process_runs_the_first_spare_tree_that_can_be_imported(
    tree: Tree, warnings: list[str], tmp_path: Path
) -> None:
    broken, good = Tree(tmp_path / "broken", "("), Tree(tmp_path / "good", "'spare'")
    tree.save("rule.py", "ANSWER = (\n")

    handler = handler_of(tree, warnings, tmp_path / "missing", broken.root, good.root)

    assert answer(handler) == "spare"


def test_what_is_imported_late_comes_from_the_last_good_tree(
    tree: Tree, warnings: list[str], tmp_path: Path
) -> None:
    late = "def handler(event, context):\n    from services import rule\n    return rule.ANSWER\n"
    tree.save("answer.py", late)
    spare = Tree(tmp_path / "spare", "'spare'")
    handler = handler_of(tree, warnings, spare.root)
    handler.current()

    tree.save("answer.py", "def handler(:\n")
    tree.save("rule.py", "ANSWER = (\n")

    assert answer(handler) == "spare"


def test_without_any_code_that_can_be_imported_the_process_does_not_start(
    tree: Tree, warnings: list[str]
) -> None:
    tree.save("rule.py", "ANSWER = (\n")

    with pytest.raises(RuntimeError, match="neither the working tree nor"):
        handler_of(tree, warnings).current()


def test_a_file_that_the_build_makes_is_read_from_its_own_folder(
    tree: Tree, warnings: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "pages/services/page.json"
    page.parent.mkdir(parents=True)
    page.write_text("built")
    reading = "from pathlib import Path\nFILE = Path(__file__).parent / 'page.json'\n"
    tree.save("rule.py", f"{reading}ANSWER = __spec__.loader.get_data(str(FILE)).decode()\n")
    handler = handler_of(tree, warnings, pages=tmp_path / "pages")
    assert answer(handler) == "built"

    page.write_text("built again")

    assert answer(handler) == "built again"


def test_an_error_outside_of_the_tree_has_no_place_in_it(tmp_path: Path) -> None:
    assert describe(ValueError("elsewhere"), tmp_path) == "ValueError: elsewhere"


class TestCheck:
    """The process beside `make dev` that imports all handlers."""

    def test_a_good_tree_is_copied_whole(self, tree: Tree, tmp_path: Path) -> None:
        code, spare = LiveCode(), tmp_path / "spare"
        assert check(code, tree.root, spare) is None
        (tree.root / "services/rule.py").unlink()
        tree.save("answer.py", "def handler(event, context):\n    return 'alone'\n")

        assert check(code, tree.root, spare) is None

        copied = sorted(path.name for path in (spare / live_code.PACKAGE).iterdir())
        assert copied == ["__init__.py", "answer.py"]
        assert "alone" in (spare / "services/answer.py").read_text()

    def test_a_broken_tree_leaves_the_copy(self, tree: Tree, tmp_path: Path) -> None:
        code, spare = LiveCode(), tmp_path / "spare"
        check(code, tree.root, spare)

        tree.save("rule.py", "ANSWER = (\n")

        assert check(code, tree.root, spare) == "services/rule.py:1: SyntaxError: '(' was never closed"
        assert (spare / "services/rule.py").read_text() == "ANSWER = 'first'\n"

    def test_a_handler_that_is_missing_is_an_error(self, tree: Tree, tmp_path: Path) -> None:
        tree.save("answer.py", "")

        found = check(LiveCode(), tree.root, tmp_path / "spare")

        assert found == "AttributeError: module 'services.answer' has no attribute 'handler'"
