"""Tables of entities that belong to a task, on a small DynamoDB in this process."""

import pytest

from services.adapters.dynamodb.parts import DynamoDBPartStore
from tests.contracts.part_store import Note, PartStoreContract, a_note, changed
from tests.unit.adapters.small_dynamodb import SmallDynamoDB


@pytest.fixture
def tables() -> SmallDynamoDB:
    return SmallDynamoDB()


@pytest.fixture
def store(tables: SmallDynamoDB) -> DynamoDBPartStore[Note]:
    return DynamoDBPartStore(tables.client(), "notes", Note, "noteId")


class TestDynamoDBPartStore(PartStoreContract):
    """The contract; in tests/integration, the same on the local cloud."""


def test_the_stream_sees_the_cause_of_each_write(
    tables: SmallDynamoDB, store: DynamoDBPartStore[Note]
) -> None:
    note = a_note()

    store.put_new(note, "first")
    tables.tables["notes"][note.note_id] |= {"expiresAt": {"N": "7"}}
    store.replace(note, changed(note, "new"), "second")

    item = tables.tables["notes"][note.note_id]
    assert (item["correlationId"], item["text"], item["expiresAt"]) == (
        {"S": "second"},
        {"S": "new"},
        {"N": "7"},
    )
