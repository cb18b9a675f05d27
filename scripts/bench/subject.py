"""What is measured: a function's import, its first call, and warm calls. Runs under valgrind, by itself.

`python -I -S subject.py SUBJECT RESULT CALLS PATH…` with SUBJECT `ours` or `reference`. A snapshot is a child
process that ends at once: valgrind writes for it what had been counted up to there. So one process gives all
figures, and costs no more than one.
"""

import importlib
import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

FIRST_CALLS = 2

Handler = Callable[[dict[str, Any], object], dict[str, Any]]

snapshots: dict[str, int] = {}


def snapshot(label: str) -> None:
    """Have the instructions so far written down, under the child's process id."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    snapshots[label] = child


class Context:
    """The context that Lambda passes with the event."""

    function_name = "task-manager-bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:task-manager-bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"


def log_as_lambda_does() -> None:
    """The runtime has loaded logging and given the root logger a handler before it loads a function."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(message)s"))
    logging.getLogger().addHandler(handler)


def load(subject: str, endpoint: str) -> Handler:
    """The handler of an endpoint: a function for each of ours, all in one file in the sample."""
    module, name = (
        ("load.reference.tasks", endpoint)
        if subject == "reference"
        else (f"services.api.{endpoint}", "handler")
    )
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def request(endpoint: str) -> dict[str, Any]:
    """An HTTP API's event (2.0) for an endpoint."""
    task_id = "01980000-0000-7000-8000-000000000000"
    method, route, body, query, parameters = {
        "create_task": ("POST", "/tasks", {"title": "Water the plants", "description": "All of them",
                        "userId": "ada", "tags": ["home", "green"]}, None, None),
        "get_task": ("GET", "/tasks/{taskId}", None, None, {"taskId": task_id}),
        "list_tasks": ("GET", "/tasks", None, {"userId": "ada", "limit": "20"}, None),
    }[endpoint]  # fmt: skip
    path = route.format(**parameters or {})
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {"content-type": "application/json", "host": "tasks.example", "accept": "*/*"},
        "queryStringParameters": query,
        "pathParameters": parameters,
        "requestContext": {"http": http, "stage": "$default", "requestId": "bench", "accountId": "0"},
        "body": body and json.dumps(body),
        "isBase64Encoded": False,
    }


def call(handler: Handler, endpoint: str, times: int) -> Any:
    """Call it; every answer must be good."""
    for _ in range(times):
        answer = handler(request(endpoint), Context())
        if answer["statusCode"] not in (200, 201):
            raise SystemExit(f"{endpoint} answered {answer}")
    return json.loads(answer["body"])


def main(subject: str, result: str, calls: int) -> None:
    """Everything in one life of a function's process."""
    log_as_lambda_does()
    snapshot("bare")
    first = load(subject, "create_task")
    snapshot("import")
    call(first, "create_task", 1)
    snapshot("cold")
    answers = {}
    for endpoint in ("create_task", "get_task", "list_tasks"):
        handler = load(subject, endpoint)
        call(handler, endpoint, FIRST_CALLS)
        snapshot(f"{endpoint} 0")
        call(handler, endpoint, calls)
        snapshot(f"{endpoint} 1")
        answers[endpoint] = call(handler, endpoint, 2 * calls)
        snapshot(f"{endpoint} 2")
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - as few imports as can be
        json.dump({"snapshots": snapshots, "answers": answers, "modules": len(sys.modules)}, file)


if __name__ == "__main__":
    sys.path[:0] = sys.argv[4:]
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
