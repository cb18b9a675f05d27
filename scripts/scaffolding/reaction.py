"""`make add-reaction`: a function that a queue of events calls."""

import json

from scripts.base.failure import Failure
from scripts.base.functions import QueueTrigger, function_map
from scripts.scaffolding import function_entry
from scripts.scaffolding.changes import Changes
from scripts.scaffolding.names import sentence
from scripts.scaffolding.python_code import with_element
from scripts.scaffolding.report import Added, add
from services.core.aggregates import EVENTS

CHARGES = "scripts/economics/charges.py"


def add_reaction(name: str, event: str) -> None:
    """Write what a reaction consists of; if it is there already, say so. Raises Failure."""
    if is_there(name, event):
        print(f"{name} reacts to {event} already: nothing was changed.")
        return
    words = {
        "name": name,
        "event": event,
        "module": EVENTS[event].__module__,
        "summary": sentence(name).lower(),
    }
    changes = Changes()
    test, rule = f"tests/unit/reactions/test_{name}.py", f"services/core/{name}.py"
    changes.create(rule, "reaction.rule.txt", **words)
    changes.create(f"services/reactions/{name}.py", "reaction.function.txt", **words)
    changes.create(test, "reaction.test.txt", **words)
    function_entry.add(changes, name, entry(name, event))
    reason = "not measured yet: `.venv/bin/task-manager measure` does it on a local cloud"
    changes.edit(CHARGES, with_element, "NOT_MEASURED", f'"{name}": {json.dumps(reason)}')
    promised = f"{test}::test_the_event_has_its_effect"
    add(
        changes,
        Added(f"{name} reacts to {event}", rule, promised, f"make unit lint; make up; make invoke FN={name}"),
    )


def is_there(name: str, event: str) -> bool:
    """Whether just this reaction is there. Raises Failure for a taken name or an unknown event."""
    if event not in EVENTS:
        known = ", ".join(EVENTS)
        raise Failure(
            f"EVENT={event}: there is no such event; expected one of {known}, or make add-event first"
        )
    if name not in function_map():
        return False
    trigger = function_map()[name].trigger
    if isinstance(trigger, QueueTrigger) and event in trigger.detail_types:
        return True
    raise Failure(f"NAME={name}: there is another function of this name; expected a new one")


def entry(name: str, event: str) -> str:
    """The reaction's entry in the function map."""
    return function_entry.text(
        name,
        description=f"{event}: {sentence(name).lower()}",
        handler=f"services.reactions.{name}.handler",
        trigger={"type": "queue", "queue": name.replace("_", "-"), "detail_types": [event]},
        rights=[{"actions": ["sns:Publish"], "on": ["notifications_topic"]}],
    )
