"""Starts the functions of a local cloud before their first call, so that the first event is seen at once.

Each is called with what has no effect: a batch without records, or a request that no route matches.
Nothing is written, published or counted. Steps of the workflow stay cold, since their input is a task.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.functions import Function, HttpTrigger, QueueTrigger, StreamTrigger, Trigger, function_map
from scripts.clouds.clients import client
from scripts.deployments.aws.versions import ALIAS
from scripts.terraform import OnProgress, Progress

# In this order: from creating a task to seeing it in the console.
FIRST = ("create_task", "relay", "record_event", "list_events", "show_console")
# A start takes most of a core: more at once would slow down each other and the user's own first calls.
AT_ONCE = 2

EMPTY_BATCH: dict[str, Any] = {"Records": []}
# An HTTP API's event for a request that matches no route; functions behind a REST API accept it as well.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
UNMATCHED_REQUEST: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/",
    "rawQueryString": "",
    "headers": {},
    "requestContext": {"http": {"method": "OPTIONS", "path": "/"}, "stage": "$default"},
    "isBase64Encoded": False,
}
_NEW_ALIAS = re.compile(r'module\.function\["(\w+)"\]\.aws_lambda_alias\.live')
_INPUTS: Mapping[type[Trigger], dict[str, Any]] = {
    HttpTrigger: UNMATCHED_REQUEST,
    StreamTrigger: EMPTY_BATCH,
    QueueTrigger: EMPTY_BATCH,
}


@contextlib.contextmanager
def warming_new_functions(endpoint: str) -> Iterator[OnProgress]:
    """Warm each function that an apply creates, once it can be called: most of the apply only waits.

    What is given has to be told of the apply's progress.
    """
    functions, inputs = client("lambda", endpoint), harmless_inputs(function_map())
    called: set[str] = set()

    def take(progress: Progress) -> None:
        for made in progress.done[-1:]:
            function = _NEW_ALIAS.fullmatch(made.address)
            if function and made.id not in called and function[1] in inputs:
                called.add(made.id)
                pool.submit(_call, functions, made.id, inputs[function[1]])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield take
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextlib.contextmanager
def warming(endpoint: str, outputs: Mapping[str, Any]) -> Iterator[None]:
    """Warm a deployment while the caller does something else; at the end it is warm.

    A function that does not answer is no failure here: it is as cold as it was.
    """
    with ThreadPoolExecutor(1) as aside:
        aside.submit(warm, endpoint, outputs)
        yield


def warm(endpoint: str, outputs: Mapping[str, Any]) -> None:
    """Call every function that has an input without effect, those first that the first event needs."""
    functions = client("lambda", endpoint)
    names = outputs["function_names"]
    inputs = harmless_inputs(function_map())

    def call(function: str) -> None:
        _call(functions, f"{names[function]}:{ALIAS}", inputs[function])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(call, sorted(inputs, key=lambda function: function not in FIRST)))


def _call(functions: Any, name: str, payload: dict[str, Any]) -> None:
    with contextlib.suppress(BotoCoreError, ClientError):
        functions.invoke(FunctionName=name, Payload=json.dumps(payload))


def harmless_inputs(functions: Mapping[str, Function]) -> dict[str, dict[str, Any]]:
    """An input without effect for each function that has one, by its key in functions.json."""
    kinds = {name: type(function.trigger) for name, function in functions.items()}
    return {name: _INPUTS[kind] for name, kind in kinds.items() if kind in _INPUTS}
