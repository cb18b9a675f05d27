"""Saved states: the gate, what is kept of the emulator's variables, other ports, and what is refused."""

import asyncio
import importlib.util
import json
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.localstack import LocalStackCloud
from scripts.clouds.states import snapshots
from scripts.clouds.states.gate import Gate, GatedRequests, hold_back
from scripts.clouds.states.stores import Baseline, NotKept, dump, load
from scripts.clouds.states.texts import other_port, replaced_strings
from scripts.deployments import states as deployed_states
from scripts.deployments.record import StackRecord
from scripts.operators import states

# --- the gate


def function_request(path: str = "/") -> dict[str, Any]:
    return request(path, authorization=b"AWS4-HMAC-SHA256 Credential=ASIA0123/20260101/us-east-1/s3/aws4")


def request(path: str = "/", **headers: bytes) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": named}


async def nothing(*_: Any) -> Any:
    return None


def answered_while_closed(scope: dict[str, Any]) -> bool:
    """Whether a request is answered while the gate is closed; afterwards it has to be in any case."""
    gate, answered = Gate(), []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        answered.append(scope)

    async def ask() -> bool:
        gate.close()
        asking = asyncio.create_task(GatedRequests(application, gate)(scope, nothing, nothing))
        for _ in range(5):
            await asyncio.sleep(0)
        early = bool(answered)
        gate.open()
        await asking
        return early

    early = asyncio.run(ask())
    assert len(answered) == 1
    return early


def test_new_requests_wait_while_the_gate_is_closed() -> None:
    assert not answered_while_closed(request("/tasks"))


@pytest.mark.parametrize(
    "scope",
    [
        function_request(),
        request("/issuer/.well-known/jwks.json"),
        request("/_ministack/health"),
        request(x_amz_target=b"AmazonSQS.ReceiveMessage"),
    ],
)
def test_requests_that_belong_to_what_is_under_way_are_answered(scope: dict[str, Any]) -> None:
    assert answered_while_closed(scope)


def test_a_request_is_under_way_until_it_is_answered() -> None:
    gate, go_on = Gate(), asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()

    async def ask() -> tuple[list[str], list[str]]:
        asking = asyncio.create_task(GatedRequests(application, gate)(request(), nothing, nothing))
        await asyncio.sleep(0)
        during = await gate.quiet(0)
        go_on.set()
        await asking
        return during, await gate.quiet(5)

    assert asyncio.run(ask()) == (["request (1)"], [])


def test_a_thread_is_under_way_unless_it_rests_and_goes_on_when_the_gate_is_open() -> None:
    gate, end, rests = Gate(), threading.Event(), threading.Event()
    gone_on: list[bool] = []

    def execution() -> None:
        with gate.resting():
            rests.set()
            end.wait(10)
        gone_on.append(gate.is_open)

    gate.close()
    thread = threading.Thread(target=execution)
    thread.start()
    rests.wait(10)
    assert "thread execution" not in gate.begun()

    end.set()
    assert gone_on == []
    gate.open()
    thread.join(10)

    assert gone_on == [True]


def test_a_working_thread_is_named() -> None:
    gate, end = Gate(), threading.Event()
    thread = threading.Thread(target=lambda: end.wait(10), name="deliver")
    thread.start()

    begun = gate.begun()

    end.set()
    thread.join(10)
    assert "thread <lambda>" in begun


def test_a_step_of_a_poller_begins_only_while_the_gate_is_open() -> None:
    gate, polled = Gate(), threading.Event()
    module = types.SimpleNamespace(poll=polled.set)
    hold_back(gate, module, "poll")
    gate.close()
    thread = threading.Thread(target=module.poll)
    thread.start()

    assert not polled.wait(0.05)
    gate.open()

    assert polled.wait(10)
    thread.join(10)


# --- what is kept

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


# --- what is refused


