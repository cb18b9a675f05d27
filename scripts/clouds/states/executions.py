"""Has executions of workflows go on after a start from a saved state, those that wait for a task token too.

In ministack an execution is a thread: its place in the workflow is on that thread's stack, which cannot be
kept. So each execution's place is written down when it enters a state: the state, its input, the workflow's
context, and the token and the time that it waits for. After a start a new thread runs the workflow from its
first state, which is skipped; so is what had been done of the state that the execution was in.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import json
import threading
import time
from types import SimpleNamespace
from typing import Any

# What ministack waits where a state names no time-out: more than a day.
NO_TIME_OUT = 99_999.0


class Executions:
    """Knows the place of each running execution, by account, region and ARN."""

    def __init__(self, stepfunctions: Any, responses: Any, gate: Any) -> None:
        self.places: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._states = stepfunctions
        self._responses = responses
        self._gate = gate
        self._current = threading.local()
        self._run = stepfunctions._run_execution
        self._task = stepfunctions._execute_task
        self._wait = stepfunctions._execute_wait
        self._with_token = stepfunctions._invoke_with_callback
        self._sleep = stepfunctions._scaled_sleep
        self._add_event = stepfunctions._add_event
        stepfunctions._run_execution = self.run
        stepfunctions._add_event = self.add_event
        stepfunctions._scaled_sleep = self.sleep
        stepfunctions._invoke_with_callback = self.invoke_with_token
        for kind in ("pass", "task", "choice", "wait", "parallel", "map"):
            name = f"_execute_{kind}"
            setattr(stepfunctions, name, self._entering(getattr(stepfunctions, name)))
        stepfunctions.threading = SimpleNamespace(**{**vars(threading), "Event": _resting_event(gate)})

    def resume(self) -> None:
        """Start a thread for each execution that was under way."""
        for (account, region, arn), place in list(self.places.items()):
            arguments = (account, region, arn, place)
            threading.Thread(target=self._resume_one, args=arguments, name="execution", daemon=True).start()

    def run(self, arn: str) -> None:
        """Wraps the thread of an execution."""
        responses = self._responses
        key = (responses.get_account_id(), responses.get_region(), arn)
        self._current.key = key
        try:
            self._run(arn)
        finally:
            self._current.key = None
            self.places.pop(key, None)

    def add_event(self, execution: Any, kind: str, details: Any = None) -> Any:
        """Wraps the history: what is done once more to get back to a place is not told again."""
        if getattr(self._current, "resuming", None):
            return None
        return self._add_event(execution, kind, details)

    def sleep(self, seconds: float) -> None:
        """Wraps the wait of a Wait state and of a Retry."""
        place = self._place()
        end = time.time() + seconds * self._states._SFN_WAIT_SCALE
        if place is not None:
            if getattr(self._current, "resuming", None):
                end = place.get("until", end)
            place["until"] = end
            self._current.resuming = None
        with self._gate.resting():
            time.sleep(max(0.0, end - time.time()))
        if place is not None:
            place.pop("until", None)

    def invoke_with_token(self, resource: str, given: Any, token: str, state: Any) -> Any:
        """Wraps a state that waits for a token."""
        place = self._place()
        if place is None:
            return self._with_token(resource, given, token, state)
        if getattr(self._current, "resuming", None) and "token" in place:
            self._current.resuming = None
            place["context"]["Task"] = {"Token": place["token"]}  # a new one was made meanwhile
            return self._go_on_waiting(place)
        self._current.resuming = None
        timeout = float(state.get("TimeoutSeconds", NO_TIME_OUT))
        place |= {"token": token, "end": time.time() + timeout}
        try:
            return self._with_token(resource, given, token, state)
        finally:
            del place["token"], place["end"]

    def _go_on_waiting(self, place: dict[str, Any]) -> Any:
        """As `_invoke_with_callback` does once it has called the function."""
        token, tokens = place["token"], self._states._task_tokens
        entry = tokens[token]
        event = entry["event"]
        if entry["result"] is not None or entry["error"] is not None:
            event.set()
        with self._gate.resting():
            decided = event.wait(max(0.0, place["end"] - time.time()))
        tokens.pop(token, None)
        del place["token"], place["end"]
        if not decided:
            raise self._states._ExecutionError("States.Timeout", "Task timed out waiting for callback")
        if entry["error"]:
            error = entry["error"]
            raise self._states._ExecutionError(error.get("Error", "TaskFailed"), error.get("Cause", ""))
        result = entry["result"]
        try:
            return json.loads(result) if isinstance(result, str) else result
        except json.JSONDecodeError:
            return result

    def _place(self) -> dict[str, Any] | None:
        """The place of this thread's execution; None in a branch of one, which runs in another thread."""
        key = getattr(self._current, "key", None)
        return self.places.get(key) if key else None

    def _entering(self, execute: Any) -> Any:
        """Wraps what executes one kind of state."""

        def enter(state: Any, given: Any, *rest: Any) -> Any:
            current, context = self._current, rest[-1]
            key = getattr(current, "key", None)
            if key is None or getattr(current, "inside", False):
                return execute(state, given, *rest)
            place = getattr(current, "resuming", None)
            if place and not place.get("entered"):
                # The first state, in place of which the one comes that the execution was in.
                place["entered"] = True
                context.clear()
                context.update(place["context"])
                return place["given"], place["state"]
            if place:
                context["State"] = place["context"]["State"]
                place["context"] = context
                if state["Type"] != "Wait":
                    place.pop("until", None)  # before another attempt, which is made at once
                if not ("token" in place or "until" in place):
                    current.resuming = None  # it is done once more
            else:
                name = context["State"]["Name"]
                self.places[key] = {"state": name, "given": given, "context": context}
            current.inside = True
            try:
                return execute(state, given, *rest)
            finally:
                current.inside = False

        return enter

    def _resume_one(self, account: str, region: str, arn: str, place: dict[str, Any]) -> None:
        with self._gate.passing("execution"):
            pass
        self._responses._request_account_id.set(account)
        self._responses._request_region.set(region)
        place.pop("entered", None)
        self._current.resuming = place
        self._states._run_execution(arn)


def _resting_event(gate: Any) -> type[threading.Event]:
    """An event on which a thread waits without being under way."""

    class RestingEvent(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            with gate.resting():
                return super().wait(timeout)

    return RestingEvent
