"""`make events`: follow the event bus live, until Ctrl-C."""

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from scripts.deployments.target import chosen_target
from scripts.operators.tap import ReceivedEvent, tap
from services.core.aggregates import EVENTS

MAX_VALUE = 40


def follow(environment: str = "") -> None:
    """`make events`: a line for each event (age on arrival, type, task, changes), until Ctrl-C."""
    console = Console(highlight=False)
    target = chosen_target(environment, change="Adds a temporary queue and rule to the bus")
    with tap(target) as bus:
        console.print(f"Following {target.outputs['event_bus_name']}. Press Ctrl-C to stop.", style="dim")
        while True:
            for event in bus.receive():
                console.print(line(event), soft_wrap=True)


def line(event: ReceivedEvent) -> Text:
    """An event in a line."""
    detail = event.detail
    text = Text()
    text.append(f"{event.age_ms:7.0f} ms  ", style="dim")
    text.append(f"{event.detail_type:<13} ", style="bold cyan")
    entity = EVENTS[event.detail_type].entity
    text.append(f"{detail[f'{entity}Id']} v{detail['version']}  ")
    text.append(f"{detail['userId']}  ", style="green")
    shown = detail[entity]
    text.append(describe_changes(detail["changes"]) or shown.get("title") or shown.get("text", ""))
    return text


def describe_changes(changes: dict[str, dict[str, Any]]) -> str:
    """`status: pending → in_progress`, for each change."""
    return ", ".join(f"{name}: {_short(c['old'])} → {_short(c['new'])}" for name, c in changes.items())


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(character if character.isprintable() else "·" for character in text)
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
