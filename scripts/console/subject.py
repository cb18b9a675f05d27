"""What a console shows: one deployment, and what was seen of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scripts.console.index import Index
from scripts.deployments.target import LOCAL, Target
from scripts.operators.log_lines import ago

# How far back the feed reaches when the console is opened.
HISTORY = "1h"


@dataclass(frozen=True)
class Subject:
    """A deployment: `cloud` is `embedded`, `localstack` or `aws`; `user` decides and invokes."""

    target: Target
    environment: str
    cloud: str
    user: str
    index: Index = field(default_factory=lambda: Index(ago(HISTORY)))
    opened: datetime = field(default_factory=lambda: datetime.now(UTC))

    _memory: dict[str, Any] = field(default_factory=dict)

    def remembered(self, name: str, look: Callable[[], Any]) -> Any:
        """What never changes, and so is asked for once."""
        if name not in self._memory:
            self._memory[name] = look()
        return self._memory[name]

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed from the page."""
        return self.environment != LOCAL
