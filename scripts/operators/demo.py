"""`make demo`: a task's whole life, step by step, with the time that each effect took."""

from scripts.base.failure import Failure
from scripts.deployments.target import chosen_target, is_local
from scripts.operators.demo_faults import tell_faults
from scripts.operators.demonstration import OWNER, Demonstration, grown
from scripts.operators.faults import require_embedded
from scripts.operators.tap import tap


def tell(story: Demonstration) -> None:
    """A high-priority task from its creation to its deletion."""
    before = story.statistics()
    story.say("Ada has an urgent task. High priority needs an approval before work begins.")
    task = story.call(
        "POST", "/tasks", {"title": "Renew the certificate", "userId": OWNER, "priority": "high"}
    )
    path, task_id = f"/tasks/{task['taskId']}", task["taskId"]
    story.event("TaskCreated", task_id)
    story.effect("counted", lambda: grown(before, story.statistics(), "created"))

    story.say("Grace approves it. The decision is recorded once; the workflow applies it to the task.")
    story.approve(path)
    story.effect("status", lambda: "approved" if story.task(task_id)["status"] == "approved" else None)
    story.event("TaskUpdated", task_id)
    story.event("TaskApproved", task_id)

    story.say("Ada does the work.")
    story.call("PUT", path, {"status": "in_progress"})
    story.event("TaskUpdated", task_id)
    completed = story.call("PUT", path, {"status": "completed"})
    story.event("TaskUpdated", task_id)
    story.event("TaskCompleted", task_id)
    story.effect("counted", lambda: grown(before, story.statistics(), "completed"))
    story.effect("archived", lambda: story.archived(task_id, completed["updatedAt"]))

    story.say("Then she deletes it.")
    story.call("DELETE", path)
    story.event("TaskDeleted", task_id)
    story.say("Done. Next: run `make events` in one terminal and curl in another.")


def demo(environment: str = "", chapter: str = "life") -> None:
    """`make demo`: one task's life, step by step; or the chapter `faults`, on the local cloud only."""
    if chapter == "faults":
        if not is_local(environment):
            raise Failure("CHAPTER=faults breaks a function: it is for the local cloud only")
        require_embedded("enforce policies")
    target = chosen_target(environment, change="Creates, approves and deletes a task")
    with tap(target) as bus:
        story = Demonstration(target, bus)
        tell_faults(story, target) if chapter == "faults" else tell(story)
