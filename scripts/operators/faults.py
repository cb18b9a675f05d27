"""`make break` and `make mend`: a function of the local cloud loses rights or is throttled, until mended."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any

from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.functions import QueueTrigger, function_map
from scripts.deployments.record import running_stack
from scripts.deployments.target import Target, chosen_target
from scripts.operators.log_lines import one_function
from scripts.operators.roles import role_name

POLICY = "fault"
# A queue's tag with its ordinary visibility time-out, while failed messages are retried sooner.
ORDINARY = "ordinary-visibility-timeout"
RETRY_SECONDS = 1
WORKERS = 10


def break_function(name: str, action: str = "", executions: int | None = None) -> None:
    """`make break`: deny a function an action, by default all of its rights; or limit its executions."""
    target = chosen_target()
    function = one_function(target, name)
    if executions is not None:
        throttle(target, function, executions)
    if action or executions is None:
        require_enforcement()
        deny(target, function, denied_actions(function, action))
    retry_soon(target, function)
    console = Console(highlight=False)
    for fault in faults_of(target, function):
        console.print(f"{function}: {fault}", soft_wrap=True)
    console.print("See it with make status and make dead-letters; end it with make mend.")


def mend() -> None:
    """`make mend`: end all faults."""
    target = chosen_target()
    broken = all_faults(target)
    for function in broken:
        mend_function(target, function)
    console = Console(highlight=False)
    console.print(f"Mended: {', '.join(broken)}." if broken else "Nothing was broken.")
    if broken:
        console.print("Dead letters stay until they are moved back: make redrive")


def require_enforcement() -> None:
    """A Failure unless the local cloud enforces IAM policies."""
    cloud = running_stack().cloud
    if cloud != "embedded":
        raise Failure(f"{cloud} does not enforce policies: use THROTTLE=0, or `make up CLOUD=embedded`")


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


def _queue_of(target: Target, function: str) -> str | None:
    trigger = function_map()[function].trigger
    return target.outputs["queue_urls"][trigger.queue] if isinstance(trigger, QueueTrigger) else None


def _tags(sqs: Any, url: str) -> dict[str, str]:
    return dict(sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))
