"""`make add-event`: a kind of event that comes with some writes of an aggregate."""

import json
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.scaffolding import function_entry
from scripts.scaffolding.changes import Changes, filled, with_text_before
from scripts.scaffolding.json_text import with_string
from scripts.scaffolding.names import snake
from scripts.scaffolding.python_code import with_element, with_import, with_statement_before
from scripts.scaffolding.report import Added, add
from services.core.aggregates import AGGREGATES, EVENTS
from services.core.event import Aggregate, event_id

CHARGES = "scripts/economics/charges.py"
LIST_OF_EVENTS = "docs/api.md"
END_OF_THE_LIST = "`: [docs/events](events) has the"
FORM = "tests/frozen/events/{name}.json"


def add_event(event: str) -> None:
    """Write what a kind of event consists of; if it is there already, say so. Raises Failure."""
    if event in EVENTS:
        print(f"{event} is there already: nothing was changed.")
        return
    name = snake(event)
    aggregate = aggregate_of(event)
    words = {
        "event": event,
        "name": name,
        "entity": aggregate.name,
        "model": aggregate.model.__name__,
        "module": aggregate.model.__module__,
    }
    models = (
        "services/core/events.py" if aggregate.name == "task" else f"services/core/{aggregate.name}_events.py"
    )
    changes = Changes()
    test, rule = f"tests/unit/core/test_{name}.py", f"services/core/{name}.py"
    changes.create(rule, "event.rule.txt", **words)
    changes.create(test, "event.test.txt", **words)
    changes.edit(models, with_model, aggregate, words)
    changes.create(FORM.format(name=event), "json.txt", text=frozen_form(aggregate, event))
    announce(changes, event)
    promised = f"{test}::test_the_event_comes_with_its_change"
    what = f"{event} comes with some writes of a {aggregate.name}"
    add(
        changes,
        Added(what, rule, promised, f"make unit lint; make add-reaction NAME=on_{name} EVENT={event}"),
    )


def aggregate_of(event: str) -> Aggregate:
    """What an event is about, by its name. Raises Failure."""
    about, *happened = snake(event).split("_")
    for aggregate in AGGREGATES:
        if about == aggregate.name and len(happened) == 1:
            return aggregate
    known = " or ".join(one.name.capitalize() for one in AGGREGATES)
    raise Failure(f"EVENT={event}: expected {known} and a word that says what happened, as in TaskReopened")


def announce(changes: Changes, event: str) -> None:
    """Have the feed take the event, and the cost model and the page about the API name it."""
    path = ("record_event", "trigger", "detail_types")
    changes.edit(function_entry.FILE, with_string, path, event)
    reason = json.dumps("no write of the mix leads to it yet")
    changes.edit(CHARGES, with_element, "NOT_IN_THE_MIX", f'"{event}": {reason}')
    changes.edit(LIST_OF_EVENTS, with_listed, event)


def with_model(text: str, aggregate: Aggregate, words: dict[str, str]) -> str:
    """The events of an aggregate with one more model, which is registered with its rule."""
    text = with_element(text, f"{aggregate.table.upper()}.events", words["event"])
    text = with_element(text, "OCCASIONS", f"{words['event']}: {words['name']}")
    text = with_statement_before(text, "OCCASIONS", filled("event.model.txt", **words))
    return with_import(text, f"from services.core.{words['name']} import {words['name']}")


def frozen_form(aggregate: Aggregate, event: str) -> str:
    """What a queue holds of such an event: that of a changed entity under another type and id."""
    updated = FORM.format(name=f"{aggregate.name.capitalize()}Updated")
    form: dict[str, Any] = json.loads((ROOT / updated).read_text(encoding="utf-8"))
    detail = form["detail"]
    own_id = event_id(detail[f"{aggregate.name}Id"], detail["version"], event)
    form |= {"id": own_id, "detail-type": event, "detail": detail | {"eventId": own_id}}
    return json.dumps(form, indent=2, ensure_ascii=False)


def with_listed(text: str, event: str) -> str:
    """docs/api.md with the event at the end of their list."""
    return with_text_before(text, END_OF_THE_LIST, f", {event}")
