"""The HTTP client of the checks: notes what it creates, and tries again when the gateway throttles it."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx

from scripts.deployments.target import Target
from scripts.operators.verification.made import Made
from services.adapters.dynamodb.statistics import user_key
from services.core.reactions import archive_key

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
# An HTTP API answers 503 for a throttled function and for a time-out: only idempotent calls are retried.
REPEATABLE = ("GET", "PUT", "DELETE")
KEY = "idempotency-key"
# Twelve random digits: no other user id contains them by accident.
RANDOM = re.compile(r"[0-9a-f]{12}")


class PatientClient(httpx.Client):
    """A client that sends a request again, after a pause, when the gateway refused it for now."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """The first answer that is no such refusal, or the last refusal."""
        answer = super().send(request, **options)
        for seconds in WAITS:
            if not throttled(request, answer):
                break
            time.sleep(seconds)
            answer = super().send(request, **options)
        return answer


class CheckingClient(PatientClient):
    """A client of the API whose tasks, users and archived objects are noted, to be removed afterwards.

    Owners are random, or were `unused` before, so that no other user's data is ever removed.
    """

    def __init__(self, made: Made, unused: Callable[[str], bool], **settings: Any) -> None:
        super().__init__(**settings)
        self._made = made
        self._unused = unused

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send as a PatientClient, and note what is made."""
        creates = request.method == "POST" and request.url.path.endswith("/tasks")
        owner = _user_id(request.read()) if creates else ""
        if RANDOM.search(owner):
            self._made.user(owner)  # before it is sent: the answer may be lost
        own = bool(owner) and (owner in self._made.users or self._unused(owner))
        answer = super().send(request, **options)
        if creates and answer.status_code == httpx.codes.CREATED:
            self._note(answer.json(), own=own)
        if request.method == "PUT" and answer.status_code == httpx.codes.OK:
            self._note_archived(answer.json())
        return answer

    def _note(self, task: dict[str, Any], *, own: bool) -> None:
        self._made.task(task["taskId"], task["userId"])
        if not own:
            raise AssertionError(f"a check created a task of {task['userId']!r}, who has tasks or statistics")
        self._made.user(task["userId"])

    def _note_archived(self, task: dict[str, Any]) -> None:
        if task.get("status") == "completed":
            self._made.archive(archive_key(task["taskId"], task["updatedAt"]))


def unused(target: Target, user_id: str) -> bool:
    """Whether no data of a user is stored."""
    dynamodb, outputs = target.client("dynamodb"), target.outputs
    totals = dynamodb.get_item(
        TableName=outputs["table_names"]["statistics"], Key=user_key(user_id), ConsistentRead=True
    )
    pages = dynamodb.get_paginator("query").paginate(
        TableName=outputs["table_names"]["tasks"],
        IndexName="by-user",
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": user_id}},
        PaginationConfig={"MaxItems": 1},
    )
    return "Item" not in totals and not any(page["Items"] for page in pages)


def throttled(request: httpx.Request, answer: httpx.Response) -> bool:
    """Whether the gateway itself throttled: every answer of a function has a correlation id."""
    if "x-correlation-id" in answer.headers:
        return False
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return True
    repeatable = request.method in REPEATABLE or KEY in request.headers
    return repeatable and answer.status_code == httpx.codes.SERVICE_UNAVAILABLE


def _user_id(body: bytes) -> str:
    try:
        owner = json.loads(body)["userId"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return owner if isinstance(owner, str) else ""
