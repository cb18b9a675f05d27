"""A task: its fields, how one begins, and how it changes."""

import re
from datetime import datetime
from functools import partial
from operator import is_
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from services.core.errors import Conflict, StaleVersion
from services.core.moments import Timestamp, timestamp
from services.core.status import (
    BY_WORKFLOW,
    Decision,
    Priority,
    Status,
    allowed_by_client,
    initial_status,
)

MAX_TAGS = 20

# Characters that a message of SQS must not hold, and that JSON does not escape: an event with one would reach
# no queue. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_UNSENDABLE = re.compile("[\ufffe\uffff]")
_MAY_BE_BLANK = Field(json_schema_extra={"pattern": r"^[^\ufffe\uffff]*$"})
# JSON Schema cannot express trimming; this requires that something is left. U+0085 is blank in Python, but
# not for the `\s` of JSON Schema's regular expressions.
_NOT_BLANK = Field(json_schema_extra={"pattern": r"^[^\ufffe\uffff]*[^\s\x85\ufffe\uffff][^\ufffe\uffff]*$"})


def _sendable(text: str) -> str:
    if _UNSENDABLE.search(text):
        raise PydanticCustomError("character", "the characters U+FFFE and U+FFFF are not allowed")
    return text


def _distinct(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(tags)) < len(tags):
        raise PydanticCustomError("not_distinct", "tags must be distinct")
    return tags


# The patterns above are for the API's document; this is what refuses.
_SENDABLE = AfterValidator(_sendable)

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _NOT_BLANK, _SENDABLE
]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=5000), _MAY_BE_BLANK, _SENDABLE
]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), _MAY_BE_BLANK, _SENDABLE]

# A user id is the subject of an issuer's tokens: a StringOrURI (RFC 7519, section 2), compared as it is. Only
# visible characters and the space are allowed: no controls, no other separators, nothing invisible, nothing
# that changes the direction of text.
_NOT_SEEN = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ufeff\ufff0-\uffff"
)
USER_ID_PATTERN = rf"^[^{_NOT_SEEN}]( *[^{_NOT_SEEN}])*$"
MAX_USER_ID = 255
# JSON and UTF-8 hold no lone surrogates, but a Python string may.
_USER_ID = re.compile(USER_ID_PATTERN.replace(_NOT_SEEN, _NOT_SEEN + r"\ud800-\udfff"))


def is_user_id(text: str) -> bool:
    """Whether `text` is a user id, without blanks around it."""
    return len(text) <= MAX_USER_ID and _USER_ID.fullmatch(text) is not None


def _user_id(text: str) -> str:
    if _USER_ID.fullmatch(text) is None:
        raise PydanticCustomError("user_id", "only visible characters and spaces are allowed")
    return text


