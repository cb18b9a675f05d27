"""Pauses between retries after a conflict: of random length, longer each time, up to a limit."""

import pytest

from scripts.base.paths import ROOT
from scripts.terraform.hcl import blocks
from services.adapters.backoff import FIRST, LONGEST, Backoff, longest_pause
from services.adapters.dynamodb.statistics import MAX_ATTEMPTS


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_a_pause_is_a_random_part_of_the_longest(chance: float) -> None:
    slept: list[float] = []
    backoff = Backoff(lambda: chance, slept.append)

    for failures in (1, 2, 3):
        backoff.pause(failures)

    assert slept == [chance * FIRST, chance * FIRST * 2, chance * FIRST * 4]


def test_pauses_grow_to_a_limit() -> None:
    pauses = [longest_pause(failures) for failures in range(1, 30)]
    assert pauses == sorted(pauses)
    assert set(pauses[10:]) == {LONGEST}


def test_two_retries_pause_for_different_times() -> None:
    slept: list[float] = []
    for _ in range(2):
        Backoff(sleep=slept.append).pause(4)
    assert slept[0] != slept[1]


def test_pauses_take_less_than_a_third_of_the_timeout() -> None:
    """Otherwise the function would time out, and the whole batch would be retried."""
    consumer = (ROOT / "infra/modules/consumer/main.tf").read_text(encoding="utf-8")
    variables = (ROOT / "infra/variables_functions.tf").read_text(encoding="utf-8")
    messages = dict(blocks(consumer, "resource"))["aws_lambda_event_source_mapping"]["this"]["batch_size"]
    timeout = dict(blocks(variables, "variable"))["lambda_timeout_seconds"]["default"]

    most = messages * sum(longest_pause(failures) for failures in range(1, MAX_ATTEMPTS))

    assert most < timeout / 3
