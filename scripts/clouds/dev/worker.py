"""The process of one function while `make dev` runs: calls the handler that the working tree has now.

It speaks ministack's protocol of workers: a line of JSON for the start and for each call, on standard input
and output. Runs beside the function's own libraries: nothing but the standard library is imported.
"""

import importlib.util
import json
import os
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from scripts.clouds.dev.live_code import LiveCode, LiveHandler
from scripts.clouds.whole_logs import END_OF_CALL

# In an answer that ministack takes for a success: it would end the process of a function that raised, which
# AWS does not, and a debugger with it.
FAILED = "task-manager/failed"


def main(settings: dict[str, Any]) -> None:
    """Answer calls until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    given = json.loads(sys.stdin.readline())
    os.environ.update(given["env"])
    sys.path.insert(0, given["code_dir"])
    try:
        if settings["port"]:
            _listen(Path(settings["debugpy"]), settings["port"])
        handler = _handler(given, settings)
    except Exception as error:
        _answer(answers, {"status": "error", "error": f"{type(error).__name__}: {error}"})
        return
    _answer(answers, {"status": "ready", "cold": True})
    for line in sys.stdin:
        answer = _call(handler, given, json.loads(line))
        print(END_OF_CALL, file=sys.stderr, flush=True)
        _answer(answers, answer)


def _handler(given: dict[str, Any], settings: dict[str, Any]) -> LiveHandler:
    package = Path(given["code_dir"])
    tree, spare, pages = (Path(settings[name]) for name in ("tree", "spare", "pages"))
    name = f"{given['module']}.{given['handler']}"
    handler = LiveHandler(LiveCode([pages, package]), name, tree, [spare, package], _warn)
    handler.current()
    return handler


def _call(handler: LiveHandler, given: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    about = message.get("ctx") or {}
    if about.get("trace_id"):
        os.environ["_X_AMZN_TRACE_ID"] = about["trace_id"]
    try:
        result = handler.current()(message["event"], _context(given, about))
        # Here, because a result that is no JSON is the function's failure.
        return {"status": "ok", "result": json.loads(json.dumps(result))}
    except Exception as error:
        failure = {"error": str(error), "trace": traceback.format_exc()}
        return {"status": "ok", "result": {FAILED: failure}}


def _context(given: dict[str, Any], about: dict[str, Any]) -> SimpleNamespace:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""
    name = given.get("function_name", "")
    deadline = time.time() + float(os.environ.get("_LAMBDA_TIMEOUT", "3"))
    return SimpleNamespace(
        function_name=name,
        function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        memory_limit_in_mb=given.get("memory", 128),
        invoked_function_arn=about.get("invoked_function_arn", given.get("arn", "")),
        aws_request_id=about.get("request_id", ""),
        log_group_name=f"/aws/lambda/{name}",
        log_stream_name=os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: max(0, round((deadline - time.time()) * 1000)),
    )


def _listen(debugpy: Path, port: int) -> None:
    """Let a debugger attach. Nothing else of the folder that debugpy is in can be imported."""
    spec = importlib.util.spec_from_file_location(
        "debugpy", debugpy / "__init__.py", submodule_search_locations=[str(debugpy)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no debugpy in {debugpy}")
    # Otherwise the function's log has a warning that breakpoints in the standard library may be missed.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    sys.modules["debugpy"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.listen(("127.0.0.1", port))


def _warn(text: str) -> None:
    """A line of the function's log, as its own are."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "WARNING",
        "message": text,
    }
    print(json.dumps(line), file=sys.stderr, flush=True)


def _answer(answers: TextIO, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()
