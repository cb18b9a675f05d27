"""Runs ministack: `python -I embedded_launcher.py RECORD PORT [--tied]`, in an environment of its own.

It writes its record before anything else. With --tied it ends when its standard input does, so that a
killed test session leaves no cloud behind. It corrects faults of ministack 1.5.33: PutMetricAlarm drops the
queries of an alarm on several metrics; the XML answer of DescribeAlarms lacks most of an alarm's fields, so
Terraform would see every alarm changed; a state that waits for a task token kept waiting although its
function had failed; an API accepted tokens without an expiry. One difference from AWS is on purpose: a
queue may be created shortly before its dead-letter queue, so that Terraform can create both at the same
time. Another is in repeated_calls.py, another fault is corrected in concurrency_limits.py, and decisions.py
records what IAM decides in RECORD's folder.
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
from typing import Any
from xml.sax.saxutils import escape

# CloudWatch API reference, MetricAlarm; without the fields that ministack prints itself.
PLAIN_FIELDS = ("AlarmDescription", "Statistic", "ExtendedStatistic", "Period", "TreatMissingData", "Unit")
# Field that an alarm has → fields that ministack makes up in its place.
MADE_UP = {"ExtendedStatistic": {"Statistic"}, "Metrics": {"Statistic", "ExtendedStatistic", "Period"}}
LIST_FIELDS = ("AlarmActions", "OKActions", "InsufficientDataActions")

# How long CreateQueue waits for the dead-letter queue that it names: Terraform needs time to create both.
DEAD_LETTERS_SECONDS = 30.0
POLL_SECONDS = 0.05
# Imported before the first call, like those with corrections: an import blocks all calls.
SERVICES = (
    "cloudwatch_logs", "cognito", "dynamodb", "eventbridge", "iam", "kms", "resource_groups", "s3", "sns",
)  # fmt: skip
# How long a connection may be idle: longer than an apply takes.
IDLE_SECONDS = 3600.0


def write_record(path: Path, port: int) -> None:
    """Write down which process this is; the rename keeps readers from seeing half of it."""
    record = {"pid": os.getpid(), "instance": uuid.uuid4().hex, "port": port}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(record))
    draft.rename(path)


def end_with_input() -> None:
    """Stop this process group once standard input ends."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def missing_fields(alarm: dict[str, Any]) -> str:
    """The fields of an alarm that ministack's XML leaves out, as XML."""
    made_up = {name for reason, names in MADE_UP.items() if alarm.get(reason) for name in names}
    told = [name for name in PLAIN_FIELDS if alarm.get(name) and name not in made_up]
    parts = [f"<{name}>{escape(str(alarm[name]))}</{name}>" for name in told]
    parts.append(f"<ActionsEnabled>{str(alarm.get('ActionsEnabled', True)).lower()}</ActionsEnabled>")
    for name in LIST_FIELDS:
        members = "".join(f"<member>{escape(arn)}</member>" for arn in alarm.get(name) or [])
        parts.append(f"<{name}>{members}</{name}>")
    dimensions = "".join(
        f"<member><Name>{escape(one['Name'])}</Name><Value>{escape(one['Value'])}</Value></member>"
        for one in alarm.get("Dimensions") or []
    )
    parts.append(f"<Dimensions>{dimensions}</Dimensions>")
    parts.append(f"<Metrics>{as_xml(alarm.get('Metrics') or [])}</Metrics>")
    return "".join(parts)


def queries(parameters: dict[str, Any]) -> list[Any]:
    """The queries in a request's parameters, `Metrics.member.1.MetricStat.Period` and the like, as trees."""
    root: dict[str, Any] = {}
    for name, value in parameters.items():
        if name.startswith("Metrics."):
            branch = root
            *way, last = name.split(".")
            for step in way:
                branch = branch.setdefault(step, {})
            branch[last] = value[0] if isinstance(value, list) else value
    found = _with_lists(root).get("Metrics", [])
    return list(found)


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return {"true": True, "false": False}.get(node, int(node) if node.isdigit() else node)
    if "member" in node:
        return [_with_lists(node["member"][number]) for number in sorted(node["member"], key=int)]
    return {name: _with_lists(value) for name, value in node.items()}


