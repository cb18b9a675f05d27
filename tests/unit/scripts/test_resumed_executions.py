"""Executions go on from their places after a start from a saved state, on a stand-in for the emulator."""

import contextvars
import importlib.util
import io
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.clouds.states.executions import Executions
from scripts.clouds.states.gate import Gate
from scripts.clouds.states.pickling import Known, Unpickler, pickled
from tests.harness.waiting import eventually

# What matters of ministack's stepfunctions.py: where the places are, and what is called by its name.
STAND_IN = """
import threading, time
_SFN_WAIT_SCALE = 1
_executions, _task_tokens, called = {}, {}, []
class _ExecutionError(Exception):
    def __init__(self, error, cause):
        self.error, self.cause = error, cause
def _add_event(execution, kind, details=None):
    execution["events"].append(kind)
def _scaled_sleep(seconds):
    time.sleep(seconds)
def _invoke_with_callback(resource, given, token, state):
    event = threading.Event()
    _task_tokens[token] = {"event": event, "result": None, "error": None}
    called.append(resource)
    event.wait(state["TimeoutSeconds"])
    return _task_tokens.pop(token)["result"]
def _execute_pass(state, given, context):
    return given + ["passed"], state["Next"]
def _execute_task(state, given, execution, context):
    while True:
        try:
            if state["Resource"] == "fails once":
                called.append(state["Resource"])
                if len(called) < 2:
                    raise _ExecutionError("Failed", "")
                return given + ["second try"], state["Next"]
            context["Task"] = {"Token": f"token {len(called)}"}
            result = _invoke_with_callback(state["Resource"], given, context["Task"]["Token"], state)
            return given + [result], state["Next"]
        except _ExecutionError:
            _scaled_sleep(state["Pause"])
_execute_choice = _execute_wait = _execute_parallel = _execute_map = _execute_pass
def _run_execution(arn):
    execution, name, given, context = _executions[arn], "First", [], {"variables": {}}
    while name:
        state = execution["states"][name]
        context["State"] = {"Name": name, "EnteredTime": time.time()}
        _add_event(execution, f"{name} entered")
        if state["Type"] == "Task":
            given, name = _execute_task(state, given, execution, context)
        else:
            given, name = _execute_pass(state, given, context)
        _add_event(execution, f"{state['Type']} exited")
    execution["output"] = given
"""
ARN = "arn"


class Emulator:
    """One run of the stand-in."""

    def __init__(self, folder: Path) -> None:
        (folder / "stand_in.py").write_text(STAND_IN)
        spec = importlib.util.spec_from_file_location("stand_in", folder / "stand_in.py")
        assert spec
        assert spec.loader
        self.states: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.states)
        self.gate = Gate()
        account = contextvars.ContextVar("account", default="1")
        region = contextvars.ContextVar("region", default="r")
        responses = types.SimpleNamespace(
            get_account_id=account.get,
            get_region=region.get,
            _request_account_id=account,
            _request_region=region,
        )
        self.executions = Executions(self.states, responses, self.gate)

    def begin(self, second: dict[str, Any]) -> None:
        """Starts an execution with a Pass state before the given one."""
        states = {"First": {"Type": "Pass", "Next": "Second"}, "Second": second | {"Next": None}}
        self.states._executions[ARN] = {"states": states, "events": []}
        run = self.states._run_execution
        threading.Thread(target=run, args=[ARN], name="execution", daemon=True).start()

    def rests(self) -> None:
        """Waits until nothing is under way."""
        eventually(lambda: "Second entered" in self.execution["events"] and not self.gate.begun(), "the rest")

    @property
    def execution(self) -> dict[str, Any]:
        return dict(self.states._executions[ARN])

    def saved(self) -> bytes:
        states = self.states
        kept = (self.executions.places, states._executions, states._task_tokens, states.called)
        return pickled(kept, Known({}))

    def load(self, kept: bytes) -> None:
        found = Unpickler(io.BytesIO(kept)).load()
        places, self.states._executions, self.states._task_tokens, self.states.called = found
        self.executions.places.update(places)
        self.executions.resume()

    def output(self) -> list[str]:
        """What the execution ends with."""
        return list(eventually(lambda: self.execution.get("output"), "the end"))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[], Emulator]]:
    """Makes emulators, whose executions are ended with the test: a gate sees all threads of the process."""
    made: list[Emulator] = []

    def one() -> Emulator:
        made.append(Emulator(tmp_path))
        return made[-1]

    yield one
    for emulator in made:
        emulator.gate.open()
        for entry in list(emulator.states._task_tokens.values()):
            entry["event"].set()
    threads = [one for one in threading.enumerate() if one.name.startswith("execution")]
    for thread in threads:
        thread.join(10)


def test_a_token_that_was_waited_for_is_taken_after_loading(make: Callable[[], Emulator]) -> None:
    before, after = make(), make()
    before.begin({"Type": "Task", "Resource": "asks", "TimeoutSeconds": 60})
    before.rests()

    after.load(before.saved())
    (entry,) = after.states._task_tokens.values()
    entry["result"] = "decided"
    entry["event"].set()

    assert after.output() == ["passed", "decided"]
    assert after.states.called == ["asks"]  # once, before
    assert after.execution["events"] == ["First entered", "Pass exited", "Second entered", "Task exited"]
    assert after.executions.places == {}


def test_a_decision_that_came_while_the_state_was_taken_counts(make: Callable[[], Emulator]) -> None:
    before, after = make(), make()
    before.begin({"Type": "Task", "Resource": "asks", "TimeoutSeconds": 60})
    before.rests()

    before.gate.close()
    (entry,) = before.states._task_tokens.values()
    entry["result"] = "decided"
    entry["event"].set()
    after.load(before.saved())

    assert after.output() == ["passed", "decided"]
    before.gate.open()
    assert before.output() == ["passed", "decided"]


def test_a_wait_that_ran_out_meanwhile_times_out_and_is_retried(make: Callable[[], Emulator]) -> None:
    before, after = make(), make()
    before.begin({"Type": "Task", "Resource": "asks", "TimeoutSeconds": 60, "Pause": 0.1})
    before.rests()
    before.executions.places["1", "r", ARN]["end"] = 0.0

    after.load(before.saved())

    eventually(lambda: after.states.called == ["asks", "asks"], "another attempt after the time-out")


def test_a_step_that_paused_before_its_next_attempt_is_tried_again(make: Callable[[], Emulator]) -> None:
    before, after = make(), make()
    before.begin({"Type": "Task", "Resource": "fails once", "Pause": 1})
    before.rests()

    after.load(before.saved())

    assert after.output() == ["passed", "second try"]
    assert after.states.called == ["fails once", "fails once"]


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_executions_run_as_ever_without_a_saved_state(make: Callable[[], Emulator], seconds: float) -> None:
    emulator = make()

    emulator.begin({"Type": "Task", "Resource": "fails once", "Pause": seconds})

    assert emulator.output() == ["passed", "second try"]
    eventually(lambda: emulator.executions.places == {}, "the end of the thread")
