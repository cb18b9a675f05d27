"""What the emulator knows: the variables of its modules that change while it runs.

They are found, not listed: all that differs from what it was when the emulator had been imported is kept, so
that a store which a version adds is kept, too. What is left out is named in LEFT_OUT, with the reason.

Runs in the emulator's own environment: nothing but the standard library is imported, and cryptography where
the emulator has used it.
"""

import copy
import hashlib
import importlib
import importlib.machinery
import io
import pickle
import re
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

PACKAGE = "ministack"

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
_LOCKS = (type(threading.Lock()), type(threading.RLock()))
# Smaller ones are not worth a digest; a package is in the bucket and in each version of each function.
LARGE_BYTES = 50_000


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
    if isinstance(value, (type, types.ModuleType, threading.Event, *_LOCKS)) or callable(value):
        return False
    known = (dict, list, set, deque, str, int, float, bytes, tuple, frozenset, type(None))
    return isinstance(value, known) or _is_of_emulator(type(value).__module__)


class Baseline:
    """What each variable was when its module had just been imported, as a digest."""

    def __init__(self) -> None:
        self._digests: dict[str, dict[str, bytes | None]] = {}
        for name in sorted(name for name in sys.modules if _is_of_emulator(name)):
            self.take(name)
        sys.meta_path.insert(0, _Imports(self.take))

    def take(self, module: str) -> None:
        """Note a module as it is now."""
        known = _Known()
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
        known = _Known()
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
        if not _is_of_emulator(name):
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


def dump(stores: Stores, more: Any) -> bytes:
    """The stores' contents and something more as bytes; NotKept names the store that holds a thread, say."""
    known = _Known()
    contents = {key: _contents(value) for key, value in stores.items()}
    try:
        return _pickled((contents, more), known)
    except Exception:
        for (module, name), value in contents.items():
            try:
                _pickled(value, known)
            except Exception as error:
                raise NotKept(f"{module}.{name} cannot be kept: {error}") from error
        raise


def load(data: bytes, replace: Callable[[str], str]) -> Any:
    """Fill the stores, with each string as `replace` has it; gives what was dumped with them."""
    kept = _Unpickler(io.BytesIO(data)).load()
    contents, more = replaced_strings(kept, replace)
    for (module, name), value in contents.items():
        _fill(importlib.import_module(module), name, value)
    return more


def other_port(old: int, new: int) -> Callable[[str], str]:
    """Replaces the endpoint of a cloud on one port by that on another: 127.0.0.1:4566, localhost:4566."""
    pattern = re.compile(rf"(127\.0\.0\.1|localhost):{old}(?!\d)")

    def replace(text: str) -> str:
        return pattern.sub(rf"\g<1>:{new}", text) if str(old) in text else text

    return replace


def replaced_strings(value: Any, replace: Callable[[str], str]) -> Any:
    """The same with other strings, keys included; what holds none of them stays the same object."""
    return _Replacing(replace).of(value)


class _Replacing:
    """One walk through objects; what several refer to stays one object."""

    def __init__(self, replace: Callable[[str], str]) -> None:
        self._replace = replace
        self._done: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._replace(value)
        if isinstance(value, tuple | frozenset):
            parts = [self.of(part) for part in value]
            same = all(before is after for before, after in zip(value, parts, strict=True))
            return value if same else type(value)(parts)
        if id(value) in self._done:
            return value
        if isinstance(value, dict | list | set | deque) or _is_of_emulator(type(value).__module__):
            self._done[id(value)] = value  # keeps it alive, and so its id
            self._within(value)
        return value

    def _within(self, value: Any) -> None:
        if isinstance(value, dict):
            items = [(self.of(key), self.of(inner)) for key, inner in value.items()]
            value.clear()
            value.update(items)
        elif isinstance(value, list):
            value[:] = [self.of(inner) for inner in value]
        elif isinstance(value, set | deque):
            parts = [self.of(inner) for inner in value]
            value.clear()
            (value.update if isinstance(value, set) else value.extend)(parts)
        else:
            for name in _attributes(value):
                setattr(value, name, self.of(getattr(value, name)))


