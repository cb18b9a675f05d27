"""The limits of a load run."""

from dataclasses import replace

import pytest

from load.settings import Settings
from load.thresholds import Figures, Limits, violations
from scripts.base.failure import Failure

LIMITS = Limits(error_rate=0.01, p95_ms=500, lag_p95_ms=2000)
WELL = Figures(
    requests=1000,
    errors=10,
    throttled=400,
    requests_per_second=20,
    p50_ms=20,
    p95_ms=500,
    p99_ms=900,
    lag_p95_ms=2000,
)


def test_a_run_at_its_limits_passes_even_if_throttled() -> None:
    assert violations(WELL, LIMITS) == []


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (replace(WELL, errors=11), "1.10% of the requests failed: the limit is 1.00%"),
        (replace(WELL, p95_ms=501), "requests took 501 ms at p95: the limit is 500 ms"),
        (replace(WELL, lag_p95_ms=2001), "events were 2001 ms old at p95: the limit is 2000 ms"),
    ],
)
def test_a_run_beyond_a_limit_fails_with_the_reason(figures: Figures, said: str) -> None:
    assert violations(figures, LIMITS) == [said]


def test_a_run_without_an_answer_fails() -> None:
    assert violations(replace(WELL, requests=0), LIMITS) == ["no request was answered"]


def test_a_run_without_measured_lag_passes() -> None:
    assert violations(replace(WELL, lag_p95_ms=None), LIMITS) == []


def test_limits_come_from_the_environment() -> None:
    assert Limits.read({"LOAD_P95_MS": "100", "LOAD_ERROR_RATE": "0"}) == Limits(0, 100, Limits().lag_p95_ms)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("LOAD_P95_MS", "2s", "a number of milliseconds"),
        ("LOAD_LAG_P95_MS", "nan", "a number of milliseconds"),
        ("LOAD_LAG_P95_MS", "-1", "a number of milliseconds"),
        ("LOAD_ERROR_RATE", "1%", "a share of the requests from 0 to 1, such as 0.01"),
        ("LOAD_ERROR_RATE", "5", "a share of the requests from 0 to 1, such as 0.01"),
    ],
)
def test_a_limit_that_is_none_is_refused_with_its_unit(name: str, text: str, said: str) -> None:
    with pytest.raises(Failure, match=f"^{name}={text} is not {said}"):
        Limits.read({name: text})


@pytest.mark.parametrize(("name", "what"), [("LOAD_USERS", "users"), ("LOAD_SECONDS", "seconds")])
@pytest.mark.parametrize("text", ["5m", "-1"])
def test_a_setting_that_is_no_number_is_refused_with_its_unit(name: str, what: str, text: str) -> None:
    with pytest.raises(Failure, match=f"^{name}={text} is not a number of {what}"):
        Settings.read({name: text})
