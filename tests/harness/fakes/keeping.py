"""The ports of what is kept of a completed task: archive and retention."""

from tests.harness.fakes.faulty import Faulty


class FakeArchive(Faulty):
    """Objects by key."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, str] = {}

    def keep(self, key: str, content: str) -> None:
        self._fail()
        self.objects[key] = content


class FakeRetention(Faulty):
    """When each task may go, in epoch seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.expiries: dict[str, int] = {}

    def expire(self, task_id: str, at: int) -> None:
        self._fail()
        self.expiries[task_id] = at
