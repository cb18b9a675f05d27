"""`make add-table`: a kind of entity that belongs to a task, with a table, a store and events of its own."""

import json
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.words import plural_of
from scripts.scaffolding import event, function_entry
from scripts.scaffolding.changes import Changes, filled, with_text_before
from scripts.scaffolding.json_text import with_string
from scripts.scaffolding.python_code import (
    with_element,
    with_import,
    with_member,
    with_statement_before,
    with_typing_import,
)
from scripts.scaffolding.report import Added, add
from services.core.aggregates import AGGREGATES
from services.core.event import event_id

TABLES = "infra/tables.tf"
END_OF_TABLES = "  }\n\n  # Known before the tables exist"
COMPOSITION = "services/composition.py"
LIVES = "scripts/documents/lives.py"
FAKES = "tests/harness/fakes/services.py"
LIFECYCLE = ("Created", "Updated", "Deleted")
_TEXT = "It expires on Monday."
_NOON = "2026-01-31T12:00:00.000Z"
_ID, _TASK_ID = (f"0198c1d2-7b3e-7a1f-8c2d-00000000000{number}" for number in (3, 1))


def add_table(entity: str) -> None:
    """Write what an entity consists of; if it is there already, say so. Raises Failure."""
    words = words_of(entity)
    if any(one.name == entity for one in AGGREGATES):
        print(f"{entity} is there already: nothing was changed.")
        return
    if (ROOT / f"services/core/{entity}.py").exists() or f" {words['plural']} = {{" in _read(TABLES):
        raise Failure(f"ENTITY={entity}: a file or table of this name is there; expected a new name")
    changes = Changes()
    test, rule = f"tests/unit/core/test_{entity}.py", f"services/core/{entity}.py"
    changes.create(rule, "entity.model.txt", **words)
    changes.create(f"services/core/{entity}_events.py", "entity.events.txt", **words)
    changes.create(test, "entity.test.txt", **words)
    _register(changes, words)
    _compose(changes, words)
    _describe(changes, words)
    promised = f"{test}::test_a_change_is_the_next_version"
    route = f"POST /tasks/{{taskId}}/{words['plural']}"
    then = f'make unit lint; make add-endpoint NAME=add_{entity} ROUTE="{route}"'
    add(changes, Added(f"{entity}: a table, a store and three events", rule, promised, then))


def words_of(entity: str) -> dict[str, str]:
    """What the templates are filled with."""
    plural = plural_of(entity)
    return {
        "entity": entity,
        "model": entity.capitalize(),
        "plural": plural,
        "aggregate": plural.upper(),
        "variable": f"{plural.upper()}_TABLE",
    }


def _register(changes: Changes, words: dict[str, str]) -> None:
    """The aggregate in the registry, the table in Terraform, the relay that reads it, the feed's events."""
    entity, model, names = words["entity"], words["model"], words["plural"]
    registry = "services/core/aggregates.py"
    line = f"from services.core.{entity}_events import {words['aggregate']}"
    changes.edit(registry, with_element, "AGGREGATES", words["aggregate"])
    changes.edit(registry, with_import, line)
    changes.edit(TABLES, with_text_before, END_OF_TABLES, filled("entity.table.txt", **words))
    changes.edit(function_entry.FILE, with_string, ("relay", "trigger", "tables"), names)
    for happened in LIFECYCLE:
        kind = f"{model}{happened}"
        event.announce(changes, kind)
        changes.create(event.FORM.format(name=kind), "json.txt", text=_event_form(words, kind))
    if len(AGGREGATES) == 1:  # the first whose entries in the feed are of another form than a task's
        for happened in ("Created", "Deleted"):
            name = f"tests/frozen/feed/{entity}-{happened.lower()}.json"
            changes.create(name, "json.txt", text=_feed_form(words, f"{model}{happened}"))
    form = json.dumps(_item(words), indent=2, ensure_ascii=False)
    changes.create(f"tests/frozen/{names}/created.json", "json.txt", text=form)


