"""Runs ministack: `python -I embedded_launcher.py RECORD PORT [--tied] [--state FILE]`.

It runs in an environment of its own, and writes its record before anything else. With --tied it ends when its
standard input does, so that a killed test session leaves no cloud behind. It corrects faults of ministack
1.5.33: a state that waits for a task token kept waiting although its function had failed; an API accepted
tokens without an expiry. One difference from AWS is on purpose: a queue may be created shortly before its
dead-letter queue, so that Terraform can create both at the same time. More is in the files of this folder
that `main` names.
"""

import asyncio
import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# How long CreateQueue waits for the dead-letter queue that it names: Terraform needs time to create both.
DEAD_LETTERS_SECONDS = 30.0
POLL_SECONDS = 0.05
# Imported before the first call, like those with corrections: an import blocks all calls.
SERVICES = (
    "cloudwatch_logs", "cognito", "dynamodb", "eventbridge", "iam", "kms", "resource_groups", "s3", "sns",
)  # fmt: skip


def write_record(path: Path, port: int) -> dict[str, Any]:
    """Write down which process this is; the rename keeps readers from seeing half of it."""
    record = {"pid": os.getpid(), "instance": uuid.uuid4().hex, "port": port}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(record))
    draft.rename(path)
    return record


def end_with_input() -> None:
    """Stop this process group once standard input ends."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def fail_waiting_states(stepfunctions: Any) -> None:
    """Have a state with .waitForTaskToken fail with its function, as on AWS: then Retry and Catch apply."""
    invoke, call = stepfunctions._invoke_with_callback, stepfunctions._call_lambda
    waiting = threading.local()

    def invoke_with_callback(resource: str, given: Any, token: str, state: Any) -> Any:
        waiting.token = token
        try:
            return invoke(resource, given, token, state)
        finally:
            waiting.token = None

    def call_lambda(function: str, event: Any) -> Any:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            # The caller drops this error and waits; so the token gets the failure too.
            token = stepfunctions._task_tokens.get(getattr(waiting, "token", None))
            if token is not None:
                token["error"] = {"Error": error.error, "Cause": error.cause}
                token["event"].set()
            raise

    stepfunctions._invoke_with_callback = invoke_with_callback
    stepfunctions._call_lambda = call_lambda


def await_dead_letter_queues(sqs: Any, patience_seconds: float = DEAD_LETTERS_SECONDS) -> None:
    """Have CreateQueue wait a while for the dead-letter queue that is named, where AWS refuses at once."""
    create = sqs._HANDLERS["CreateQueue"]

    async def create_when_complete(request: Any, url: str) -> Any:
        policy = (request.get("Attributes") or {}).get("RedrivePolicy")
        end = time.monotonic() + patience_seconds
        while policy and _lacks_its_queue(sqs, policy) and time.monotonic() < end:
            await asyncio.sleep(POLL_SECONDS)
        return create(request, url)

    sqs._HANDLERS["CreateQueue"] = create_when_complete


def _lacks_its_queue(sqs: Any, policy: str) -> bool:
    try:
        return sqs._queue_by_arn(json.loads(policy)["deadLetterTargetArn"]) is None
    except (ValueError, TypeError, KeyError, AttributeError):
        return False  # not a valid policy: waiting would not help


def refuse_tokens_without_expiry(apigateway: Any) -> None:
    """Wrap the JWT authorizer: on AWS, `exp` "must be after the current time", so a token has to have one."""
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    original = apigateway._validate_jwt_authorizer

    async def validate(*arguments: Any) -> tuple[Any, Any, Any]:
        claims, scopes, refusal = await original(*arguments)
        if claims is not None and "exp" not in claims:
            return None, None, apigateway._jwt_unauthorized()
        return claims, scopes, refusal

    apigateway._validate_jwt_authorizer = validate


def refuse_second_mappings(functions: Any) -> None:
    """Have CreateEventSourceMapping refuse a function's second mapping of a source, as on AWS.

    Otherwise a call whose answer is lost, and which is therefore made again, has every event handled twice.
    """
    create = functions._create_esm

    def create_once(data: dict[str, Any]) -> Any:
        name, qualifier, _ = functions._resolve_existing_esm_function(data.get("FunctionName", ""))
        wanted = (name, qualifier, data.get("EventSourceArn"))
        for mapping in functions._esms.values():
            if (mapping["FunctionName"], mapping["Qualifier"], mapping["EventSourceArn"]) == wanted:
                text = (
                    f'The event source arn (" {wanted[2]} ") and function (" {name} ") provided mapping '
                    "already exists. Please update or delete the existing mapping with UUID "
                    f"{mapping['UUID']}"
                )
                return functions.error_response_json("ResourceConflictException", text, 409)
        return create(data)

    functions._create_esm = create_once


def beside(name: str) -> Any:
    """A module of this folder, which is not on the path of the emulator's environment."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def room(name: str, *modules: str) -> list[Any]:
    """Modules of a folder of this folder, which import each other."""
    place = Path(__file__).parent / name
    spec = importlib.util.spec_from_file_location(
        name, place / "__init__.py", submodule_search_locations=[str(place)]
    )
    sys.modules[name] = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    return [importlib.import_module(f"{name}.{module}") for module in modules]


