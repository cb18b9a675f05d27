"""What is kept of the emulator's variables in a saved state, and how other ports get into it."""

import importlib.util
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from scripts.clouds.states.stores import Baseline, NotKept, dump, load
from scripts.clouds.states.texts import other_port, replaced_strings

SERVICE = """
import threading
class Scoped:
    __slots__ = ("_data",)
    def __init__(self):
        self._data = {}
queues, seen, log, counter = Scoped(), set(), [], 0
by_name = {"queues": queues, "log": log}
table = {"of functions": lambda: None}
lock = threading.Lock()
"""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> types.ModuleType:
    """A module like those of the emulator."""
    (tmp_path / "fake.py").write_text(SERVICE)
    spec = importlib.util.spec_from_file_location("ministack.services.fake", tmp_path / "fake.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("ministack", "ministack.services"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return module


def same(text: str) -> str:
    return text


def test_stores_come_back_as_the_same_objects_with_their_contents(service: Any) -> None:
    baseline, large = Baseline(), b"x" * 100_000
    event = threading.Event()
    event.set()
    service.queues._data["a"] = {"lock": threading.Lock(), "decided": event, "code": large}
    service.queues._data["b"] = large[:]
    service.seen.add("1")
    service.log.append(service.queues)
    service.counter = 7

    kept = dump(baseline.changed(), {"more": 1})
    queues, log = service.queues, service.log
    queues._data, service.counter = {}, 0
    service.seen.clear()
    log.clear()

    assert load(kept, same) == {"more": 1}
    assert service.queues is queues
    assert log == [queues]  # not a copy of it
    assert queues._data["a"]["decided"].is_set()
    assert queues._data["a"]["lock"].acquire(blocking=False)
    assert (queues._data["a"]["code"], queues._data["b"]) == (large, large)
    assert (service.seen, service.counter) == ({"1"}, 7)
    assert len(kept) < 2 * len(large)


def test_what_has_not_changed_is_not_kept(service: Any) -> None:
    baseline = Baseline()
    service.counter += 1

    assert list(baseline.changed()) == [("ministack.services.fake", "counter")]
    assert baseline.unkeepable() == ["ministack.services.fake.table"]


def test_a_store_that_cannot_be_kept_is_named(service: Any) -> None:
    baseline = Baseline()
    service.queues._data["a"] = (part for part in "a generator")

    with pytest.raises(NotKept, match=r"ministack\.services\.fake\.queues cannot be kept: .*generator"):
        dump(baseline.changed(), None)


def test_private_keys_are_kept(service: Any) -> None:
    baseline, key = Baseline(), rsa.generate_private_key(65537, 2048)
    service.queues._data["pool"] = key

    kept = dump(baseline.changed(), None)
    service.queues._data = {}
    load(kept, same)

    assert service.queues._data["pool"].private_numbers() == key.private_numbers()


# --- other ports


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://127.0.0.1:4566/000000000000/queue", "http://127.0.0.1:5001/000000000000/queue"),
        ("localhost:4566", "localhost:5001"),
        ("http://abc.execute-api.localhost:4566", "http://abc.execute-api.localhost:5001"),
        ("http://127.0.0.1:45660/", "http://127.0.0.1:45660/"),
        ("version 4566", "version 4566"),
        ("http://10.0.0.1:4566", "http://10.0.0.1:4566"),
    ],
)
def test_only_the_clouds_own_endpoint_is_replaced(before: str, after: str) -> None:
    assert other_port(4566, 5001)(before) == after


def test_strings_are_replaced_however_deep_and_objects_stay_shared() -> None:
    url, moved = "http://localhost:1/q", "http://localhost:2/q"
    shared = [url]
    value = {("account", url): {"nested": [(url, 1), {url}]}, "one": shared, "two": shared, "bytes": b":1"}
    value["self"] = value

    found = replaced_strings(value, other_port(1, 2))

    assert found is value
    assert found["account", moved] == {"nested": [(moved, 1), {moved}]}
    assert found["one"] is found["two"] is shared
    assert shared == [moved]
    assert found["bytes"] == b":1"
