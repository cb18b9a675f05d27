from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.feed_entry import FeedEntry


T = TypeVar("T", bound="EventList")


@_attrs_define
class EventList:
    """The newest events, those that occurred last first.

    Attributes:
        events (list[FeedEntry]):
        count (int):
    """

    events: list[FeedEntry]
    count: int

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        count = self.count

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "events": events,
                "count": count,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.feed_entry import FeedEntry  # noqa: PLC0415

        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = FeedEntry.from_dict(events_item_data)

            events.append(events_item)

        count = d.pop("count")

        event_list = cls(
            events=events,
            count=count,
        )

        return event_list
