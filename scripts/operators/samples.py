"""What `make invoke` calls a function about: a sample event, an event of a real task, or a file."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scripts.base.failure import Failure
from scripts.base.files import named_path
from scripts.base.paths import ROOT
from scripts.deployments.target import Target
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from services.core.aggregates import EVENTS
from services.core.event import Event, Write
from services.core.events import TaskCompleted, TaskCreated, TaskEvent, TaskExpired, task_event
from services.core.status import Status
from services.core.task import Task

SAMPLES = ROOT / "docs/events"


@dataclass(frozen=True)
class Subject:
    """What a function is called about; `content` is what a file holds, None without one.

    `task` is the event's, or some task where it is about something else; `real` says that it is one of the
    deployment, not the sample's.
    """

    event: Event
    task: Task
    content: Any = None
    named: str | None = None
    """The type of event that a file's name begins with, as in `TaskUpdated.mine.json`."""
    real: bool = False


def chosen_subject(target: Target, event: str, task_id: str, ordinary: str, cause: str) -> Subject:
    """The subject of EVENT= and TASK=, caused by the request `cause`; `ordinary` is the type by default."""
    if event and event not in EVENTS:
        path = named_path(event, "EVENT: ")
        content, named = _content_of(path), path.name.split(".")[0]
        subject = chosen_subject(target, "", task_id, ordinary, cause)
        return replace(subject, content=content, named=named if named in EVENTS else None)
    kind = event or ordinary
    if task_id:
        task = stored_task(target, task_id)
        return Subject(event_of_task(EVENTS[kind], task, cause), task, real=True)
    published = sample(kind)
    of_task = published if isinstance(published, TaskEvent) else sample("TaskCreated")
    return Subject(published.model_copy(update={"correlation_id": cause}), getattr(of_task, TaskEvent.entity))


def sample(name: str) -> Event:
    """The published sample of an event."""
    return event_from(name, json.loads((SAMPLES / f"{name}.sample.json").read_text(encoding="utf-8")))


def event_from(name: str, detail: Any) -> Event:
    """An event's detail as a model. Raises Failure."""
    try:
        return EVENTS[name].model_validate_json(json.dumps(detail))
    except ValidationError as error:
        first = error.errors()[0]
        raise Failure(f"this is no {name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def event_of_task(kind: type[Event], task: Task, cause: str) -> TaskEvent:
    """An event of a task as it is now. Its id is that of the event which was published, if one was.

    Raises Failure for an event of something else, and for one which says that an unfinished task was
    completed.
    """
    if not issubclass(kind, TaskEvent):
        raise Failure(f"{kind.detail_type} is no event of a task: leave out TASK=")
    if kind in (TaskCompleted, TaskExpired) and task.status is not Status.COMPLETED:
        raise Failure(f"the task is {task.status}: {kind.detail_type} is of completed tasks")
    if kind is TaskCreated:
        task = task.model_copy(update={"version": 1})
    old, new = (task, None) if kind.is_removal else (None, task)
    return task_event(kind, Write(old, new, cause, task.updated_at))


def stored_task(target: Target, task_id: str) -> Task:
    """A task of the deployment. Raises Failure."""
    store = DynamoDBTaskStore(target.client("dynamodb"), target.outputs["table_names"]["tasks"])
    task = store.get(task_id)
    if task is None:
        raise Failure(f"there is no task {task_id}")
    return task


def _content_of(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        names = ", ".join(sorted(EVENTS))
        raise Failure(f"there is no sample or file {path}: EVENT is a file with JSON, or {names}") from error
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from error