def as_xml(node: Any) -> str:
    """A tree as it stands in an answer."""
    if isinstance(node, dict):
        return "".join(f"<{name}>{as_xml(value)}</{name}>" for name, value in node.items())
    if isinstance(node, list):
        return "".join(f"<member>{as_xml(value)}</member>" for value in node)
    return escape(str(node).lower() if isinstance(node, bool) else str(node))


def keep_queries(cloudwatch: Any) -> None:
    """Wrap the service's PutMetricAlarm so that an alarm on several metrics keeps its queries."""
    original = cloudwatch._put_metric_alarm

    def put(parameters: Any, *arguments: Any, **options: Any) -> Any:
        answer = original(parameters, *arguments, **options)
        (name,) = parameters.get("AlarmName") or [""]
        if found := queries(parameters):
            cloudwatch._alarms[name]["Metrics"] = found
        return answer

    cloudwatch._put_metric_alarm = put


def complete_describe_alarms(cloudwatch: Any) -> None:
    """Wrap the service's DescribeAlarms so that its XML answer holds whole metric alarms."""
    original = cloudwatch._describe_alarms

    def describe(*arguments: Any, **options: Any) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = original(*arguments, **options)
        if status == 200 and headers.get("Content-Type") == "application/xml":
            text = body.decode()
            for alarm in cloudwatch._alarms.values():
                arn = f"<AlarmArn>{alarm['AlarmArn']}</AlarmArn>"
                text = text.replace(arn, arn + missing_fields(alarm), 1)
            body = text.encode()
        return status, headers, body

    cloudwatch._describe_alarms = describe


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


def keep_connections(config: Any) -> None:
    """Leave it to clients to end idle connections, and let more of them wait to be accepted.

    ministack ends connections that were idle for 75 s, and AWS's SDK for Go keeps them for 90 s: a call in
    between meets one that is being closed. On a cold machine imports hold the server up for seconds, in which
    bursts of connections pile up.
    """
    config.keep_alive_timeout = property(lambda _config: IDLE_SECONDS, lambda _config, _seconds: None)
    config.keep_alive_max_requests = 1_000_000
    config.backlog = 1024


def close_with_client(server: Any) -> None:
    """Close a connection as soon as its client has.

    hypercorn leaves it half-closed until the idle time-out has passed: under load these use up the files that
    a process may open.
    """
    read = server._read_data

    async def read_and_stop(self: Any) -> None:
        await read(self)
        await self.idle_task.stop()

    server._read_data = read_and_stop


def beside(name: str) -> Any:
    """A module of this folder, which is not on the path of the emulator's environment."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def main() -> None:
    """Record, patch, and become ministack."""
    record, port = Path(sys.argv[1]), int(sys.argv[2])
    write_record(record, port)
    if "--tied" in sys.argv[3:]:
        end_with_input()
    del sys.argv[1:]  # ministack reads its own options from here

    from hypercorn.asyncio.tcp_server import TCPServer
    from hypercorn.config import Config
    from ministack import app
    from ministack.core import iam_evaluator
    from ministack.services import apigateway, cloudwatch, lambda_svc, sqs, stepfunctions

    for name in SERVICES:
        importlib.import_module(f"ministack.services.{name}")

    keep_queries(cloudwatch)
    complete_describe_alarms(cloudwatch)
    fail_waiting_states(stepfunctions)
    refuse_tokens_without_expiry(apigateway)
    await_dead_letter_queues(sqs)
    refuse_second_mappings(lambda_svc)
    beside("concurrency_limits").limit_every_version(lambda_svc)
    beside("decisions").record_decisions(iam_evaluator, record.parent)
    keep_connections(Config)
    close_with_client(TCPServer)
    app.app = beside("repeated_calls").RepeatedCalls(app.app)
    app.main()


if __name__ == "__main__":
    main()
