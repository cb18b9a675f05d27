"""`make demo CHAPTER=faults`: a reaction fails, its messages become dead letters, and nothing is lost."""

from typing import Any

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import dead_letters, faults
from scripts.operators.dead_letters import DeadLetter
from scripts.operators.demonstration import OWNER, Demonstration, grown
from scripts.operators.redrive import redrive

FUNCTION, QUEUE, ACTION = "on_completed", "completed", "s3:PutObject"
TITLES = ("Send the invoice", "Book the train")
# Five receives, a second apart.
DEAD_LETTER_SECONDS = 120.0


def tell_faults(story: Demonstration, target: Target) -> None:
    """Two tasks are completed while their archive refuses writes; in the end everything agrees."""
    before = story.statistics()
    story.say("The archive refuses writes: on_completed loses its right to them.")
    story.show(f"  make break FN={FUNCTION} ACTION={ACTION}")
    faults.deny(target, FUNCTION, [ACTION])
    faults.retry_soon(target, FUNCTION)
    try:
        story.say("Ada completes two tasks. Each event fails five times, and is kept as a dead letter.")
        tasks = {task["taskId"]: task for task in (_completed(story, title) for title in TITLES)}
        story.effect("dead letters", lambda: _number(target, tasks), DEAD_LETTER_SECONDS)
        story.show("  make dead-letters")
        for letter in _letters(target, tasks):
            story.show(f"  {letter.queue}  {letter.message_id}\n    {dead_letters.reason_of(target, letter)}")
    finally:
        faults.mend_function(target, FUNCTION)
    story.say("The right is given back, and the dead letters are moved back to their queue.")
    story.show(f"  make mend\n  make redrive QUEUE={QUEUE}")
    _redrive(target, tasks)
    for task_id, task in tasks.items():
        _archived(story, task_id, task)
    for total in ("created", "completed"):
        _counted(story, before, total, len(tasks))
    _reconcile(story, before, len(tasks), len(_letters(target, tasks)))
    for task_id in tasks:
        story.call("DELETE", f"/tasks/{task_id}")


def _completed(story: Demonstration, title: str) -> dict[str, Any]:
    task = story.call("POST", "/tasks", {"title": title, "userId": OWNER})
    return story.call("PUT", f"/tasks/{task['taskId']}", {"status": "completed"})


def _letters(target: Target, tasks: dict[str, Any]) -> list[DeadLetter]:
    """The dead letters of these tasks, which stay readable for others."""
    letters = list(dead_letters.read(target, QUEUE))
    dead_letters.release(target, letters)
    return [letter for letter in letters if any(task_id in letter.body for task_id in tasks)]


def _number(target: Target, tasks: dict[str, Any]) -> str | None:
    return str(len(tasks)) if len(_letters(target, tasks)) == len(tasks) else None


def _redrive(target: Target, tasks: dict[str, Any]) -> None:
    others = []
    for letter in dead_letters.read(target, QUEUE):
        if any(task_id in letter.body for task_id in tasks):
            redrive(target, letter)
        else:
            others.append(letter)
    dead_letters.release(target, others)


def _archived(story: Demonstration, task_id: str, task: dict[str, Any]) -> None:
    story.effect("archived", lambda: story.archived(task_id, task["updatedAt"]))


def _counted(story: Demonstration, before: dict[str, Any], total: str, tasks: int) -> None:
    story.effect("counted", lambda: grown(before, story.statistics(), total, tasks))


def _reconcile(story: Demonstration, before: dict[str, Any], tasks: int, letters: int) -> None:
    """Compare what was written with what was counted, to the last one: a repeated event counts once."""
    now = story.statistics()
    counted = {total: now[total] - before[total] for total in ("created", "completed")}
    if letters or any(number != tasks for number in counted.values()):
        raise Failure(f"{tasks} tasks were completed, and {counted} counted; {letters} dead letters are left")
    story.say(f"Reconciled: {tasks} tasks created and completed, {tasks} archived, each counted once.")
