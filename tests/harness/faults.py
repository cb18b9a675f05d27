"""Faults on the running stack: rights that are denied, and queues that retry at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.operators import faults, queues
from scripts.operators.dead_letters import consumers
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually


@contextmanager
def denied(stack: DeployedStack, function: str, action: str) -> Iterator[None]:
    """While it lasts, the function's role is denied an action."""
    faults.deny(stack, function, [action])
    try:
        yield
    finally:
        faults.allow(stack, function)


@contextmanager
def quick_retries(stack: DeployedStack, *names: str, seconds: int = 1) -> Iterator[None]:
    """While it lasts, failed messages are retried soon: five receives take seconds, not minutes."""
    readers = [consumers()[queue] for queue in names]
    for function in readers:
        faults.retry_soon(stack, function, seconds)
    try:
        yield
    finally:
        for function in readers:
            faults.retry_as_usual(stack, function)


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
