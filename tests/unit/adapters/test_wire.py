"""Conversion between DynamoDB's attribute values and plain values, both ways."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.dynamodb.tasks import task_from_item, task_to_item
from services.adapters.dynamodb.wire import from_wire, item_from_wire, item_to_wire, to_wire
from services.core.event import Write
from services.core.status import Status
from tests.harness.lives import LIVES

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(PLAIN)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = from_wire(to_wire(value))
    assert back == value
    # True == 1 to Python, and not to JSON.
    assert json.dumps(back) == json.dumps(value)


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_an_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    assert item_from_wire(item_to_wire(item)) == item


@given(LIVES)
def test_every_task_comes_back_as_it_was(life: list[Write]) -> None:
    for task in [write.new for write in life if write.new]:
        assert task_from_item(task_to_item(task, "cause")) == task


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("text", {"S": "text"}),
        (Status.PENDING, {"S": "pending"}),
        (True, {"BOOL": True}),
        (1, {"N": "1"}),
        (-(10**37), {"N": "-1" + "0" * 37}),
        (None, {"NULL": True}),
        (("a", 1), {"L": [{"S": "a"}, {"N": "1"}]}),
        ({"a": {}}, {"M": {"a": {"M": {}}}}),
    ],
)
def test_values_are_written_as_dynamodb_attributes(value: object, attribute: dict[str, Any]) -> None:
    assert to_wire(value) == attribute


@pytest.mark.parametrize("value", [1.5, b"bytes", {1}, object()])
def test_a_type_that_our_items_do_not_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        to_wire(value)


@pytest.mark.parametrize("attribute", [{"SS": ["a"]}, {"B": b"x"}, {"N": "1.5"}, {}, {"S": "a", "N": "1"}])
def test_an_attribute_of_an_unused_type_is_refused(attribute: dict[str, Any]) -> None:
    """On an item and in a list, too, where strings are read without a call."""
    with pytest.raises(ValueError):
        from_wire(attribute)
    with pytest.raises(ValueError):
        from_wire({"L": [attribute]})
    with pytest.raises(ValueError):
        item_from_wire({"a": attribute})
