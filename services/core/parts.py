"""Entities that belong to a task, such as a comment on it, and where they are kept.

Each kind has a table of its own, whose partition is the task: all comments on a task are one query.
"""

from typing import Any, Protocol, TypeVar


class Part(Protocol):
    """What all such entities have; `version` counts the writes of one: 1, 2, 3 …"""

    @property
    def task_id(self) -> str:
        """The task that it belongs to."""

    @property
    def version(self) -> int:
        """How often it was written."""

    def model_dump(self, *, mode: str, by_alias: bool) -> dict[str, Any]:
        """Its fields as plain values."""


AnyPart = TypeVar("AnyPart", bound=Part)


class PartStore(Protocol[AnyPart]):
    """The entities of one kind. Each write carries the correlation id of its cause into the table's stream.

    Every method may raise ServiceUnavailable.
    """

    def put_new(self, part: AnyPart, correlation_id: str) -> None:
        """Stores the first version of an entity."""

    def get(self, task_id: str, part_id: str) -> AnyPart | None:
        """The entity as last written (strongly consistent), or None."""

    def of_task(self, task_id: str, limit: int) -> tuple[AnyPart, ...]:
        """At most `limit` entities of a task, oldest first (eventually consistent)."""

    def replace(self, old: AnyPart, new: AnyPart, correlation_id: str) -> None:
        """Writes `new` over `old`. Raises StaleVersion if the stored version is not `old`'s."""

    def delete(self, part: AnyPart, correlation_id: str) -> None:
        """Removes the entity. Raises StaleVersion if the stored version is not its own."""
