"""POST /tasks/{taskId}/approval.

In-process no workflow runs and an approval stays pending; over HTTP the workflow may apply the decision at
any moment. These tests hold for both.
"""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN, approval_of, assert_problem, create, naming


class DecideApprovalContract:
    """See ApiContract."""

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    def test_takes_a_decision(self, api: httpx.Client, subject: str | None, decision: str) -> None:
        task = create(api, priority="high")
        body = {"decision": decision, "reason": " It is urgent. "}

        answer = api.post(approval_of(task), json=body | naming(subject, "grace"))

        assert answer.status_code == 202, answer.text
        assert answer.headers["content-type"] == "application/json"
        decided_at = answer.json()["decidedAt"]
        taken = {"reason": "It is urgent.", "approver": subject or "grace", "decidedAt": decided_at}
        assert answer.json() == body | taken | {"taskVersion": 1}
        assert decided_at >= task["createdAt"]

    def test_a_decision_needs_neither_reason_nor_approver(
        self, api: httpx.Client, subject: str | None
    ) -> None:
        answer = api.post(approval_of(create(api, priority="high")), json={"decision": "approve"})

        assert answer.status_code == 202
        assert answer.json()["approver"] == (subject or "anonymous")
        assert "reason" not in answer.json()

    def test_a_task_that_was_raised_to_high_can_be_decided_on(self, api: httpx.Client) -> None:
        task = create(api)
        raised = api.put(f"/tasks/{task['taskId']}", json={"priority": "high"})
        assert raised.json()["status"] == "pending_approval"

        assert api.post(approval_of(task), json={"decision": "reject"}).status_code == 202

    def test_a_stale_if_match_returns_412_and_decides_nothing(self, api: httpx.Client) -> None:
        task = create(api, priority="high")
        api.put(f"/tasks/{task['taskId']}", json={"title": "Something else"})
        seen = {"If-Match": '"1"'}

        assert_problem(api.post(approval_of(task), json={"decision": "approve"}, headers=seen), 412)
        assert api.get(f"/tasks/{task['taskId']}").json()["status"] == "pending_approval"

    @pytest.mark.parametrize("seen", ['"2"', '"1", "2"', "*", None])
    def test_a_decision_names_the_version_that_it_is_about(self, api: httpx.Client, seen: str | None) -> None:
        task = create(api, priority="high")
        api.put(f"/tasks/{task['taskId']}", json={"description": "Something else"})
        headers = {"If-Match": seen} if seen else {}

        answer = api.post(approval_of(task), json={"decision": "approve"}, headers=headers)

        assert (answer.status_code, answer.json()["taskVersion"]) == (202, 2)

    def test_if_none_match_guards_a_decision(self, api: httpx.Client) -> None:
        task = create(api, priority="high")

        answer = api.post(approval_of(task), json={"decision": "approve"}, headers={"If-None-Match": "*"})

        assert_problem(answer, 412)
        assert api.get(f"/tasks/{task['taskId']}").json()["status"] == "pending_approval"

    def test_deciding_with_an_unreadable_if_match_returns_400(self, api: httpx.Client) -> None:
        task = create(api, priority="high")
        answer = api.post(approval_of(task), json={"decision": "approve"}, headers={"If-Match": "1"})
        assert_problem(answer, 400, "header/If-Match")

    @pytest.mark.parametrize("second", ["approve", "reject"])
    def test_the_first_decision_wins(self, api: httpx.Client, second: str) -> None:
        task = create(api, priority="high")
        assert api.post(approval_of(task), json={"decision": "approve"}).status_code == 202

        problem = assert_problem(api.post(approval_of(task), json={"decision": second}), 409)

        # The workflow may have applied the decision by now.
        assert problem["currentStatus"] in ("pending_approval", "approved")
        assert "approve" in problem["detail"]

    def test_one_of_concurrent_decisions_is_taken(self, api: httpx.Client, subject: str | None) -> None:
        task = create(api, priority="high")

        def decide(number: int) -> int:
            body = {"decision": "approve" if number % 2 else "reject"}
            named = naming(subject, f"approver-{number}")
            return api.post(approval_of(task), json=body | named).status_code

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(decide, range(6))) == [202, 409, 409, 409, 409, 409]

    def test_a_task_that_needs_no_approval_cannot_be_decided_on(self, api: httpx.Client) -> None:
        task = create(api)

        problem = assert_problem(api.post(approval_of(task), json={"decision": "approve"}), 409)

        assert problem["currentStatus"] == "pending"
        assert api.get(f"/tasks/{task['taskId']}").json() == task

    @pytest.mark.parametrize("task_id", [UNKNOWN, "1"])
    def test_an_unknown_task_cannot_be_decided_on(self, api: httpx.Client, task_id: str) -> None:
        answer = api.post(f"/tasks/{task_id}/approval", json={"decision": "approve"})
        assert task_id in assert_problem(answer, 404)["detail"]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#/decision"),
            ({"decision": "maybe"}, "#/decision"),
            ({"decision": "Approve"}, "#/decision"),
            ({"decision": None}, "#/decision"),
            ({"decision": ["approve"]}, "#/decision"),
            ({"decision": "approve", "reason": "x" * 501}, "#/reason"),
            ({"decision": "approve", "reason": 1}, "#/reason"),
            ({"decision": "approve", "reason": "a\uffff"}, "#/reason"),
            ({"decision": "approve", "approver": "a\nb"}, "#/approver"),
            ({"decision": "approve", "approver": "x" * 256}, "#/approver"),
            ({"decision": "approve", "approver": ""}, "#/approver"),
            ({"decision": "approve", "decidedAt": "2026-01-31T12:00:00.000Z"}, "#/decidedAt"),
            ([], "#"),
        ],
        ids=lambda value: str(value).replace("\\", "-"),  # pytest finds no id with a backslash again
    )
    def test_a_decision_that_breaks_a_rule_names_the_field(
        self, api: httpx.Client, body: object, pointer: str
    ) -> None:
        task = create(api, priority="high")
        assert_problem(api.post(approval_of(task), json=body), 422, pointer)
        assert api.post(approval_of(task), json={"decision": "approve"}).status_code == 202

    def test_a_decision_that_cannot_be_read_is_malformed(self, api: httpx.Client) -> None:
        path, json_body = approval_of(create(api, priority="high")), {"Content-Type": "application/json"}
        assert_problem(api.post(path, content=b'{"decision":', headers=json_body), 400)

    def test_the_longest_reason_is_accepted(self, api: httpx.Client) -> None:
        body = {"decision": "reject", "reason": "🌍" * 500}
        answer = api.post(approval_of(create(api, priority="high")), json=body)
        assert (answer.status_code, answer.json()["reason"]) == (202, body["reason"])
