"""When the embedded cloud counts as started: another that starts then may take its port."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.base.detached import Record
from scripts.base.failure import Failure
from scripts.clouds import embedded
from scripts.clouds.embedded import EmbeddedCloud

PORT = 4566
OURS, THEIRS = "one", "other"


class Starting(EmbeddedCloud):
    """A cloud whose process ends after the second look at it, while its port answers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(PORT, folder)
        self.steps: list[str] = []
        looks = iter([False, False, True])
        self._program = SimpleNamespace(  # type: ignore[assignment]
            running=lambda: Record(7, OURS, PORT) if self.steps else None,
            died=lambda: next(looks),
            stop=lambda _: self.steps.append("stopped"),
            log_path=folder / "cloud.log",
            log_tail=lambda: "out of memory",
        )

    def prepare(self) -> None:
        self.steps.append("prepared")

    def healthy(self) -> bool:
        return True

    def _launch(self, _: Path | None) -> None:
        self.steps.append("launched")

    def _probe(self) -> None:
        self.steps.append("probed")


def answers_as(instance: str) -> Callable[..., bool]:
    """The port is that of this instance."""
    return lambda _url, _seconds, _certificate, headers: headers["x-instance"] == instance


def test_a_cloud_counts_as_started_once_its_own_process_has_the_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "answers", answers_as(OURS))
    cloud = Starting(tmp_path)

    cloud.start()

    assert cloud.steps == ["prepared", "launched", "probed"]


@pytest.mark.parametrize(
    ("taken", "said"),
    [(True, r"port 4566 is taken by process 8.*PORT="), (False, r"(?s)ended.*of memory")],
)
def test_a_cloud_that_answers_on_the_port_of_one_that_ends_is_not_deployed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool, said: str
) -> None:
    monkeypatch.setattr(embedded, "answers", answers_as(THEIRS))
    monkeypatch.setattr(embedded, "is_taken", lambda _: taken)
    monkeypatch.setattr(embedded, "describe_holder", lambda _: "process 8 (python)")
    cloud = Starting(tmp_path)

    with pytest.raises(Failure, match=said):
        cloud.start()

    assert cloud.steps == ["prepared", "launched", "stopped"]
