from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.priority import Priority
from ..models.status import Status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.approval import Approval


T = TypeVar("T", bound="Task")


@_attrs_define
class Task:
    """A task as it is stored and shown. `version` counts its writes: 1, 2, 3 …

    Attributes:
        task_id (str):
        title (str):
        description (str):
        priority (Priority): How urgent a task is. High needs an approval before work begins.
        status (Status): Where a task stands.
        user_id (str):
        tags (list[str]):
        created_at (str):
        updated_at (str):
        version (int):
        approval (Approval | None | Unset):
    """

    task_id: str
    title: str
    description: str
    priority: Priority
    status: Status
    user_id: str
    tags: list[str]
    created_at: str
    updated_at: str
    version: int
    approval: Approval | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.approval import Approval  # noqa: PLC0415

        task_id = self.task_id

        title = self.title

        description = self.description

        priority = self.priority.value

        status = self.status.value

        user_id = self.user_id

        tags = self.tags

        created_at = self.created_at

        updated_at = self.updated_at

        version = self.version

        approval: dict[str, Any] | None | Unset
        if isinstance(self.approval, Unset):
            approval = UNSET
        elif isinstance(self.approval, Approval):
            approval = self.approval.to_dict()
        else:
            approval = self.approval

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "taskId": task_id,
                "title": title,
                "description": description,
                "priority": priority,
                "status": status,
                "userId": user_id,
                "tags": tags,
                "createdAt": created_at,
                "updatedAt": updated_at,
                "version": version,
            }
        )
        if approval is not UNSET:
            field_dict["approval"] = approval

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.approval import Approval  # noqa: PLC0415

        d = dict(src_dict)
        task_id = d.pop("taskId")

        title = d.pop("title")

        description = d.pop("description")

        priority = Priority(d.pop("priority"))

        status = Status(d.pop("status"))

        user_id = d.pop("userId")

        tags = cast(list[str], d.pop("tags"))

        created_at = d.pop("createdAt")

        updated_at = d.pop("updatedAt")

        version = d.pop("version")

        def _parse_approval(data: object) -> Approval | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                approval_type_0 = Approval.from_dict(data)

                return approval_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Approval | None | Unset, data)

        approval = _parse_approval(d.pop("approval", UNSET))

        task = cls(
            task_id=task_id,
            title=title,
            description=description,
            priority=priority,
            status=status,
            user_id=user_id,
            tags=tags,
            created_at=created_at,
            updated_at=updated_at,
            version=version,
            approval=approval,
        )

        task.additional_properties = d
        return task

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
