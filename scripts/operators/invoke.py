"""`make invoke FN= [EVENT=] [TASK=] [ENV=]`: call one deployed function as its trigger would."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.functions import function_map
from scripts.base.user import user_name
from scripts.base.waiting import until
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.target import Target, chosen_target, is_local
from scripts.operators.log_lines import LogLine, LogReader, one_function
from scripts.operators.logs import as_text
from scripts.operators.trigger_events import Invocation, trigger_event

# How long lines may take until they can be read.
LOCAL_LOG_SECONDS, AWS_LOG_SECONDS = 2.0, 15.0
# Clocks of this machine and of AWS differ a little.
CLOCKS = timedelta(seconds=5)


def invoke(name: str, sample: str = "", task_id: str = "", environment: str = "") -> int:
    """`make invoke`: call a function; print its answer, its log lines and the duration. 1 if it failed."""
    console = Console(highlight=False)
    target = chosen_target(environment, change=f"Calls the function {name}")
    function = one_function(target, name)
    invocation = new_invocation(target, function)
    event = trigger_event(invocation, sample, task_id)
    began, started = datetime.now(UTC) - CLOCKS, time.perf_counter()
    answer, failed = call(target, function, event)
    took = (time.perf_counter() - started) * 1000
    console.print(json.dumps(readable(answer), indent=2, ensure_ascii=False), markup=False, soft_wrap=True)
    seconds = LOCAL_LOG_SECONDS if is_local(environment) else AWS_LOG_SECONDS
    for line in lines_of(target, function, invocation.cause, began, seconds):
        console.print(as_text(line), soft_wrap=True)
    outcome = "failed" if failed else "succeeded"
    console.print(f"{function} {outcome} in {took:.0f} ms", style="red" if failed else "green")
    return int(failed)


def new_invocation(target: Target, function: str) -> Invocation:
    """A call of a function by this machine's user, with an id of its own."""
    cause = f"invoke-{uuid4().hex[:16]}"
    return Invocation(target, function, function_map()[function], user_name(), cause)


def call(target: Target, function: str, event: Any) -> tuple[Any, bool]:
    """The function's answer, and whether it failed: raised, gave a message back, or answered 5xx."""
    try:
        answer = target.client("lambda").invoke(
            FunctionName=target.outputs["function_names"][function],
            Qualifier=ALIAS,
            Payload=json.dumps(event).encode(),
        )
    except ClientError as error:
        raise Failure(f"{function} was not called: {error}") from error
    content = json.loads(answer["Payload"].read() or "null")
    given = content if isinstance(content, dict) else {}
    failed = (
        "FunctionError" in answer or given.get("batchItemFailures") or int(given.get("statusCode", 0)) >= 500
    )
    return content, bool(failed)


def lines_of(target: Target, function: str, cause: str, since: datetime, seconds: float) -> list[LogLine]:
    """The lines that a call logged, found by its id; none if none can be read within these seconds."""
    reader = LogReader(target, [function])
    return until(lambda: reader.read(since, cause), seconds=seconds, poll=seconds / 20)


def readable(answer: Any) -> Any:
    """The answer, with a JSON body as JSON."""
    if not isinstance(answer, dict) or not isinstance(answer.get("body"), str):
        return answer
    try:
        return answer | {"body": json.loads(answer["body"])}
    except ValueError:
        return answer
