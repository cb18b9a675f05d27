"""Has calls of a function take longer, by as many seconds as its tag `fault-latency-seconds` says.

`make break LATENCY=2s` sets the tag (scripts/operators/faults.py). A call that would take longer than the
function's time-out ends with it, as on AWS; the function's own code has not run then.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import time
from typing import Any

TAG = "fault-latency-seconds"


def delay_tagged(functions: Any) -> None:
    """Wrap the service's dispatch of a call, where it has its place among the simultaneous ones already."""
    dispatch = functions._execute_function_dispatch

    def dispatch_late(function: Any, config: Any, event: Any, request: str, started: float) -> Any:
        whole = functions._functions.get(config.get("FunctionName", "")) or {}
        seconds = float(whole.get("tags", {}).get(TAG, 0))
        limit = int(config.get("Timeout", 3))
        time.sleep(min(seconds, limit))
        if seconds >= limit:
            message = f"Task timed out after {limit}.00 seconds"
            functions._emit_lambda_logs(function, request, message, True, limit * 1000)
            body = {"errorMessage": message, "errorType": "Sandbox.Timedout"}
            return {"body": body, "error": True, "log": message}
        return dispatch(function, config, event, request, started)

    functions._execute_function_dispatch = dispatch_late
