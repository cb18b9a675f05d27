"""The PartStore port, in memory."""

from typing import Generic

from services.core.errors import StaleVersion
from services.core.parts import AnyPart


class InMemoryPartStore(Generic[AnyPart]):
    """A PartStore in a dictionary; `id_field` is the field of the model that has the id."""

    def __init__(self, id_field: str) -> None:
        self._id = id_field
        self._parts: dict[tuple[str, str], AnyPart] = {}

    def put_new(self, part: AnyPart, correlation_id: str) -> None:
        self._parts[self._key(part)] = part

    def get(self, task_id: str, part_id: str) -> AnyPart | None:
        return self._parts.get((task_id, part_id))

    def of_task(self, task_id: str, limit: int) -> tuple[AnyPart, ...]:
        found = [part for (task, _), part in sorted(self._parts.items()) if task == task_id]
        return tuple(found[:limit])

    def replace(self, old: AnyPart, new: AnyPart, correlation_id: str) -> None:
        self._check(old)
        self._parts[self._key(new)] = new

    def delete(self, part: AnyPart, correlation_id: str) -> None:
        self._check(part)
        del self._parts[self._key(part)]

    def _key(self, part: AnyPart) -> tuple[str, str]:
        return part.task_id, str(getattr(part, self._id))

    def _check(self, part: AnyPart) -> None:
        held = self._parts.get(self._key(part))
        if held is None or held.version != part.version:
            raise StaleVersion
