"""`make load`: its options."""

from pathlib import Path

import pytest

from load import process
from load.__main__ import duration
from load.conductor import Plan
from scripts.base.failure import Failure
from scripts.base.locks import alone
from scripts.deployments.record import StackRecord
from tests.harness.command_line import load_tests


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that are run."""
    found: list[Plan] = []
    monkeypatch.setattr("load.run.run", found.append)
    return found


def test_the_default_is_a_steady_run_of_five_minutes(plans: list[Plan]) -> None:
    load_tests()

    assert plans == [Plan("steady", 10, 300)]


def test_every_option_is_part_of_the_plan(plans: list[Plan]) -> None:
    load_tests("--users=40", "--duration=2m", "--shape=spike", "--workers=3")

    assert plans == [Plan("spike", 40, 120, workers=3)]


def test_with_locusts_page_the_page_sets_the_shape(plans: list[Plan]) -> None:
    load_tests("--ui")

    (plan,) = plans
    assert plan.shape == ""
    assert plan.web_port == 8089


def test_locusts_page_offers_the_users_and_a_gentle_spawn_rate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "ensure_environment", lambda *_: None)

    with_page = process.local_command("http://127.0.0.1:1", tmp_path, 50, web_port=8089)
    without = process.local_command("http://127.0.0.1:1", tmp_path, 50, web_port=None)

    assert " --users 50 --spawn-rate 1 " in " ".join(with_page)
    assert "--users" not in without  # the shape has them


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--shape=sawtooth", "smoke, steady, spike, soak"),
        ("--users=0", "'0' is not a number from 1 to 200"),
        ("--users=many", "'many' is not a whole number from 1 to 200"),
        ("--users=201", "'201' is not a number from 1 to 200"),
        ("--workers=17", "'17' is not a number from 0 to 16"),
        ("--duration=5 minutes", "from 10s to 2h"),
        ("--duration=3h", "from 10s to 2h"),
    ],
)
def test_an_unusable_option_is_named(
    plans: list[Plan], capsys: pytest.CaptureFixture[str], given: str, said: str
) -> None:
    assert load_tests(given) == 2

    error = capsys.readouterr().err
    assert given.partition("=")[0] in error
    assert said in error
    assert plans == []


def test_workers_in_containers_require_localstack(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = StackRecord("embedded", "http://127.0.0.1:1", "one", "local", "digest", {})
    monkeypatch.setattr("load.run.running_stack", lambda: deployment)

    with pytest.raises(Failure, match="workers in containers reach only LocalStack, not the embedded cloud"):
        load_tests("--workers=2")


def test_only_a_local_cloud_is_put_under_load(plans: list[Plan]) -> None:
    with pytest.raises(Failure, match="only the local cloud can be load-tested: leave ENV out"):
        load_tests("--env=prod")
    assert plans == []


def test_two_load_tests_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock = tmp_path / "load/run.lock"
    refused = pytest.raises(Failure, match="another load test is running: wait until it is done")

    def conduct(*_: object) -> None:
        with refused, alone(lock, "a second one"):
            pass
        raise Failure("it ran")

    monkeypatch.setattr("load.run.LOCK", lock)
    monkeypatch.setattr("load.run.chosen_target", lambda: None)
    monkeypatch.setattr("load.run.conduct", conduct)

    with pytest.raises(Failure, match="it ran"):
        load_tests()
    with alone(lock, "another load test"), refused:
        load_tests()


def test_durations_have_units() -> None:
    assert [duration(text) for text in ("90", "90s", "5m", "1h")] == [90, 90, 300, 3600]
