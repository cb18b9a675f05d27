"""`make load`: what it understands."""

import pytest

from load import run
from load.conductor import Plan
from load.run import duration, read_plan
from scripts.base.failure import Failure
from scripts.deployments.local import Deployment


def arguments(**given: str) -> list[str]:
    return [
        part
        for name in ("users", "duration", "shape", "workers")
        for part in (f"--{name}", given.get(name, ""))
    ]


def test_nothing_said_is_a_steady_run_of_five_minutes() -> None:
    assert read_plan(arguments()) == Plan("steady", 10, 300)


def test_what_is_said_is_done() -> None:
    asked = arguments(users="40", duration="2m", shape="spike", workers="3")

    assert read_plan(asked) == Plan("spike", 40, 120, workers=3)


def test_on_locusts_page_the_page_decides() -> None:
    plan = read_plan(["--ui"])

    assert plan.shape == ""
    assert plan.web_port == 8089


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"shape": "sawtooth"}, "SHAPE is one of smoke, steady, spike, soak"),
        ({"users": "0"}, "USERS is a number from 1 to 200"),
        ({"users": "many"}, "USERS is a number from 1 to 200"),
        ({"users": "201"}, "USERS is a number from 1 to 200"),
        ({"workers": "17"}, "WORKERS is a number from 1 to 16"),
        ({"duration": "5 minutes"}, "DURATION is from 10s to 2h"),
        ({"duration": "3h"}, "DURATION is from 10s to 2h"),
    ],
)
def test_what_does_not_do_is_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(Failure, match=said):
        read_plan(arguments(**given))


def test_workers_in_containers_want_localstack(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = Deployment("embedded", "http://127.0.0.1:1", "one", "local", "digest", {})
    monkeypatch.setattr(run, "running_deployment", lambda: deployment)
    monkeypatch.setattr("sys.argv", ["load", *arguments(workers="2")])

    with pytest.raises(Failure, match="workers in containers reach LocalStack alone, not the embedded cloud"):
        run.main()


def test_nothing_but_a_local_cloud_is_put_under_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["load", "--env=prod"])

    with pytest.raises(Failure, match="only a local cloud is put under load: leave ENV out"):
        run.main()


def test_durations_have_units() -> None:
    assert [duration(text) for text in ("90", "90s", "5m", "1h")] == [90, 90, 300, 3600]
