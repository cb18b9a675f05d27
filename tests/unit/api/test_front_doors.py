"""One API behind several front doors: addresses in its answers fit the URL that the client called."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest

from services.api.create_task import ENDPOINTS
from services.api.entry_point import Handler, entry_point
from tests.harness.fakes import FakeServices
from tests.unit.conftest import LogLines

BODY = json.dumps({"title": "Water the plants", "userId": "ada"})


@dataclass(frozen=True)
class FrontDoor:
    """A URL of /tasks as the client calls it, and what the function sees of it."""

    url: str
    stage: str
    path: str
    api_type: str = "http"
    shows_all: bool = True
    """Whether the function sees the whole path of the URL."""

    def event(self) -> dict[str, Any]:
        common = {"body": BODY, "headers": {"content-type": "application/json"}}
        if self.api_type == "http":
            context = {"http": {"method": "POST", "path": self.path}, "stage": self.stage}
            return common | {
                "version": "2.0",
                "routeKey": "POST /tasks",
                "rawPath": self.path,
                "requestContext": context,
            }
        whole = f"/{self.stage}{self.path}" if "execute-api" in self.url else self.path
        context = {"path": whole, "stage": self.stage}
        return common | {
            "resource": "/tasks",
            "httpMethod": "POST",
            "path": self.path,
            "requestContext": context,
        }


AWS, HERE = "https://abc123.execute-api.eu-central-1.amazonaws.com", "http://127.0.0.1:4566"
FRONT_DOORS = {
    "HTTP API": FrontDoor(f"{AWS}/tasks", "$default", "/tasks"),
    "HTTP API with a stage": FrontDoor(f"{AWS}/blue/tasks", "blue", "/blue/tasks"),
    "REST API": FrontDoor(f"{AWS}/live/tasks", "live", "/tasks", "rest"),
    "HTTP API under a name": FrontDoor("https://tasks.example/tasks", "$default", "/tasks"),
    "REST API under a name": FrontDoor("https://tasks.example/tasks", "live", "/tasks", "rest"),
    "HTTP API under a name and a path": FrontDoor("https://example.com/v1/tasks", "$default", "/v1/tasks"),
    "REST API under a name and a path": FrontDoor(
        "https://example.com/v1/tasks", "live", "/v1/tasks", "rest"
    ),
    "embedded cloud": FrontDoor(
        f"{HERE}/_aws/execute-api/abc123/$default/tasks", "$default", "/tasks", shows_all=False
    ),
    "LocalStack": FrontDoor(
        f"{HERE}/_aws/execute-api/abc123/live/tasks", "live", "/tasks", "rest", shows_all=False
    ),
}


@pytest.fixture
def handler() -> Handler:
    return entry_point(ENDPOINTS, lambda *_: FakeServices())


@pytest.mark.parametrize("door", FRONT_DOORS.values(), ids=FRONT_DOORS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_location_of_a_new_task_is_relative_to_the_called_url(
    handler: Handler, door: FrontDoor, slash: str, log_lines: LogLines
) -> None:
    answer = handler(
        FrontDoor(f"{door.url}{slash}", door.stage, f"{door.path}{slash}", door.api_type).event(), None
    )
    task_id = json.loads(answer["body"])["taskId"]
    assert urljoin(f"{door.url}{slash}", answer["headers"]["Location"]) == f"{door.url}/{task_id}"
    assert [line["task_id"] for line in log_lines()] == [task_id]


@pytest.mark.parametrize(
    "door", [door for door in FRONT_DOORS.values() if door.shows_all], ids=lambda door: door.url
)
def test_the_instance_of_a_problem_is_the_url_that_was_called(handler: Handler, door: FrontDoor) -> None:
    answer = handler(door.event() | {"body": "{"}, None)
    assert urljoin(door.url, json.loads(answer["body"])["instance"]) == door.url