UserId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_USER_ID),
    Field(json_schema_extra={"pattern": USER_ID_PATTERN}),
    AfterValidator(_user_id),
]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), _NOT_BLANK, _SENDABLE
]
Tags = Annotated[
    tuple[Tag, ...],
    Field(max_length=MAX_TAGS, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]

APPROVED_FIELDS = frozenset({"title", "description"})
"""What an approver decides on, besides the priority."""

# A field that is left out, rather than null, when it has no value.
Absent = Field(exclude_if=partial(is_, None))


class Model(BaseModel):
    """The manner of all our models: camelCase outside, immutable, nothing unknown, nothing coerced."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        # Errors are logged, but user text must not be.
        hide_input_in_errors=True,
    )


def _new_task_schema(schema: dict[str, Any]) -> None:
    del schema["properties"]["userId"]["default"]


class NewTask(Model):
    """The body of POST /tasks."""

    model_config = ConfigDict(json_schema_extra=_new_task_schema)

    title: Title
    # Empty when it was not given: the caller then owns the task.
    user_id: UserId = ""
    description: Description = ""
    priority: Priority = Priority.MEDIUM
    tags: Tags = ()

    def owned_by(self, user_id: str) -> "NewTask":
        """The same, with this user as its owner."""
        return self if self.user_id == user_id else self.model_copy(update={"user_id": user_id})


def _changes_schema(schema: dict[str, Any]) -> None:
    schema["minProperties"] = 1
    for field in schema["properties"].values():
        del field["default"]


class TaskChanges(Model):
    """The body of PUT /tasks/{taskId}: the fields to change, at least one."""

    model_config = ConfigDict(json_schema_extra=_changes_schema)

    # The defaults are never used: `model_fields_set` has the given fields, and null is refused.
    title: Title = ""
    description: Description = ""
    status: Status = Status.PENDING
    priority: Priority = Priority.MEDIUM
    tags: Tags = ()

    @model_validator(mode="after")
    def _at_least_one(self) -> "TaskChanges":
        if not self.model_fields_set:
            raise PydanticCustomError(
                "empty", "give at least one of title, description, status, priority, tags"
            )
        return self

    def given(self) -> dict[str, Any]:
        """Field name → new value, for the fields that the caller gave."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Stored(Model):
    """The manner of what we read back from storage and events: later versions may have added fields."""

    model_config = ConfigDict(extra="ignore")


class Approval(Stored):
    """How the approval of a high-priority task was decided."""

    decision: Decision
    approver: str
    reason: Annotated[str | None, Absent] = None
    decided_at: Timestamp
    # Absent from decisions of earlier releases.
    task_version: Annotated[
        int | None, Absent, Field(ge=1, description="The version of the task that was decided on.")
    ] = None


class Task(Stored):
    """A task as it is stored and shown. `version` counts its writes: 1, 2, 3 …"""

    task_id: str
    title: str
    description: str
    priority: Priority
    status: Status
    user_id: str
    tags: tuple[str, ...]
    created_at: Timestamp
    updated_at: Timestamp
    version: Annotated[int, Field(ge=1)]
    approval: Annotated[Approval | None, Absent] = None

    @property
    def was_approved(self) -> bool:
        """Whether an approver has approved this task."""
        return self.approval is not None and self.approval.decision == "approve"

    def as_json(self) -> str:
        """The task as the API shows it."""
        return self.model_dump_json(by_alias=True)

    def as_document(self) -> dict[str, Any]:
        """The same as plain values: strings, numbers, lists and dictionaries."""
        return self.model_dump(mode="json", by_alias=True)


def begin(new: NewTask, task_id: str, now: datetime) -> Task:
    """The first version of a task."""
    moment = timestamp(now)
    return Task(
        task_id=task_id,
        title=new.title,
        description=new.description,
        priority=new.priority,
        status=initial_status(new.priority),
        user_id=new.user_id,
        tags=new.tags,
        created_at=moment,
        updated_at=moment,
        version=1,
    )


def change(task: Task, changes: TaskChanges, now: datetime) -> Task:
    """The next version of `task`, or `task` itself when nothing differs. Raises Conflict."""
    differing = {name: value for name, value in changes.given().items() if value != getattr(task, name)}
    if not differing:
        return task
    if "status" in differing:
        _check_transition(task, differing["status"])
    if "priority" in differing:
        differing |= _priority_consequences(task, differing)
    if task.approval is not None and not APPROVED_FIELDS.isdisjoint(differing):
        differing |= _approval_consequences(task, differing)
    return next_version(task, now, **differing)


def decide(task: Task, approval: Approval, now: datetime) -> Task:
    """The next version of a task whose approval was decided.

    Raises Conflict if none is pending, and StaleVersion if another version of the task was decided on.
    """
    if (possible := BY_WORKFLOW.get(task.status)) is None:
        raise Conflict(f"No approval is pending: the task is {task.status}.", task.status)
    if not is_about(approval, task):
        raise StaleVersion
    return next_version(task, now, status=possible[approval.decision], approval=approval)


def next_version(task: Task, now: datetime, **fields: object) -> Task:
    """`task` with other values in these fields, one version later; time never runs backwards."""
    moment = max(timestamp(now), task.updated_at)
    return task.model_copy(update=fields | {"updated_at": moment, "version": task.version + 1})


def is_about(approval: Approval, task: Task) -> bool:
    """Whether this very version of the task was decided on."""
    if approval.task_version is None:
        # Of an earlier release: it holds if the task was not written since.
        return task.updated_at <= approval.decided_at
    return approval.task_version == task.version


def _check_transition(task: Task, target: Status) -> None:
    allowed = allowed_by_client(task.status, approved=task.was_approved)
    if target not in allowed:
        may = f"allowed: {', '.join(allowed)}" if allowed else "no status can be set from here"
        raise Conflict(f"status cannot go from {task.status} to {target}; {may}.", task.status, allowed)


def _approval_consequences(task: Task, differing: dict[str, Any]) -> dict[str, Any]:
    """An approval holds for the title and description that were decided on, and ends with them."""
    if task.status is not Status.APPROVED:
        hint = "; put the task back first" if task.status is Status.IN_PROGRESS else ""
        raise Conflict(
            f"title and description cannot change after the decision: the task is {task.status}{hint}.",
            task.status,
        )
    if "status" in differing:
        raise Conflict(
            "status cannot be set together with title or description of an approved task: "
            "changing them ends its approval.",
            task.status,
        )
    priority = differing.get("priority", task.priority)
    return {"status": initial_status(priority), "approval": None}


def _priority_consequences(task: Task, differing: dict[str, Any]) -> dict[str, Any]:
    if task.status is Status.PENDING_APPROVAL:
        raise Conflict("priority is locked while approval is pending.", task.status)
    if differing["priority"] is not Priority.HIGH or task.status is Status.APPROVED:
        return {}
    if task.status is Status.PENDING and "status" not in differing:
        return {"status": Status.PENDING_APPROVAL}
    raise Conflict(
        "priority can be raised to high only while the task is pending, and without setting status: "
        f"it is {task.status}, and high priority needs an approval first.",
        task.status,
    )
