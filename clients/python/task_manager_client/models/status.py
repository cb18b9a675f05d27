from enum import StrEnum


class Status(StrEnum):
    APPROVED = "approved"
    COMPLETED = "completed"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    PENDING_APPROVAL = "pending_approval"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
