from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserStatistics")


@_attrs_define
class UserStatistics:
    """A user's totals. Deleting a task takes nothing back: it was created, and maybe completed.

    Attributes:
        user_id (str):
        created (int | Unset):  Default: 0.
        completed (int | Unset):  Default: 0.
        average_completion_seconds (float | Unset):  Default: 0.0.
        last_completed_at (None | str | Unset):
    """

    user_id: str
    created: int | Unset = 0
    completed: int | Unset = 0
    average_completion_seconds: float | Unset = 0.0
    last_completed_at: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        created = self.created

        completed = self.completed

        average_completion_seconds = self.average_completion_seconds

        last_completed_at: None | str | Unset
        if isinstance(self.last_completed_at, Unset):
            last_completed_at = UNSET
        else:
            last_completed_at = self.last_completed_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "userId": user_id,
            }
        )
        if created is not UNSET:
            field_dict["created"] = created
        if completed is not UNSET:
            field_dict["completed"] = completed
        if average_completion_seconds is not UNSET:
            field_dict["averageCompletionSeconds"] = average_completion_seconds
        if last_completed_at is not UNSET:
            field_dict["lastCompletedAt"] = last_completed_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("userId")

        created = d.pop("created", UNSET)

        completed = d.pop("completed", UNSET)

        average_completion_seconds = d.pop("averageCompletionSeconds", UNSET)

        def _parse_last_completed_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_completed_at = _parse_last_completed_at(d.pop("lastCompletedAt", UNSET))

        user_statistics = cls(
            user_id=user_id,
            created=created,
            completed=completed,
            average_completion_seconds=average_completion_seconds,
            last_completed_at=last_completed_at,
        )

        return user_statistics
