"""Pauses between tries that collided: of random length, longer each time, and never too long."""

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


def test_two_who_collided_come_back_at_different_moments() -> None:
    slept: list[float] = []
    for _ in range(2):
        Backoff(sleep=slept.append).pause(4)
    assert slept[0] != slept[1]


def test_all_pauses_of_a_batch_leave_most_of_the_time_to_its_work() -> None:
    """Otherwise the function would run out of time, and the whole batch would come again."""
    consumer = (ROOT / "infra/modules/consumer/main.tf").read_text(encoding="utf-8")
    variables = (ROOT / "infra/variables_functions.tf").read_text(encoding="utf-8")
    messages = dict(blocks(consumer, "resource"))["aws_lambda_event_source_mapping"]["this"]["batch_size"]
    timeout = dict(blocks(variables, "variable"))["lambda_timeout_seconds"]["default"]
    most = messages * sum(longest_pause(failures) for failures in range(1, MAX_ATTEMPTS))
    assert most < timeout / 3
