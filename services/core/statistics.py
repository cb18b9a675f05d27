"""What is counted about a user's tasks."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from services.core.moments import Timestamp
from services.core.task import Model


class UserStatistics(Model):
    """A user's totals. Deleting a task takes nothing back: it was created, and maybe completed."""

    user_id: str
    created: Annotated[int, Field(ge=0)] = 0
    completed: Annotated[int, Field(ge=0)] = 0
    average_completion_seconds: Annotated[float, Field(ge=0)] = 0.0
    last_completed_at: Timestamp | None = None


@dataclass(frozen=True)
class Completion:
    """A completed task: when, and how long after its creation (whole milliseconds)."""

    completed_at: str
    milliseconds: int