def _attributes(value: Any) -> list[str]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in [*getattr(value, "__dict__", {}), *slots] if hasattr(value, name)]


def _is_of_emulator(module: str) -> bool:
    return module.split(".")[0] == PACKAGE


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
    return {name: getattr(value, name) for name in _attributes(value)}


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


class _Known:
    """The stores by their identity, and the digests of large bytes, which are made once a snapshot."""

    def __init__(self) -> None:
        self._stores = {
            id(value): (module, name)
            for module in [name for name in sys.modules if _is_of_emulator(name)]
            for name, value in variables_of(module)
            if _is_container(value)
        }
        self._digests: dict[int, tuple[bytes, bytes]] = {}

    def store(self, value: Any) -> tuple[str, str] | None:
        """The module and the name of a store."""
        return self._stores.get(id(value))

    def large(self, value: bytes) -> bytes:
        """The digest of large bytes."""
        if id(value) not in self._digests:
            # The bytes are kept, and so their identity.
            self._digests[id(value)] = value, hashlib.sha256(value).digest()
        return self._digests[id(value)][1]


def _digest(value: Any, known: _Known) -> bytes | None:
    """Of a variable's contents; None if they cannot be kept."""
    try:
        return hashlib.sha256(_pickled(_contents(value), known, digests_only=True)).digest()
    except Exception:
        return None


def _pickled(value: Any, known: _Known, *, digests_only: bool = False) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, known, digests_only).dump(value)
    return buffer.getvalue()


class _Pickler(pickle.Pickler):
    """Keeps locks and events as what they are for: new ones; a store within another by its name.

    Equal large bytes are kept once.
    """

    def __init__(self, file: Any, known: _Known, digests_only: bool) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._known = known
        self._digests_only = digests_only
        self._written: set[bytes] = set()

    def persistent_id(self, value: Any) -> Any:
        kind = type(value)
        if kind is str or kind is int:
            return None
        if kind is bytes:
            return self._large(value) if len(value) > LARGE_BYTES else None
        if kind is _LOCKS[0]:
            return ("lock",)
        if kind is _LOCKS[1]:
            return ("rlock",)
        if isinstance(value, threading.Event):
            return "event", value.is_set()
        if hasattr(value, "private_bytes"):
            return "private_key", _as_der(value)
        store = self._known.store(value)
        return ("store", *store) if store else None

    def _large(self, value: bytes) -> Any:
        digest = self._known.large(value)
        if self._digests_only or digest in self._written:
            return "bytes", digest, None
        self._written.add(digest)
        return "bytes", digest, bytearray(value)  # which is written as it is, with no question about it


class _Unpickler(pickle.Unpickler):
    """Reads what `_Pickler` wrote."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self._large: dict[bytes, bytes] = {}

    def persistent_load(self, kept: Any) -> Any:
        kind, *rest = kept
        if kind == "store":
            return getattr(importlib.import_module(rest[0]), rest[1])
        if kind == "event":
            event = threading.Event()
            if rest[0]:
                event.set()
            return event
        if kind == "private_key":
            return _private_key(rest[0])
        if kind == "bytes":
            digest, content = rest
            if content is not None:
                self._large[digest] = bytes(content)
            return self._large[digest]
        return threading.Lock() if kind == "lock" else threading.RLock()


def _as_der(key: Any) -> bytes:
    """A key that signs Cognito's tokens or is one of KMS, which Python cannot write by itself."""
    forms = importlib.import_module("cryptography.hazmat.primitives.serialization")
    form = (forms.Encoding.DER, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    return bytes(key.private_bytes(*form))


def _private_key(der: bytes) -> Any:
    forms = importlib.import_module("cryptography.hazmat.primitives.serialization")
    return forms.load_der_private_key(der, password=None)