def keep_states(app: Any, folder: Path, record: dict[str, Any], options: list[str]) -> None:
    """Have snapshots taken on request, and start from one, if the options name its file."""

    def service(name: str) -> Any:
        return importlib.import_module(f"ministack.{name}")

    gates, stores, snapshots, executions = room("states", "gate", "stores", "snapshots", "executions")
    functions, gate = service("services.lambda_svc"), gates.Gate()
    gates.hold_back(gate, functions, "_poll_sqs", "_poll_kinesis", "_poll_dynamodb_streams")
    gates.hold_back(gate, service("services.eventbridge"), "_tick_scheduled_rules")
    gates.hold_back(gate, service("services.scheduler"), "_tick_schedules")
    gates.note(gate, functions, "_execute_function")
    states, responses = service("services.stepfunctions"), service("core.responses")
    parts = SimpleNamespace(
        stores=stores,
        functions=functions,
        gate=gate,
        executions=executions.Executions(states, responses, gate),
        lock=service("services.dynamodb")._lock,
        baseline=stores.Baseline(),
    )
    if "--state" in options:
        gate.close()
        snapshots.restore(Path(options[options.index("--state") + 1]), record["port"], parts)
    app.app = snapshots.Snapshots(gates.GatedRequests(app.app, gate), folder, record, parts)


def main() -> None:
    """Record, patch, and become ministack."""
    path = Path(sys.argv[1])
    record = write_record(path, int(sys.argv[2]))
    options = sys.argv[3:]
    if "--tied" in options:
        end_with_input()
    del sys.argv[1:]  # ministack reads its own options from here

    import hypercorn.asyncio
    from ministack import app
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.services import apigateway, cloudwatch, lambda_svc, sqs, stepfunctions

    for name in SERVICES:
        importlib.import_module(f"ministack.services.{name}")

    beside("alarms").keep_whole(cloudwatch)
    fail_waiting_states(stepfunctions)
    refuse_tokens_without_expiry(apigateway)
    await_dead_letter_queues(sqs)
    refuse_second_mappings(lambda_svc)
    beside("concurrency_limits").limit_every_version(lambda_svc)
    beside("latency").delay_tagged(lambda_svc)
    beside("shared_packages").start_faster(lambda_svc)
    beside("forked_workers").fork_workers(lambda_runtime)
    beside("whole_logs").read_whole_logs(lambda_runtime)
    beside("dev/mode").follow_working_tree(path.parent, lambda_svc, sqs, stepfunctions)
    beside("decisions").record_decisions(iam_evaluator, path.parent)
    hypercorn.asyncio.serve = beside("server").serve  # which app.main calls
    app.app = beside("repeated_calls").RepeatedCalls(app.app)
    keep_states(app, path.parent, record, options)
    app.main()


if __name__ == "__main__":
    main()
