"""What the events of all kinds of entities have in common, schema version 1.0.

Within a schema version fields are only ever added: readers ignore what they do not know, so that an
old consumer goes on working with newer events.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID, uuid5

from services.core.moments import Timestamp
from services.core.task import Stored

SOURCE = "task-manager"
SCHEMA_VERSION: Literal["1.0"] = "1.0"

# Event ids are UUIDs of version 5 in this namespace: the same write gives the same ids for ever.
_NAMESPACE = UUID("6f3f9d0e-6d1c-5b0e-9f53-1d1a52a4c3d7")

# Every write changes these, so `changes` leaves them out.
_UNREMARKABLE = frozenset({"updatedAt", "version"})


class Change(Stored):
    """A field's value before and after; null where there was or is none."""

    old: Any
    new: Any


class Event(Stored):
    """What all events have: these fields, and those of the entity that they are about.

    An event of a task has `taskId`, the id, and `task`, the task after the write; of a removed one, as it
    last was, and then `version` is one higher than the snapshot's.
    """

    detail_type: ClassVar[str] = ""
    entity: ClassVar[str] = ""
    """What the event is about, as in the names of its fields: `task`."""
    is_removal: ClassVar[bool] = False
    """Whether it is gone after the write. The time is the stream's then, in whole seconds: no latency."""

    schema_version: Literal["1.0"]
    event_id: str
    occurred_at: Timestamp
    correlation_id: str
    if TYPE_CHECKING:
        # Every event has these as well. Each kind declares them itself, for the order of its published form.
        user_id: str
        version: int
        changes: dict[str, Change]

    @property
    def entity_id(self) -> str:
        """The id of what the event is about."""
        return str(getattr(self, f"{self.entity}_id"))

    def as_json(self) -> str:
        """The event's detail, as it goes on the bus."""
        return self.model_dump_json(by_alias=True)


Entity = TypeVar("Entity", bound=Stored)


@dataclass(frozen=True)
class Write(Generic[Entity]):
    """One write to a table: the entity before and after, None where it was or is not there."""

    old: Entity | None
    new: Entity | None
    correlation_id: str
    occurred_at: str
    expired: bool = False
    """Whether the table's time to live removed it, rather than a client."""

    @property
    def entity(self) -> Entity:
        """The entity after the write; of a removed one, as it last was."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - a write has one or the other
        return found


EventsOf = Callable[[Write[Any]], Sequence[Event]]
"""What a write means to others; nothing, if only our own bookkeeping on the item changed."""


AnyEvent = TypeVar("AnyEvent", bound=Event)
Occasions = Mapping[type[AnyEvent], Callable[[Any, Any], bool]]
"""Further events → whether from one version (None: it begins) to the next is one."""


@dataclass(frozen=True)
class Aggregate:
    """A kind of entity whose writes become events, with all that the relay and the documents need of it."""

    name: str
    """As in the names of its events' fields: `task` has `taskId` and `task`."""
    table: str
    """A table of infra/tables.tf with a stream, which the relay reads."""
    model: type[Stored]
    events: tuple[type[Event], ...]
    events_of: EventsOf


def event_of(kind: type[Event], write: Write[Any], **more: object) -> Any:
    """The event of this kind that a write gives; the same write gives the same id.

    `more` are the fields that this kind has beside those of all events.
    """
    entity = write.entity
    name = kind.entity
    entity_id = getattr(entity, f"{name}_id")
    version = entity.version if write.new else entity.version + 1
    return kind(
        schema_version=SCHEMA_VERSION,
        event_id=event_id(entity_id, version, kind.detail_type),
        occurred_at=write.occurred_at,
        correlation_id=write.correlation_id,
        **{f"{name}_id": entity_id, name: entity},
        user_id=entity.user_id,
        version=version,
        changes=changes_of(write),
        **more,
    )


def event_id(entity_id: str, version: int, detail_type: str) -> str:
    """The id of the event of this type that the write of this version gives."""
    return str(uuid5(_NAMESPACE, f"{entity_id}:{version}:{detail_type}"))


def changes_of(write: Write[Any]) -> dict[str, Change]:
    """An entry for each field that differs; none where the entity begins or ends."""
    if not (write.old and write.new):
        return {}
    before: Mapping[str, Any] = write.old.model_dump(mode="json", by_alias=True)
    after: Mapping[str, Any] = write.new.model_dump(mode="json", by_alias=True)
    return {
        name: Change(old=before.get(name), new=after.get(name))
        for name in sorted((before.keys() | after.keys()) - _UNREMARKABLE)
        if before.get(name) != after.get(name)
    }


def occasions_in(write: Write[Any], occasions: Occasions[AnyEvent]) -> Iterator[type[AnyEvent]]:
    """The events that come beside the one of a beginning or a change."""
    yield from (kind for kind, is_one in occasions.items() if is_one(write.old, write.new))


def lifecycle(
    created: type[Event],
    updated: type[Event],
    removed: type[Event],
    occasions: Mapping[Any, Callable[[Any, Any], bool]] = MappingProxyType({}),
) -> EventsOf:
    """The events of an entity that begins, changes and ends, and those of its own occasions."""

    def events_of(write: Write[Any]) -> Sequence[Event]:
        if write.new is None:
            return [event_of(removed, write)] if write.old else []
        if write.old is None:
            # What is inserted at a later version was restored: its events were published before.
            kinds = [created] if write.new.version == 1 else []
        else:
            kinds = [updated] if write.old.version != write.new.version else []
        if kinds:
            kinds = [*kinds, *occasions_in(write, occasions)]
        return [event_of(kind, write) for kind in kinds]

    return events_of
