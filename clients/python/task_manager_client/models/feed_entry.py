from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.priority import Priority
from ..models.status import Status
from ..types import UNSET, Unset

T = TypeVar("T", bound="FeedEntry")


@_attrs_define
class FeedEntry:
    """An event in brief. `latencyMilliseconds` is from the write to the record of it: through stream, bus,
    queue and function; absent for removals, whose time is known to the second only.

        Attributes:
            event_id (str):
            detail_type (str):
            occurred_at (str):
            recorded_at (str):
            correlation_id (str):
            task_id (str):
            user_id (str):
            title (str):
            priority (Priority): How urgent a task is. High needs an approval before work begins.
            status (Status): Where a task stands.
            version (int):
            changed (list[str]): The fields that the write changed.
            latency_milliseconds (int | None | Unset):
            previous_status (None | Status | Unset):
    """

    event_id: str
    detail_type: str
    occurred_at: str
    recorded_at: str
    correlation_id: str
    task_id: str
    user_id: str
    title: str
    priority: Priority
    status: Status
    version: int
    changed: list[str]
    latency_milliseconds: int | None | Unset = UNSET
    previous_status: None | Status | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event_id = self.event_id

        detail_type = self.detail_type

        occurred_at = self.occurred_at

        recorded_at = self.recorded_at

        correlation_id = self.correlation_id

        task_id = self.task_id

        user_id = self.user_id

        title = self.title

        priority = self.priority.value

        status = self.status.value

        version = self.version

        changed = self.changed

        latency_milliseconds: int | None | Unset
        if isinstance(self.latency_milliseconds, Unset):
            latency_milliseconds = UNSET
        else:
            latency_milliseconds = self.latency_milliseconds

        previous_status: None | str | Unset
        if isinstance(self.previous_status, Unset):
            previous_status = UNSET
        elif isinstance(self.previous_status, Status):
            previous_status = self.previous_status.value
        else:
            previous_status = self.previous_status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "eventId": event_id,
                "detailType": detail_type,
                "occurredAt": occurred_at,
                "recordedAt": recorded_at,
                "correlationId": correlation_id,
                "taskId": task_id,
                "userId": user_id,
                "title": title,
                "priority": priority,
                "status": status,
                "version": version,
                "changed": changed,
            }
        )
        if latency_milliseconds is not UNSET:
            field_dict["latencyMilliseconds"] = latency_milliseconds
        if previous_status is not UNSET:
            field_dict["previousStatus"] = previous_status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = d.pop("eventId")

        detail_type = d.pop("detailType")

        occurred_at = d.pop("occurredAt")

        recorded_at = d.pop("recordedAt")

        correlation_id = d.pop("correlationId")

        task_id = d.pop("taskId")

        user_id = d.pop("userId")

        title = d.pop("title")

        priority = Priority(d.pop("priority"))

        status = Status(d.pop("status"))

        version = d.pop("version")

        changed = cast(list[str], d.pop("changed"))

        def _parse_latency_milliseconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        latency_milliseconds = _parse_latency_milliseconds(d.pop("latencyMilliseconds", UNSET))

        def _parse_previous_status(data: object) -> None | Status | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                previous_status_type_0 = Status(data)

                return previous_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Status | Unset, data)

        previous_status = _parse_previous_status(d.pop("previousStatus", UNSET))

        feed_entry = cls(
            event_id=event_id,
            detail_type=detail_type,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            correlation_id=correlation_id,
            task_id=task_id,
            user_id=user_id,
            title=title,
            priority=priority,
            status=status,
            version=version,
            changed=changed,
            latency_milliseconds=latency_milliseconds,
            previous_status=previous_status,
        )

        feed_entry.additional_properties = d
        return feed_entry

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
