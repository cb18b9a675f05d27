import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import MalformedInput
from services.core.ids import new_task_id
from services.core.listing import TaskFilter, decode_cursor, encode_cursor
from services.core.status import Status
from services.core.task import MAX_USER_ID, is_user_id
from tests.harness.fakes import NOON

FILTERS = st.builds(
    TaskFilter,
    st.none() | st.sampled_from(Status),
    st.none() | st.text(min_size=1, max_size=MAX_USER_ID).filter(is_user_id),
)


@given(FILTERS)
def test_a_cursor_decodes_to_its_position(listing: TaskFilter) -> None:
    task_id = new_task_id(NOON)

    cursor = encode_cursor(listing, task_id)

    assert decode_cursor(cursor, listing) == task_id
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_the_longest_cursor_is_read() -> None:
    listing = TaskFilter(Status.PENDING_APPROVAL, "🌍" * MAX_USER_ID)
    assert decode_cursor(encode_cursor(listing, new_task_id(NOON)), listing)


def test_a_cursor_of_an_earlier_release_is_read() -> None:
    task_id = new_task_id(NOON)
    cursor = base64.urlsafe_b64encode(json.dumps([task_id, None, "ada"]).encode()).decode().rstrip("=")
    assert decode_cursor(cursor, TaskFilter(user_id="ada")) == task_id


@given(FILTERS, FILTERS)
def test_a_cursor_is_tied_to_its_filter(one: TaskFilter, other: TaskFilter) -> None:
    if one != other:
        with pytest.raises(MalformedInput, match="other filters"):
            decode_cursor(encode_cursor(one, new_task_id(NOON)), other)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_other_text_is_a_malformed_cursor(cursor: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        decode_cursor(cursor, TaskFilter())
    assert refused.value.errors[0].pointer == "query/cursor"


@pytest.mark.parametrize(
    "content", ["[]", '["x",null,null]', "[1,null,null]", "{}", "null", "[" * 5000, '["' + "9" * 400 + '"]']
)
def test_a_forged_cursor_is_malformed(content: str) -> None:
    cursor = base64.urlsafe_b64encode(content.encode()).decode()
    with pytest.raises(MalformedInput):
        decode_cursor(cursor, TaskFilter())


def test_cursors_of_every_ending_are_read() -> None:
    """Each loses its padding, and nothing else."""
    task_id = new_task_id(NOON)
    for number in range(300):
        listing = TaskFilter(user_id=f"user-{number}")
        assert decode_cursor(encode_cursor(listing, task_id), listing) == task_id


@pytest.mark.parametrize("strange", ["!", " ", "\n", "+", "="])
def test_a_cursor_with_another_character_in_it_is_malformed(strange: str) -> None:
    cursor = encode_cursor(TaskFilter(), new_task_id(NOON))
    with pytest.raises(MalformedInput, match="was not issued by this API"):
        decode_cursor(cursor[:8] + strange + cursor[8:], TaskFilter())
