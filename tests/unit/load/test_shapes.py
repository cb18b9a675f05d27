"""The number of users over time, by shape."""

import pytest

from load.settings import MAX_SECONDS, MAX_USERS, Settings, is_local
from load.shapes import SHAPES, SMOKE_USERS, stages, users_at


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_ends_and_never_exceeds_its_users(shape: str) -> None:
    plan = stages(shape, 40, 100)

    found = [users_at(plan, second) for second in range(100)]

    assert all(now and 1 <= now[0] <= 40 and now[1] > 0 for now in found)
    assert users_at(plan, 100) is None


def test_a_smoke_has_a_handful_of_users() -> None:
    assert users_at(stages("smoke", 40, 30), 1) == (SMOKE_USERS, 1.0)


def test_a_steady_run_reaches_all_users_after_a_tenth_of_the_time() -> None:
    users, rate = users_at(stages("steady", 60, 300), 0) or (0, 0)

    assert users == 60
    assert users / rate == pytest.approx(30)


def test_a_spike_rises_at_once_and_ends() -> None:
    plan = stages("spike", 50, 100)

    users = [(users_at(plan, second) or (0, 0))[0] for second in range(100)]

    assert users == [10] * 40 + [50] * 20 + [10] * 40
    assert (users_at(plan, 40) or (0, 0))[1] == 25


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="one of smoke, steady, spike, soak"):
        stages("sawtooth", 1, 10)


def test_settings_are_bounded() -> None:
    found = Settings.read({"LOAD_USERS": "100000", "LOAD_SECONDS": "1000000", "LOAD_RUN": "a"})

    assert (found.users, found.seconds, found.user_prefix) == (MAX_USERS, MAX_SECONDS, "load-a-")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:4566/_aws/execute-api/a/$default", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("http://localstack:4566", True),
        ("https://abc.execute-api.us-east-1.amazonaws.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost@example.com", False),
        ("http://10.0.0.7:4566", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_this_machine_is_put_under_load(url: str, local: bool) -> None:
    assert is_local(url) is local
