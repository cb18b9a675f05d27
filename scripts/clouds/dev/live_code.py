"""Imports the project's modules from a working tree, and anew when one of its files has changed.

Libraries stay loaded. Runs in the functions' processes: nothing but the standard library is imported.
"""

import contextlib
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

PACKAGE = "services"
SKIPPED = frozenset({"__pycache__", "node_modules"})

Stamp = tuple[int, int, int]
Stamps = dict[str, Stamp]


class LiveCode:
    """The modules of one tree at a time. `products` are folders with the files that the build adds to it."""

    def __init__(self, products: Sequence[Path] = ()) -> None:
        self._products = [*products]
        self._compiled: dict[str, tuple[Stamp, CodeType]] = {}
        self._finder = _Finder(self._loader)
        sys.meta_path.insert(0, self._finder)

    def load(self, tree: Path, modules: Sequence[str]) -> list[Any]:
        """Import modules of the tree anew. If that fails, all modules are as they were before."""
        before, loaded_tree = _own_modules(), self._finder.tree
        self._finder.tree = tree
        _remove(before)
        # Powertools keeps a logger's settings under the service's name.
        logging.root.manager.loggerDict.pop(os.environ.get("POWERTOOLS_SERVICE_NAME", ""), None)
        try:
            return [importlib.import_module(name) for name in modules]
        except BaseException:
            _remove(_own_modules())
            sys.modules.update(before)
            self._finder.tree = loaded_tree
            raise

    def lazily_from(self, tree: Path) -> None:
        """Have what is imported later come from this tree."""
        self._finder.tree = tree

    def stamps(self, tree: Path) -> Stamps:
        """What changes whenever a file does that functions are made from."""
        roots = [tree / PACKAGE, *(folder / PACKAGE for folder in self._products)]
        return {path: stamp for root in roots for path, stamp in _files(root)}

    def _loader(self, name: str, path: str, tree: Path) -> "_Loader":
        return _Loader(name, path, tree, self._products, self._compiled)


class LiveHandler:
    """A function's handler, as the tree has it now."""

    def __init__(
        self, code: LiveCode, name: str, tree: Path, spares: Sequence[Path], warn: Callable[[str], None]
    ) -> None:
        self._code = code
        self._module, _, self._function = name.rpartition(".")
        self._tree = tree
        self._spares = spares
        self._warn = warn
        self._seen: Stamps | None = None
        self._handler: Callable[[Any, Any], Any] | None = None

    def current(self) -> Callable[[Any, Any], Any]:
        """The handler. While the tree cannot be imported, the last one that could, or one of a spare tree."""
        stamps = self._code.stamps(self._tree)
        if stamps != self._seen:
            self._seen = stamps
            try:
                self._handler = self._import(self._tree)
            except Exception as error:
                self._warn(f"{describe(error, self._tree)}; the last good code answers")
                self._fall_back()
        if self._handler is None:
            raise RuntimeError(f"{self._module} has never been imported")
        return self._handler

    def _fall_back(self) -> None:
        spares = [spare for spare in self._spares if (spare / PACKAGE).is_dir()]
        if self._handler is not None:
            for spare in spares[:1]:
                self._code.lazily_from(spare)
            return
        for spare in spares:
            with contextlib.suppress(Exception):
                self._handler = self._import(spare)
                return
        raise RuntimeError("neither the working tree nor the last good code can be imported")

    def _import(self, tree: Path) -> Callable[[Any, Any], Any]:
        (module,) = self._code.load(tree, [self._module])
        handler: Callable[[Any, Any], Any] = getattr(module, self._function)
        return handler


def describe(error: BaseException, tree: Path) -> str:
    """An error in a line, with the file and line of the tree that it is in."""
    what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_within(error.filename, tree)}:{error.lineno}: {what}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(tree)]
    return f"{_within(own[-1].filename, tree)}:{own[-1].lineno}: {what}" if own else what


class _Finder(MetaPathFinder):
    """Finds the project's modules in one tree, and nowhere else."""

    def __init__(self, loader: "Callable[[str, str, Path], _Loader]") -> None:
        self.tree = Path()
        self._loader = loader

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        if not _is_own(fullname):
            return None
        place = self.tree.joinpath(*fullname.split("."))
        for file, folders in ((place / "__init__.py", [str(place)]), (place.with_suffix(".py"), None)):
            if file.is_file():
                loader = self._loader(fullname, str(file), self.tree)
                return spec_from_file_location(
                    fullname, file, loader=loader, submodule_search_locations=folders
                )
        # Not None: the package on the path may still have a module that the tree has no more.
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


class _Loader(SourceFileLoader):
    """Loads from the source, never from bytecode files: those cannot tell two edits in one second apart."""

    def __init__(
        self,
        name: str,
        path: str,
        tree: Path,
        products: Sequence[Path],
        compiled: dict[str, tuple[Stamp, CodeType]],
    ) -> None:
        super().__init__(name, path)
        self._tree = tree
        self._products = products
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        stamp = _stamp(Path(path).stat())
        known = self._compiled.get(path)
        if known and known[0] == stamp:
            return known[1]
        code: CodeType = self.source_to_code(self.get_data(path), path)
        self._compiled[path] = (stamp, code)
        return code

    def get_data(self, path: str | bytes) -> bytes:
        """A file beside the modules; one that the build makes lies in another folder."""
        file = Path(os.fsdecode(path))
        if not file.exists() and file.is_relative_to(self._tree):
            within = file.relative_to(self._tree)
            file = next((one / within for one in self._products if (one / within).exists()), file)
        return file.read_bytes()


def _is_own(name: str) -> bool:
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def _own_modules() -> dict[str, Any]:
    return {name: module for name, module in sys.modules.items() if _is_own(name)}


def _remove(modules: dict[str, Any]) -> None:
    for name in modules:
        sys.modules.pop(name, None)


def _files(folder: Path) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.endswith((".py", "page.json")):
            yield entry.path, _stamp(entry.stat())
        elif entry.name not in SKIPPED and entry.is_dir():
            yield from _files(Path(entry.path))


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _within(file: str, tree: Path) -> str:
    path = Path(file)
    return str(path.relative_to(tree)) if path.is_relative_to(tree) else file
