"""`make break` and `make mend`: until mended, a local function lacks rights, is throttled or slow.

Or the event bus stops delivering to a queue.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.functions import QueueTrigger, function_map
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.record import running_stack
from scripts.deployments.target import Target, chosen_target
from scripts.operators.log_lines import one_function
from scripts.operators.queues import rule_of
from scripts.operators.roles import role_name

BUS = "BUS"  # make's argument that names a queue
POLICY = "fault"
# A queue's tag with its ordinary visibility time-out, while failed messages are retried sooner.
ORDINARY = "ordinary-visibility-timeout"
RETRY_SECONDS = 1
LATENCY_TAG = "fault-latency-seconds"
STOPPED = "the bus delivers no events to it"
WORKERS = 10


def break_(
    name: str, action: str = "", executions: int | None = None, latency: float | None = None, bus: str = ""
) -> None:
    """`make break`: break a function, by default by denying it all of its rights, or stop a delivery."""
    if bool(name) == bool(bus):
        raise Failure("say what to break: FN= is a function, BUS= a queue that the bus delivers to")
    target = chosen_target()
    console = Console(highlight=False)
    if bus:
        stop_delivery(target, bus)
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        console.print(f"{bus}: {STOPPED}")
        replay = f"make replay FROM={since} CONSUMER={bus}"
        console.print(f"After make mend, deliver what was missed: {replay}", soft_wrap=True)
        return
    function = one_function(target, name)
    break_function(target, function, action, executions, latency)
    for fault in faults_of(target, function):
        console.print(f"{function}: {fault}", soft_wrap=True)
    console.print("See it with make status and make dead-letters; end it with make mend.")


def break_function(
    target: Target,
    function: str,
    action: str = "",
    executions: int | None = None,
    latency: float | None = None,
) -> None:
    """Deny a function an action, or all of its rights; throttle it, or slow it down by so many seconds."""
    if executions is not None:
        throttle(target, function, executions)
    if latency is not None:
        slow_down(target, function, latency)
    if action or (executions is None and latency is None):
        require_embedded("enforce policies")
        deny(target, function, denied_actions(function, action))
    retry_soon(target, function)


def mend() -> None:
    """`make mend`: end all faults."""
    broken, stopped = mend_all(chosen_target())
    console = Console(highlight=False)
    mended = [*broken, *(f"bus to {queue}" for queue in stopped)]
    console.print(f"Mended: {', '.join(mended)}." if mended else "Nothing was broken.")
    if broken:
        console.print("Dead letters stay until they are moved back: make redrive")
    if stopped:
        console.print("Events of that time are in the archive: make replay FROM=")


def mend_all(target: Target) -> tuple[list[str], list[str]]:
    """End all faults; the functions that were broken, and the queues that the bus did not deliver to."""
    broken, stopped = list(all_faults(target)), stopped_deliveries(target)
    for function in broken:
        mend_function(target, function)
    for queue in stopped:
        resume_delivery(target, queue)
    return broken, stopped


def require_embedded(ability: str) -> None:
    """A Failure on other local clouds, which lack the ability."""
    cloud = running_stack().cloud
    if cloud != EmbeddedCloud.name:
        raise Failure(f"{cloud} does not {ability}: use THROTTLE=0, or `make up CLOUD=embedded`")


def denied_actions(function: str, pattern: str = "") -> list[str]:
    """The pattern, if it denies the function any of its rights; without one, all of those. Else a Failure."""
    rights = sorted({action for right in function_map()[function].rights for action in right.actions})
    if not rights:
        raise Failure(f"{function} has no rights that could be denied: use THROTTLE=0")
    if pattern and not any(fnmatchcase(right, pattern) for right in rights):
        raise Failure(f"{function} has no right to {pattern}: ACTION is one of {', '.join(rights)}")
    return [pattern] if pattern else rights


def deny(target: Target, function: str, actions: Sequence[str]) -> None:
    """Deny the function's role these actions."""
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    target.client("iam").put_role_policy(
        RoleName=role_name(target, function),
        PolicyName=POLICY,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def allow(target: Target, function: str) -> None:
    """End what `deny` did."""
    iam = target.client("iam")
    iam.delete_role_policy(RoleName=role_name(target, function), PolicyName=POLICY)


def throttle(target: Target, function: str, executions: int) -> None:
    """Let no more executions of the function run at a time; 0 stops it."""
    target.client("lambda").put_function_concurrency(
        FunctionName=target.outputs["function_names"][function], ReservedConcurrentExecutions=executions
    )


def slow_down(target: Target, function: str, seconds: float) -> None:
    """Have each call of the function take so much longer; scripts/clouds/latency.py reads the tag."""
    require_embedded("slow functions down")
    if seconds <= 0:
        raise Failure("LATENCY must be more than 0: make mend ends one")
    functions = target.client("lambda")
    functions.tag_resource(Resource=_arn(target, function), Tags={LATENCY_TAG: f"{seconds:g}"})


def stop_delivery(target: Target, queue: str) -> None:
    """Have the bus deliver no events to this queue; its archive keeps them."""
    rule = rule_of(target.outputs, queue, BUS)
    target.client("events").disable_rule(Name=rule, EventBusName=target.outputs["event_bus_name"])


def resume_delivery(target: Target, queue: str) -> None:
    """End what `stop_delivery` did."""
    rule = rule_of(target.outputs, queue, BUS)
    target.client("events").enable_rule(Name=rule, EventBusName=target.outputs["event_bus_name"])


def stopped_deliveries(target: Target) -> list[str]:
    """The queues that the bus does not deliver to."""
    events, bus = target.client("events"), target.outputs["event_bus_name"]
    pages = events.get_paginator("list_rules").paginate(EventBusName=bus)
    disabled = {rule["Name"] for page in pages for rule in page["Rules"] if rule["State"] == "DISABLED"}
    queues = sorted(target.outputs["queue_urls"])
    return [queue for queue in queues if rule_of(target.outputs, queue, BUS) in disabled]


def retry_soon(target: Target, function: str, seconds: int = RETRY_SECONDS) -> None:
    """Have messages that the function fails on retried soon, so that dead letters come in seconds."""
    url = _queue_of(target, function)
    sqs = target.client("sqs")
    if url is None or ORDINARY in _tags(sqs, url):
        return
    name = "VisibilityTimeout"
    ordinary = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    sqs.tag_queue(QueueUrl=url, Tags={ORDINARY: ordinary})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(seconds)})


