"""`make add-endpoint`: a function that answers a route."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.base.failure import Failure
from scripts.base.functions import HttpTrigger, function_map
from scripts.scaffolding import function_entry
from scripts.scaffolding.changes import Changes, with_text_before
from scripts.scaffolding.names import Route, camel, lower_camel, sentence
from scripts.scaffolding.python_code import with_element, with_import
from scripts.scaffolding.report import Added, add
from services.core.aggregates import AGGREGATES
from services.core.event import Aggregate

OPERATIONS = "services/api/operations.py"
CHARGES = "scripts/economics/charges.py"
TABLE_OF_CALLS = "docs/api.md"
LAST_ENDPOINT = "| `GET /` |"
SHARDED = "tests/unit/test_functions.py"


@dataclass(frozen=True)
class Kind:
    """What an endpoint does by itself: its templates, the test that waits for its rule, and its rights.

    The table `parts` stands for that of the entity which the route ends with.
    """

    templates: str
    test: str
    rights: tuple[tuple[str, tuple[str, ...]], ...]


READ_TASK = ("tasks", ("dynamodb:GetItem",))
KINDS: Mapping[tuple[bool, bool], Kind] = {
    (True, False): Kind("read_task", "test_the_answer_is_what_the_rule_says", (READ_TASK,)),
    (False, False): Kind(
        "change_task",
        "test_the_task_changes_as_the_rule_says",
        (("tasks", ("dynamodb:GetItem", "dynamodb:UpdateItem")),),
    ),
    (True, True): Kind(
        "list_parts", "test_what_the_rule_allows_is_listed", (READ_TASK, ("parts", ("dynamodb:Query",)))
    ),
    (False, True): Kind(
        "create_part", "test_what_the_rule_allows_is_stored", (READ_TASK, ("parts", ("dynamodb:PutItem",)))
    ),
}
"""Whether it reads, and whether its route ends with an entity of the task → what it does."""


def add_endpoint(name: str, route: Route) -> None:
    """Write what an endpoint consists of; if it is there already, say so. Raises Failure."""
    if is_there(name, route):
        print(f"{name} answers {route} already: nothing was changed.")
        return
    if route.parameters != ["taskId"]:
        raise Failure(f"ROUTE={route}: expected a path with {{taskId}} and no other parameter")
    entity = next((one for one in AGGREGATES if route.path == f"/tasks/{{taskId}}/{one.table}"), None)
    kind = KINDS[route.method == "GET", entity is not None]
    words = words_of(name, route, entity)
    changes = Changes()
    test, rule = f"tests/unit/api/test_{name}.py", f"services/core/{name}.py"
    changes.create(rule, f"{kind.templates}.rule.txt", **words)
    changes.create(f"services/api/{name}.py", f"{kind.templates}.endpoint.txt", **words)
    changes.create(test, f"{kind.templates}.test.txt", **words)
    changes.edit(OPERATIONS, with_import, f"from services.api import {name}")
    changes.edit(OPERATIONS, with_element, "OPERATIONS", f"{name}.OPERATION")
    function_entry.add(changes, name, entry(name, route, kind, entity))
    reason = f"the mix has no {route} yet"
    changes.edit(CHARGES, with_element, "NOT_CALLED", f'"{name}": {json.dumps(reason)}')
    changes.edit(TABLE_OF_CALLS, with_call, route, sentence(name))
    if kind is KINDS[False, False]:
        changes.edit(SHARDED, with_element, "WITH_STATUS_SHARDS", f'"{name}"')
    trial = f"make invoke FN={name}" if route.method == "GET" else "a request with curl"
    then = f"make unit lint; make up; {trial}"
    add(changes, Added(f"{name} answers {route}", rule, f"{test}::{kind.test}", then))


def words_of(name: str, route: Route, entity: Aggregate | None) -> dict[str, str]:
    """What the templates are filled with."""
    reads = route.method == "GET"
    words = {
        "name": name,
        "route": str(route),
        "answer": camel(name) if reads else f"{camel(name)}Body",
        "operation": lower_camel(name),
        "summary": sentence(name),
        "verb": route.method.lower(),
        "example": route.path.replace("{taskId}", "{task.task_id}"),
    }
    if entity is None:
        return words
    return words | {"entity": entity.name, "model": entity.model.__name__, "plural": entity.table}


def is_there(name: str, route: Route) -> bool:
    """Whether just this endpoint is there. Raises Failure where another has its name or route."""
    for found, function in function_map().items():
        routes = function.trigger.routes if isinstance(function.trigger, HttpTrigger) else {}
        if found == name and str(route) in routes:
            return True
        if found == name:
            raise Failure(f"NAME={name}: there is another function of this name; expected a new one")
        if str(route) in routes:
            raise Failure(f"ROUTE={route}: {found} answers it; expected a route that none answers yet")
    return False


def entry(name: str, route: Route, kind: Kind, entity: Aggregate | None) -> str:
    """The endpoint's entry in the function map."""
    tables = {"tasks": "tasks_table", "parts": f"{entity.table}_table" if entity else ""}
    rights: list[dict[str, Any]] = [
        {"actions": list(actions), "on": [tables[table]]} for table, actions in kind.rights
    ]
    return function_entry.text(
        name,
        description=f"{route}: {sentence(name).lower()}",
        handler=f"services.api.{name}.handler",
        trigger={
            "type": "http",
            "routes": {str(route): "tasks/read" if route.method == "GET" else "tasks/write"},
        },
        rights=rights,
        environment=("STATUS_SHARDS",) if kind is KINDS[False, False] else (),
    )


def with_call(text: str, route: Route, summary: str) -> str:
    """docs/api.md with a line about the route, above that of the console."""
    row = f"| `{route}` | {summary.lower()}: say here what a client has to know |\n"
    return with_text_before(text, LAST_ENDPOINT, row)
