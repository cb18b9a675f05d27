"""Faults on the running stack: rights that are denied, and queues that retry at once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.operators import queues
from tests.harness.roles import role_name
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

FAULT = "fault"


@contextmanager
def denied(stack: DeployedStack, function: str, action: str) -> Iterator[None]:
    """While it lasts, the function's role is denied an action."""
    iam = stack.client("iam")
    role = role_name(stack, function)
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=FAULT, PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=FAULT)


@contextmanager
def quick_retries(stack: DeployedStack, *names: str, seconds: int = 1) -> Iterator[None]:
    """While it lasts, failed messages are retried soon: five receives take seconds, not minutes."""
    sqs = stack.client("sqs")
    urls = [stack.outputs["queue_urls"][queue] for queue in names]
    ordinary = {url: _attribute(stack, url, "VisibilityTimeout") for url in urls}
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
    try:
        yield
    finally:
        for url in urls:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(ordinary[url])})


def depth(stack: DeployedStack, queue: str) -> int:
    """Messages in a reaction's queue, including those in flight."""
    return queues.depth(stack.client("sqs"), stack.outputs["queue_urls"][queue])


def dead_letters(stack: DeployedStack, queue: str) -> int:
    """Messages in a dead-letter queue."""
    return queues.depth(stack.client("sqs"), stack.outputs["dead_letter_queue_urls"][queue])


def settled(stack: DeployedStack, deadline: float = 120) -> None:
    """Waits until the queues of all reactions are empty."""
    names = sorted(stack.outputs["queue_urls"])

    def empty() -> bool:
        return not any(depth(stack, name) for name in names)

    eventually(empty, f"emptying {', '.join(names)}", deadline)


def _attribute(stack: DeployedStack, url: str, name: str) -> int:
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])