def retry_as_usual(target: Target, function: str) -> None:
    """End what `retry_soon` did."""
    url = _queue_of(target, function)
    sqs = target.client("sqs")
    if url is not None and (ordinary := _tags(sqs, url).get(ORDINARY)):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": ordinary})
        sqs.untag_queue(QueueUrl=url, TagKeys=[ORDINARY])


def mend_function(target: Target, function: str) -> None:
    """End all faults of a function, a limit of its executions that Terraform set included."""
    if _denied(target, function):
        allow(target, function)
    if _limit(target, function) is not None:
        called = target.outputs["function_names"][function]
        target.client("lambda").delete_function_concurrency(FunctionName=called)
    if _latency(target, function) is not None:
        target.client("lambda").untag_resource(Resource=_arn(target, function), TagKeys=[LATENCY_TAG])
    retry_as_usual(target, function)


def all_faults(target: Target) -> dict[str, list[str]]:
    """Function → what is broken about it; without those that are whole."""
    names = sorted(target.outputs["function_names"])
    with ThreadPoolExecutor(WORKERS) as pool:
        found = zip(names, pool.map(lambda name: faults_of(target, name), names), strict=True)
    return {name: faults for name, faults in found if faults}


def faults_of(target: Target, function: str) -> list[str]:
    """What is broken about a function, in words."""
    denied, limit = _denied(target, function), _limit(target, function)
    faults = [f"denied {', '.join(denied)}"] if denied else []
    if limit is not None:
        faults.append(f"throttled to {limit} executions at a time")
    if (latency := _latency(target, function)) is not None:
        faults.append(f"slower by {latency} s")
    return faults


def _denied(target: Target, function: str) -> list[str]:
    iam = target.client("iam")
    try:
        found = iam.get_role_policy(RoleName=role_name(target, function), PolicyName=POLICY)
    except iam.exceptions.NoSuchEntityException:
        return []
    document = found["PolicyDocument"]
    content = json.loads(document) if isinstance(document, str) else document
    return list(content["Statement"][0]["Action"])


def _limit(target: Target, function: str) -> int | None:
    called = target.outputs["function_names"][function]
    answer = target.client("lambda").get_function_concurrency(FunctionName=called)
    limit = answer.get("ReservedConcurrentExecutions")
    return None if limit is None else int(limit)


def _arn(target: Target, function: str) -> str:
    # That of the key has the same partition, region and account.
    _, partition, _, region, account, _ = target.outputs["kms_key_arn"].split(":", 5)
    return f"arn:{partition}:lambda:{region}:{account}:function:{target.outputs['function_names'][function]}"


def _latency(target: Target, function: str) -> str | None:
    tags: dict[str, str] = target.client("lambda").list_tags(Resource=_arn(target, function))["Tags"]
    return tags.get(LATENCY_TAG)


def _queue_of(target: Target, function: str) -> str | None:
    trigger = function_map()[function].trigger
    return target.outputs["queue_urls"][trigger.queue] if isinstance(trigger, QueueTrigger) else None


def _tags(sqs: Any, url: str) -> dict[str, str]:
    return dict(sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))
