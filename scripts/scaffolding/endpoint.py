"""`make add-endpoint`: a function that answers a route."""

import json

from scripts.base.failure import Failure
from scripts.base.functions import HttpTrigger, function_map
from scripts.scaffolding import function_entry
from scripts.scaffolding.changes import Changes
from scripts.scaffolding.names import Route, camel, lower_camel, sentence
from scripts.scaffolding.python_code import with_element, with_import
from scripts.scaffolding.report import Added, add

OPERATIONS = "services/api/operations.py"
CHARGES = "scripts/economics/charges.py"
TABLE_OF_CALLS = "docs/api.md"
LAST_ENDPOINT = "| `GET /` |"
SHARDED = "tests/unit/test_functions.py"


def add_endpoint(name: str, route: Route) -> None:
    """Write what an endpoint consists of; if it is there already, say so. Raises Failure."""
    if is_there(name, route):
        print(f"{name} answers {route} already: nothing was changed.")
        return
    if route.parameters != ["taskId"]:
        raise Failure(f"ROUTE={route}: expected a path with {{taskId}} and no other parameter")
    reads = route.method == "GET"
    kind = "read_task" if reads else "change_task"
    words = {
        "name": name,
        "route": str(route),
        "answer": camel(name) if reads else f"{camel(name)}Body",
        "operation": lower_camel(name),
        "summary": sentence(name),
        "verb": route.method.lower(),
        "example": route.path.replace("{taskId}", "{task.task_id}"),
    }
    changes = Changes()
    test = f"tests/unit/api/test_{name}.py"
    rule = f"services/core/{name}.py"
    changes.create(rule, f"{kind}.rule.txt", **words)
    changes.create(f"services/api/{name}.py", f"{kind}.endpoint.txt", **words)
    changes.create(test, f"{kind}.test.txt", **words)
    changes.edit(OPERATIONS, lambda text: with_import(text, f"from services.api import {name}"))
    changes.edit(OPERATIONS, lambda text: with_element(text, "OPERATIONS", f"{name}.OPERATION"))
    function_entry.add(changes, name, entry(name, route))
    reason = f"the mix has no {route} yet"
    changes.edit(CHARGES, lambda text: with_element(text, "NOT_CALLED", f'"{name}": {json.dumps(reason)}'))
    changes.edit(TABLE_OF_CALLS, lambda text: with_call(text, route, sentence(name)))
    if not reads:
        changes.edit(SHARDED, lambda text: with_element(text, "WITH_STATUS_SHARDS", f'"{name}"'))
    promised = f"{test}::test_{'the_answer_is_what' if reads else 'the_task_changes_as'}_the_rule_says"
    add(changes, Added(f"{name} answers {route}", rule, promised, f"make invoke FN={name}"))


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


def entry(name: str, route: Route) -> str:
    """The endpoint's entry in the function map."""
    reads = route.method == "GET"
    scope = "tasks/read" if reads else "tasks/write"
    actions = ["dynamodb:GetItem"] if reads else ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    return function_entry.text(
        name,
        description=f"{route}: {sentence(name).lower()}",
        handler=f"services.api.{name}.handler",
        trigger={"type": "http", "routes": {str(route): scope}},
        rights=[{"actions": actions, "on": ["tasks_table"]}],
        environment=() if reads else ("STATUS_SHARDS",),
    )


def with_call(text: str, route: Route, summary: str) -> str:
    """docs/api.md with a line about the route, above that of the console."""
    before, anchor, after = text.partition(LAST_ENDPOINT)
    return f"{before}| `{route}` | {summary.lower()}: say here what a client has to know |\n{anchor}{after}"
