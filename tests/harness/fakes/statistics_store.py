"""The StatisticsStore port, in memory."""

from collections import Counter, defaultdict
from threading import Lock

from services.core.statistics import Completion, UserStatistics
from tests.harness.fakes.faulty import Faulty


class InMemoryStatisticsStore(Faulty):
    """A StatisticsStore that remembers every event it counted."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._counted: set[str] = set()
        self._created: Counter[str] = Counter()
        self._completions: dict[str, list[Completion]] = defaultdict(list)

    def count_created(self, event_id: str, user_id: str) -> bool:
        self._fail()
        with self._lock:
            if not self._is_first(event_id):
                return False
            self._created[user_id] += 1
            return True

    def count_completed(self, event_id: str, user_id: str, completion: Completion) -> bool:
        self._fail()
        with self._lock:
            if not self._is_first(event_id):
                return False
            self._completions[user_id].append(completion)
            return True

    def of_user(self, user_id: str) -> UserStatistics:
        self._fail()
        completions = self._completions.get(user_id, [])
        seconds = sum(completion.milliseconds for completion in completions) / 1000
        return UserStatistics(
            user_id=user_id,
            created=self._created[user_id],
            completed=len(completions),
            average_completion_seconds=round(seconds / len(completions), 3) if completions else 0.0,
            last_completed_at=max((c.completed_at for c in completions), default=None),
        )

    def _is_first(self, event_id: str) -> bool:
        if event_id in self._counted:
            return False
        self._counted.add(event_id)
        return True
