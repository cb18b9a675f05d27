"""A writer recognises its own write, also where another one came between."""

from typing import Any

import pytest

from services.adapters.dynamodb.write_ids import was_written_by

OWN, OTHER = {"S": "own"}, {"S": "other"}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"writeId": OWN, "earlierWriteId": OTHER}, True),
        ({"writeId": OTHER, "earlierWriteId": OWN}, True),
        ({"writeId": OWN}, True),
        ({"writeId": OTHER, "earlierWriteId": OTHER}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_write_is_recognised_until_the_next_but_one(item: dict[str, Any] | None, expected: bool) -> None:
    assert was_written_by("own", item) is expected
