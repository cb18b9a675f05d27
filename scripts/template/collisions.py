"""Which words cannot be the entity: those that mean something else where the template's word stands."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.template.names import TEMPLATE, Names
from scripts.template.rename import Renamer
from scripts.template.render import tracked_files

CODE = ("services/", "scripts/", "load/", "tests/")
OURS = {TEMPLATE.entity, TEMPLATE.plural}


def require_free(names: Names, template: Path = ROOT) -> None:
    """Fail, naming the argument, where two names of the template would become one.

    That is a file of the project with two sources, or a Python file in which the word is a name already and
    the template's word stands as well.
    """
    if (names.entity, names.plural) == (TEMPLATE.entity, TEMPLATE.plural):
        return
    wanted = {"ENTITY": names.entity, "PLURAL": names.plural}
    paths = tracked_files(template)
    _require_paths(names, paths)
    for path in paths:
        if path.endswith(".py") and path.startswith(CODE) and not path.startswith("scripts/template/"):
            source = (template / path).read_text(encoding="utf-8")
            if not any(word in source.lower() for word in wanted.values()):
                continue  # parsing all files takes seconds
            found = set(_names_in(source))
            for argument, word in wanted.items():
                if found & OURS and {word, word.capitalize()} & found:
                    raise _taken(argument, word, path)


def _require_paths(names: Names, paths: list[str]) -> None:
    renamer, taken = Renamer(names), set(paths)
    for path in paths:
        new = renamer.path(path)
        if new != path and new in taken:
            raise _taken("ENTITY", names.entity, new)


def _taken(argument: str, word: str, path: str) -> Failure:
    return Failure(f"{argument}: {word!r} means something else here, see {path}: choose another word")


def _names_in(source: str) -> Iterator[str]:
    """Every name that a Python file gives or uses, and the words of those of modules."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield from name.split(".")
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(module=str(module)):
                yield from module.split(".")
