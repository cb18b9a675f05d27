from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.status import Status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_error import ProblemError


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """The body of every error answer. `currentStatus` and `allowedStatuses` come with a 409.

    Attributes:
        type_ (str):
        title (str):
        status (int):
        detail (str):
        instance (str):
        correlation_id (str):
        errors (list[ProblemError] | None | Unset):
        current_status (None | Status | Unset):
        allowed_statuses (list[Status] | None | Unset):
    """

    type_: str
    title: str
    status: int
    detail: str
    instance: str
    correlation_id: str
    errors: list[ProblemError] | None | Unset = UNSET
    current_status: None | Status | Unset = UNSET
    allowed_statuses: list[Status] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        instance = self.instance

        correlation_id = self.correlation_id

        errors: list[dict[str, Any]] | None | Unset
        if isinstance(self.errors, Unset):
            errors = UNSET
        elif isinstance(self.errors, list):
            errors = []
            for errors_type_0_item_data in self.errors:
                errors_type_0_item = errors_type_0_item_data.to_dict()
                errors.append(errors_type_0_item)

        else:
            errors = self.errors

        current_status: None | str | Unset
        if isinstance(self.current_status, Unset):
            current_status = UNSET
        elif isinstance(self.current_status, Status):
            current_status = self.current_status.value
        else:
            current_status = self.current_status

        allowed_statuses: list[str] | None | Unset
        if isinstance(self.allowed_statuses, Unset):
            allowed_statuses = UNSET
        elif isinstance(self.allowed_statuses, list):
            allowed_statuses = []
            for allowed_statuses_type_0_item_data in self.allowed_statuses:
                allowed_statuses_type_0_item = allowed_statuses_type_0_item_data.value
                allowed_statuses.append(allowed_statuses_type_0_item)

        else:
            allowed_statuses = self.allowed_statuses

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "detail": detail,
                "instance": instance,
                "correlationId": correlation_id,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if current_status is not UNSET:
            field_dict["currentStatus"] = current_status
        if allowed_statuses is not UNSET:
            field_dict["allowedStatuses"] = allowed_statuses

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_error import ProblemError  # noqa: PLC0415

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        instance = d.pop("instance")

        correlation_id = d.pop("correlationId")

        def _parse_errors(data: object) -> list[ProblemError] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                errors_type_0 = []
                _errors_type_0 = data
                for errors_type_0_item_data in _errors_type_0:
                    errors_type_0_item = ProblemError.from_dict(errors_type_0_item_data)

                    errors_type_0.append(errors_type_0_item)

                return errors_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ProblemError] | None | Unset, data)

        errors = _parse_errors(d.pop("errors", UNSET))

        def _parse_current_status(data: object) -> None | Status | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                current_status_type_0 = Status(data)

                return current_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Status | Unset, data)

        current_status = _parse_current_status(d.pop("currentStatus", UNSET))

        def _parse_allowed_statuses(data: object) -> list[Status] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                allowed_statuses_type_0 = []
                _allowed_statuses_type_0 = data
                for allowed_statuses_type_0_item_data in _allowed_statuses_type_0:
                    allowed_statuses_type_0_item = Status(allowed_statuses_type_0_item_data)

                    allowed_statuses_type_0.append(allowed_statuses_type_0_item)

                return allowed_statuses_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Status] | None | Unset, data)

        allowed_statuses = _parse_allowed_statuses(d.pop("allowedStatuses", UNSET))

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            instance=instance,
            correlation_id=correlation_id,
            errors=errors,
            current_status=current_status,
            allowed_statuses=allowed_statuses,
        )

        return problem
