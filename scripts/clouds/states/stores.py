"""What the emulator knows: the variables of its modules that change while it runs.

They are found, not listed: all that differs from what it was when the emulator had been imported is kept, so
that a store which a version adds is kept, too. What is left out is named in LEFT_OUT, with the reason.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import copy
import hashlib
import importlib
import importlib.machinery
import io
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from .pickling import LOCKS, Known, Unpickler, pickled
from .texts import attributes_of, is_of_emulator, replaced_strings

LEFT_OUT = {
    "ministack.app": "the server: its loop, and which services were imported",
    "ministack.core.concurrency": "counts of threads, and locks by name",
    "ministack.core.container_reaper": "about containers of Docker, which the emulator does not use here",
    "ministack.core.lambda_runtime": "the processes of functions, which are started anew",
    "ministack.services.apigateway._authorizer_cache": "answers of authorizers: asked anew",
    "ministack.services.apigateway._jwks_cache": "an issuer's keys: asked anew, of this port's issuer",
    "ministack.services.apigateway._oidc_config_cache": "an issuer's settings: asked anew",
    "ministack.services.apigateway._ws_connections": "open connections, which end with the emulator",
    "ministack.services.eventbridge._scheduler_thread": "a thread",
    "ministack.services.lambda_svc._esm_backoff_until": "times since the machine started; without, no pause",
    "ministack.services.lambda_svc._esm_inflight": "batches under way, of which there are none",
    "ministack.services.lambda_svc._poller_started": "about a thread, which a start begins",
    "ministack.services.lambda_svc._reaper_started": "about a thread, which a start begins",
    "ministack.services.lambda_svc._warm_pool": "the processes of functions, which are started anew",
    "ministack.services.scheduler._ticker_thread": "a thread",
    "ministack.services.stepfunctions._history_page_tokens": "pages of a reader that is no more",
}

Stores = dict[tuple[str, str], Any]


class NotKept(Exception):
    """A variable that holds what cannot be kept."""


def variables_of(module: str) -> Iterator[tuple[str, Any]]:
    """The variables of a module that may be stores, with their values."""
    if module in LEFT_OUT:
        return
    for name, value in list(vars(sys.modules[module]).items()):
        if f"{module}.{name}" not in LEFT_OUT and not name.startswith("__") and may_be_store(value):
            yield name, value


def may_be_store(value: Any) -> bool:
    """Whether a variable with this value may change in a way that matters."""
    if isinstance(value, (type, types.ModuleType, threading.Event, *LOCKS)) or callable(value):
        return False
    known = (dict, list, set, deque, str, int, float, bytes, tuple, frozenset, type(None))
    return isinstance(value, known) or is_of_emulator(type(value).__module__)


class Baseline:
    """What each variable was when its module had just been imported, as a digest."""

    def __init__(self) -> None:
        self._digests: dict[str, dict[str, bytes | None]] = {}
        for name in sorted(name for name in sys.modules if is_of_emulator(name)):
            self.take(name)
        sys.meta_path.insert(0, _Imports(self.take))

    def take(self, module: str) -> None:
        """Note a module as it is now."""
        known = known_now()
        self._digests[module] = {name: _digest(value, known) for name, value in variables_of(module)}

    def unkeepable(self) -> list[str]:
        """The variables that could not be kept from the beginning, such as tables of functions."""
        found = self._digests.items()
        return [f"{module}.{name}" for module, names in found for name, digest in names.items() if not digest]

    def changed(self) -> Stores:
        """The variables that are not what they were.

        One object under several names is kept once: filling it fills it for all.
        """
        found: Stores = {}
        seen: set[int] = set()
        known = known_now()
        for module, then in list(self._digests.items()):
            for name, value in variables_of(module):
                if _is_container(value):
                    if id(value) in seen:
                        continue
                    seen.add(id(value))
                digest = _digest(value, known)
                if name not in then or (then[name] and then[name] != digest):
                    found[module, name] = value
        return found


class _Imports:
    """Has modules of the emulator noted when they are imported, which many are at their first call."""

    def __init__(self, imported: Callable[[str], None]) -> None:
        self._imported = imported

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """The module's usual spec, with a loader that tells when it is done."""
        if not is_of_emulator(name):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        loader: Any = spec and spec.loader
        if loader is not None:
            execute = loader.exec_module

            def execute_and_tell(module: types.ModuleType) -> None:
                execute(module)
                self._imported(name)

            loader.exec_module = execute_and_tell
        return spec


def known_now() -> Known:
    """The stores as they are now."""
    modules = [name for name in sys.modules if is_of_emulator(name)]
    found = ((module, name, value) for module in modules for name, value in variables_of(module))
    return Known({id(value): (module, name) for module, name, value in found if _is_container(value)})


def dump(stores: Stores, more: Any) -> bytes:
    """The stores' contents and something more as bytes; NotKept names the store that holds a thread, say."""
    known = known_now()
    contents = {key: _contents(value) for key, value in stores.items()}
    try:
        return pickled((contents, more), known)
    except Exception:
        for (module, name), value in contents.items():
            try:
                pickled(value, known)
            except Exception as error:
                raise NotKept(f"{module}.{name} cannot be kept: {error}") from error
        raise


def load(data: bytes, replace: Callable[[str], str]) -> Any:
    """Fill the stores, with each string as `replace` has it; gives what was dumped with them."""
    kept = Unpickler(io.BytesIO(data)).load()
    contents, more = replaced_strings(kept, replace)
    for (module, name), value in contents.items():
        _fill(importlib.import_module(module), name, value)
    return more


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list | set | deque) or not _is_plain(value)


def _is_plain(value: Any) -> bool:
    return type(value).__module__ == "builtins"


def _contents(value: Any) -> Any:
    """What a store holds, apart from the store itself, which stays; of an object, its attributes."""
    if isinstance(value, dict | list | set | deque):
        return copy.copy(value)
    if _is_plain(value):
        return value
    return {name: getattr(value, name) for name in attributes_of(value)}


def _fill(module: types.ModuleType, name: str, contents: Any) -> None:
    """Give a store its contents. It stays the same object: other modules may have it by another name."""
    store = getattr(module, name, None)
    if isinstance(store, dict) and isinstance(contents, dict):
        store.clear()
        store.update(contents)
    elif isinstance(store, list) and isinstance(contents, list):
        store[:] = contents
    elif isinstance(store, set) and isinstance(contents, set):
        store.clear()
        store.update(contents)
    elif isinstance(store, deque) and isinstance(contents, deque):
        store.clear()
        store.extend(contents)
    elif store is not None and not _is_plain(store) and isinstance(contents, dict):
        for attribute, inner in contents.items():
            setattr(store, attribute, inner)
    else:
        setattr(module, name, contents)


def _digest(value: Any, known: Known) -> bytes | None:
    """Of a variable's contents; None if they cannot be kept."""
    try:
        return hashlib.sha256(pickled(_contents(value), known, digests_only=True)).digest()
    except Exception:
        return None
