"""A second copy of a module, made by running its file: what it does at its import is done during a test."""

from importlib.util import find_spec, module_from_spec
from types import ModuleType


def imported_anew(name: str) -> ModuleType:
    """The module of this name once more; the one that others have imported stays theirs."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
