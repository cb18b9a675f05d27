"""What every PartStore must do. The fake and, on a small stand-in, DynamoDB's adapter are held to it."""

import pytest
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from services.core.errors import StaleVersion
from services.core.ids import new_task_id
from services.core.parts import PartStore
from tests.harness.fakes import Ticking

_clock = Ticking()


class Note(BaseModel):
    """An entity of no function's: the contract holds for each kind."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", strict=True)

    note_id: str
    task_id: str
    text: str
    tags: tuple[str, ...] = ("urgent",)
    version: int = 1


def a_note(task_id: str | None = None, text: str = "ä 🌍") -> Note:
    return Note(note_id=new_task_id(_clock()), task_id=task_id or new_task_id(_clock()), text=text)


def changed(note: Note, text: str) -> Note:
    return note.model_copy(update={"text": text, "version": note.version + 1})


class PartStoreContract:
    """Subclasses give the fixture `store`."""

    def test_returns_what_was_put_and_none_for_an_unknown_id(self, store: PartStore[Note]) -> None:
        note = a_note()
        store.put_new(note, "cause")

        assert store.get(note.task_id, note.note_id) == note
        assert store.get(note.task_id, a_note().note_id) is None

    def test_lists_those_of_a_task_oldest_first(self, store: PartStore[Note]) -> None:
        notes = [a_note()]
        notes += [a_note(notes[0].task_id) for _ in range(2)]
        for note in (notes[2], notes[0], a_note(), notes[1]):
            store.put_new(note, "cause")

        assert list(store.of_task(notes[0].task_id, 9)) == notes
        assert list(store.of_task(notes[0].task_id, 2)) == notes[:2]

    def test_replaces_the_version_that_was_read_and_no_other(self, store: PartStore[Note]) -> None:
        note = a_note()
        store.put_new(note, "cause")
        first = changed(note, "first")

        store.replace(note, first, "cause")

        with pytest.raises(StaleVersion):
            store.replace(note, changed(note, "second"), "cause")
        assert store.get(note.task_id, note.note_id) == first

    def test_deletes_the_version_that_was_read_and_no_other(self, store: PartStore[Note]) -> None:
        note = a_note()
        store.put_new(note, "cause")
        newer = changed(note, "newer")
        store.replace(note, newer, "cause")

        with pytest.raises(StaleVersion):
            store.delete(note, "cause")
        store.delete(newer, "cause")

        assert store.get(note.task_id, note.note_id) is None
        with pytest.raises(StaleVersion):
            store.delete(newer, "cause")
