"""Bytes of what the emulator knows, and back. Python's pickle cannot write locks, events, and keys by itself.

Runs in the emulator's own environment: nothing but the standard library is imported, and cryptography where
the emulator has used it.
"""

import hashlib
import importlib
import io
import pickle
import threading
from typing import Any

LOCKS = (type(threading.Lock()), type(threading.RLock()))
# Smaller ones are not worth a digest; a package is in the bucket and in each version of each function.
LARGE_BYTES = 50_000


class Known:
    """The stores by their identity, and the digests of large bytes, which are made once a snapshot."""

    def __init__(self, stores: dict[int, tuple[str, str]]) -> None:
        self._stores = stores
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


def pickled(value: Any, known: Known, *, digests_only: bool = False) -> bytes:
    """A value as bytes; digests only, without the contents of large ones, which can then not be read back."""
    buffer = io.BytesIO()
    Pickler(buffer, known, digests_only).dump(value)
    return buffer.getvalue()


class Pickler(pickle.Pickler):
    """Keeps locks and events as what they are for: new ones; a store within another by its name.

    Equal large bytes are kept once.
    """

    def __init__(self, file: Any, known: Known, digests_only: bool) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._known = known
        self._digests_only = digests_only
        self._written: set[bytes] = set()

    def persistent_id(self, value: Any) -> Any:
        """What pickle asks of each object: what stands for it, if it is not written as usual."""
        kind = type(value)
        if kind is str or kind is int:
            return None
        if kind is bytes:
            return self._large(value) if len(value) > LARGE_BYTES else None
        if kind is LOCKS[0]:
            return ("lock",)
        if kind is LOCKS[1]:
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


class Unpickler(pickle.Unpickler):
    """Reads what `Pickler` wrote."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self._large: dict[bytes, bytes] = {}

    def persistent_load(self, kept: Any) -> Any:
        """The object that something stands for."""
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
