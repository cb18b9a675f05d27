"""Which words cannot be the entity: those that mean something else where the template's word stands."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.template.names import TEMPLATE, Names
from scripts.template.rename import Renamer
from scripts.template.render import tracked_files

CODE = ("services/", "scripts/", "load/", "tests/")
CONSOLES = ("services/console/", "scripts/console/static/")
# In JavaScript: comments, strings and templates; of the latter, what stands in ${…} is code.
_TEXTS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`""", re.DOTALL
)
_INSERTION = re.compile(r"\$\{([^}]*)\}")
OURS = {TEMPLATE.entity, TEMPLATE.plural}


def require_free(names: Names, template: Path = ROOT) -> None:
    """Fail, naming the argument, where two names of the template would become one.

    That is a file of the project with two sources, or one of Python or of a console's scripts in which
    the word is a name already, and the template's word is as well.
    """
    if (names.entity, names.plural) == (TEMPLATE.entity, TEMPLATE.plural):
        return
    wanted = {"ENTITY": names.entity, "PLURAL": names.plural}
    paths = tracked_files(template)
    _require_paths(names, paths)
    for path in paths:
        names_in = _reader_of(path)
        if names_in is None:
            continue
        source = (template / path).read_text(encoding="utf-8")
        if not any(word in source.lower() for word in wanted.values()):
            continue  # parsing all files takes seconds
        found = set(names_in(source))
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


def _reader_of(path: str) -> Callable[[str], Iterator[str]] | None:
    """What finds the names in a file; None if they do not count."""
    if path.startswith(CONSOLES) and path.endswith((".js", ".ts")):
        return _names_in_javascript
    if path.endswith(".py") and path.startswith(CODE) and not path.startswith("scripts/template/"):
        return _names_in_python
    return None


def _names_in_javascript(source: str) -> Iterator[str]:
    """Every word that is code; those of the language are among them."""
    for text in _TEXTS.finditer(source):
        if text[0].startswith("`"):
            for inserted in _INSERTION.finditer(text[0]):
                yield from _names_in_javascript(inserted[1])
    yield from re.findall(r"[A-Za-z_$][\w$]*", _TEXTS.sub(" ", source))


def _names_in_python(source: str) -> Iterator[str]:
    """Every name that a Python file gives or uses, and the words of those of modules."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield from name.split(".")
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(module=str(module)):
                yield from module.split(".")
