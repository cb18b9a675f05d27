"""`make add-event`: a kind of event that comes with some changes of a task."""

import json
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.scaffolding import function_entry
from scripts.scaffolding.changes import Changes, filled
from scripts.scaffolding.json_text import with_string
from scripts.scaffolding.names import snake
from scripts.scaffolding.python_code import with_element, with_import, with_statement_before
from scripts.scaffolding.report import Added, add
from services.core.aggregates import EVENTS
from services.core.event import event_id

MODELS = "services/core/events.py"
CHARGES = "scripts/economics/charges.py"
LIST_OF_EVENTS = "docs/api.md"
END_OF_THE_LIST = "`: [docs/events](events) has the"
FORM = "tests/frozen/events/{name}.json"
PREFIX = "Task"


def add_event(event: str) -> None:
    """Write what a kind of event consists of; if it is there already, say so. Raises Failure."""
    if event in EVENTS:
        print(f"{event} is there already: nothing was changed.")
        return
    if not event.startswith(PREFIX) or len(snake(event).split("_")) != len(("task", "happened")):
        raise Failure(f"EVENT={event}: expected {PREFIX} and a word that says what happened: TaskReopened")
    name = snake(event)
    changes = Changes()
    test, rule = f"tests/unit/core/test_{name}.py", f"services/core/{name}.py"
    changes.create(rule, "event.rule.txt", event=event, name=name)
    changes.create(test, "event.test.txt", event=event, name=name)
    changes.edit(MODELS, lambda text: with_model(text, event, name))
    changes.edit(function_entry.FILE, lambda text: with_string(text, ("record_event", *_TYPES), event))
    changes.create(FORM.format(name=event), "json.txt", text=frozen_form(event))
    reason = json.dumps("no write of the mix leads to it yet")
    changes.edit(CHARGES, lambda text: with_element(text, "NOT_IN_THE_MIX", f'"{event}": {reason}'))
    changes.edit(LIST_OF_EVENTS, lambda text: with_listed(text, event))
    promised = f"{test}::test_the_event_comes_with_its_change"
    add(changes, Added(f"{event} comes beside TaskUpdated", rule, promised, "make events"))


_TYPES = ("trigger", "detail_types")


def with_model(text: str, event: str, name: str) -> str:
    """The event contract with one more model, in the map of all and with its rule."""
    model = filled("event.model.txt", event=event)
    text = with_element(text, "OCCASIONS", f"{event}: {name}")
    text = with_element(text, "EVENTS", event)
    text = with_statement_before(text, "REMOVALS", model)
    return with_import(text, f"from services.core.{name} import {name}")


def frozen_form(event: str) -> str:
    """What a queue holds of such an event: that of a changed task under another type and id."""
    form: dict[str, Any] = json.loads((ROOT / FORM.format(name="TaskUpdated")).read_text(encoding="utf-8"))
    detail = form["detail"]
    own_id = event_id(detail["taskId"], detail["version"], event)
    form |= {"id": own_id, "detail-type": event, "detail": detail | {"eventId": own_id}}
    return json.dumps(form, indent=2, ensure_ascii=False)


def with_listed(text: str, event: str) -> str:
    """docs/api.md with the event at the end of their list."""
    before, anchor, after = text.partition(END_OF_THE_LIST)
    return f"{before}, {event}{anchor}{after}"
