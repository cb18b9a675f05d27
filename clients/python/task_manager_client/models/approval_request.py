from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.approval_request_decision import ApprovalRequestDecision
from ..types import UNSET, Unset

T = TypeVar("T", bound="ApprovalRequest")


@_attrs_define
class ApprovalRequest:
    """The body of POST /tasks/{taskId}/approval.

    Attributes:
        decision (ApprovalRequestDecision):
        reason (str | Unset):  Default: ''.
        approver (str | Unset): The caller, always: anyone else is refused.
    """

    decision: ApprovalRequestDecision
    reason: str | Unset = ""
    approver: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        decision = self.decision.value

        reason = self.reason

        approver = self.approver

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "decision": decision,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if approver is not UNSET:
            field_dict["approver"] = approver

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        decision = ApprovalRequestDecision(d.pop("decision"))

        reason = d.pop("reason", UNSET)

        approver = d.pop("approver", UNSET)

        approval_request = cls(
            decision=decision,
            reason=reason,
            approver=approver,
        )

        return approval_request