def written(folder: Path, name: str = "demo", **changes: Any) -> Path:
    """A saved state, as far as it is read before the cloud starts."""
    manifest = deployed_states.here() | {"port": 4566} | changes
    (folder / name).mkdir(parents=True)
    (folder / name / "cloud.snapshot").write_bytes(json.dumps(manifest).encode() + b"\nrest")
    StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {}).save(folder / name)
    return folder / name


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of named states, and no cloud that is up."""
    monkeypatch.setattr(states, "STATES", tmp_path / "states")
    monkeypatch.setattr(states, "WORK_FOLDER", tmp_path)
    return tmp_path / "states"


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "a" * 41, "a b"])
def test_a_name_that_is_none_is_refused(saved: Path, name: str) -> None:
    for command in (states.save, states.load):
        with pytest.raises(Failure, match=r"NAME=.*is no name: letters, digits"):
            command(name)


def test_an_unknown_name_lists_those_there_are(saved: Path) -> None:
    with pytest.raises(Failure, match="no state is saved as 'nix'; none is: `make save NAME="):
        states.load("nix")
    written(saved, "one")
    written(saved, "two")

    with pytest.raises(Failure, match="no state is saved as 'nix'; there are one, two"):
        states.load("nix")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ministack": "1.0.0"}, "saved with the ministack version 1.0.0, and here it is 1.5.33"),
        ({"python": "3.9"}, "saved with the Python version 3.9"),
        ({"form": 0}, "saved with the form 0"),
    ],
)
def test_a_state_of_another_version_is_refused_with_what_to_do(
    saved: Path, changes: dict[str, Any], said: str
) -> None:
    written(saved, **changes)

    with pytest.raises(Failure, match=rf"{said}.*begin anew: `make up`"):
        states.load("demo")


def test_a_folder_that_is_no_state_is_refused(saved: Path) -> None:
    (saved / "demo").mkdir(parents=True)

    with pytest.raises(Failure, match="demo is not a saved state"):
        states.load("demo")


def test_states_are_of_the_local_cloud_only(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match=r"ENV=dev is on AWS.*make export ENV=dev"):
        states.save("demo", "dev")
    written(saved)
    localstack = LocalStackCloud(4566, saved)
    monkeypatch.setattr(states, "_running", lambda: localstack)

    with pytest.raises(Failure, match=r"localstack is up.*`make down` first"):
        states.load("demo")
    with pytest.raises(Failure, match="LocalStack keeps no states"):
        localstack.save(saved / "x")
    with pytest.raises(Failure, match="LocalStack keeps no states"):
        localstack.start(saved / "x")


def test_tasks_are_not_discarded_without_a_word(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(saved)
    cloud = EmbeddedCloud(4566, saved)
    monkeypatch.setattr(EmbeddedCloud, "instance", "of the cloud that is up")
    monkeypatch.setattr(states, "_running", lambda: cloud)
    monkeypatch.setattr(states, "chosen_target", lambda: None)
    monkeypatch.setattr(states, "number_of_tasks", lambda _: 3)
    monkeypatch.delenv("AUTO_APPROVE", raising=False)
    StackRecord("embedded", cloud.endpoint, cloud.instance or "", "local", "2", {}).save(saved.parent)

    with pytest.raises(Failure, match="this discards tasks and there is no terminal"):
        states.load("demo")


def test_saving_without_a_cloud_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="not up: run `make up`"):
        EmbeddedCloud(4566, tmp_path).save(tmp_path / "x")


def test_the_emulator_itself_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    folder = written(tmp_path, ministack="0.1")
    found = snapshots.read_manifest(folder / "cloud.snapshot")

    assert snapshots.unfit(found, deployed_states.here()) == (
        "it was saved with the ministack version 0.1, and here it is 1.5.33"
    )


# --- snapshots of deployments


def test_a_snapshots_key_is_of_what_was_deployed_and_of_the_emulator() -> None:
    assert deployed_states.key_of("digest", "package") == deployed_states.key_of("digest", "package")
    assert deployed_states.key_of("digest", "package") != deployed_states.key_of("digest", "other")


class Saving(EmbeddedCloud):
    """A cloud that can be saved."""

    def save(self, file: Path) -> float:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(json.dumps(deployed_states.here() | {"port": self.port}).encode() + b"\n")
        return 0.1


def test_of_many_snapshots_the_newest_are_kept(tmp_path: Path) -> None:
    kept = deployed_states.Snapshots(tmp_path)
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})

    for number in range(deployed_states.KEPT_SNAPSHOTS + 1):
        kept.keep(str(number), Saving(4566, tmp_path), record)

    assert kept.find("0") is None
    found = kept.find(str(deployed_states.KEPT_SNAPSHOTS))
    assert found is not None
    assert deployed_states.SavedState.load(found).record == record


def test_a_snapshot_with_other_code_stands_in_where_that_is_wanted(tmp_path: Path) -> None:
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})
    deployed, edited = (deployed_states.key_of("digest", code) for code in ("before", "after"))
    other_infrastructure = deployed_states.key_of("other digest", "before")
    exact, similar = deployed_states.Snapshots(tmp_path), deployed_states.Snapshots(tmp_path, other_code=True)

    exact.keep(deployed, Saving(4566, tmp_path), record)

    assert exact.find(deployed) == similar.find(edited) == tmp_path / deployed
    assert exact.find(edited) is None
    assert similar.find(other_infrastructure) is None


def test_a_snapshot_that_is_of_no_use_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, cloud = deployed_states.Snapshots(tmp_path), Saving(4566, tmp_path)
    record = StackRecord("embedded", "http://127.0.0.1:4566", "1", "local", "2", {})
    starts: list[Path] = []

    def fail(snapshot: Path) -> StackRecord:
        starts.append(snapshot)
        raise Failure("it is damaged")

    for _ in range(3):
        assert kept.deployment("key", cloud, fail, lambda: record, Steps()) == record

    assert len(starts) == 2  # the first had nothing to start from
    assert kept.find("key")
    assert "so it is deployed from nothing: it is damaged" in capsys.readouterr().out