def _compose(changes: Changes, words: dict[str, str]) -> None:
    """The store among the services, its setting, and its fake."""
    entity, model, names = words["entity"], words["model"], words["plural"]
    of_model = f"from services.core.{entity} import {model}"
    changes.edit(COMPOSITION, with_element, "Use", f'"{names}"')
    changes.edit(COMPOSITION, with_member, "AwsServices", filled("entity.store.txt", **words))
    changes.edit(COMPOSITION, with_member, "Services", filled("entity.service.txt", **words))
    for line in (of_model, "from services.core.parts import PartStore"):
        changes.edit(COMPOSITION, with_typing_import, line)
    setting = filled("entity.setting.txt", **words)
    changes.edit("services/settings.py", with_member, "Settings", setting)
    fake = f'InMemoryPartStore("{entity}_id")'
    field = f"{names}: InMemoryPartStore[{model}] = field(default_factory=lambda: {fake})"
    changes.edit(FAKES, with_member, "FakeServices", field)
    for line in (of_model, "from tests.harness.fakes.part_store import InMemoryPartStore"):
        changes.edit(FAKES, with_import, line)


def _describe(changes: Changes, words: dict[str, str]) -> None:
    """What tests, samples and the cost model say of tables."""
    entity, model, names = words["entity"], words["model"], words["plural"]
    life = filled("entity.life.txt", **words)
    changes.edit(LIVES, with_element, "LIVES", f'"{entity}": life_of_a_{entity}')
    changes.edit(LIVES, with_statement_before, "LIVES", life)
    line = f"from services.core.{entity} import New{model}, {model}, begin_{entity}"
    changes.edit(LIVES, with_import, line)
    reason = json.dumps("the mix has no request for it yet")
    for file, name, element in (
        ("tests/unit/test_functions.py", "RESOURCES", f'"{names}": {{"{names}_table"}}'),
        ("tests/unit/adapters/small_dynamodb.py", "_KEYS", f'"{names}": "{entity}Id"'),
        ("scripts/economics/capacity.py", "EVENLY_SPREAD", f'"{names}_table": "a task has its own key"'),
        (event.CHARGES, "NOT_USED", f'"{names}_table": {reason}'),
        (
            "tests/infra/test_data.py",
            "TABLES",
            f'"{names}": {{"key": "taskId", "range": "{entity}Id", "indexes": {{}}, "stream": True}}',
        ),
    ):
        changes.edit(file, with_element, name, element)


def _entity(words: dict[str, str]) -> dict[str, Any]:
    return {
        f"{words['entity']}Id": _ID,
        "taskId": _TASK_ID,
        "userId": "ada",
        "text": _TEXT,
        "createdAt": _NOON,
        "updatedAt": _NOON,
        "version": 1,
    }


def _item(words: dict[str, str]) -> dict[str, Any]:
    """The first form of an item, as the table has it."""
    fields = _entity(words) | {"correlationId": "request-1"}
    return {name: {"N": "1"} if value == 1 else {"S": value} for name, value in fields.items()}


def _feed_form(words: dict[str, str], kind: str) -> str:
    """The form of an entry in the feed: that of a task, without what only tasks have."""
    name = "deleted" if kind.endswith("Deleted") else "created"
    form: dict[str, Any] = json.loads(_read(f"tests/frozen/feed/{name}.json"))
    kept = {key: value for key, value in form.items() if key not in ("taskId", "priority", "status")}
    own = {"detailType": kind, "entity": words["entity"], "entityId": _ID, "title": _TEXT}
    kept |= {key: {"S": value} for key, value in own.items()}
    return json.dumps(kept, indent=2, ensure_ascii=False)


def _event_form(words: dict[str, str], kind: str) -> str:
    """The first form of an event, as a queue has it."""
    version = 1 + LIFECYCLE.index(kind.removeprefix(words["model"]))
    entity = _entity(words) | {"version": min(version, len(LIFECYCLE) - 1)}
    change = (
        {"text": {"old": "It expires on Sunday.", "new": entity["text"]}} if kind.endswith("Updated") else {}
    )
    own_id = event_id(_ID, version, kind)
    detail = {
        "schemaVersion": "1.0",
        "eventId": own_id,
        "occurredAt": _NOON,
        "correlationId": "request-1",
        f"{words['entity']}Id": _ID,
        "userId": "ada",
        "version": version,
        words["entity"]: entity,
        "changes": change,
    }
    form = json.loads(_read(event.FORM.format(name="TaskUpdated")))
    return json.dumps(
        form | {"id": own_id, "detail-type": kind, "detail": detail}, indent=2, ensure_ascii=False
    )


def _read(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")
