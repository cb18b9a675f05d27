"""Commands that add a part to the system: its files, its entries and a test that waits for its rule."""

from typing import Annotated

import typer

from scripts.command_line.options import parsed
from scripts.scaffolding.names import Route, entity_name, event_name, function_name

app = typer.Typer()

Name = Annotated[
    str,
    typer.Option(parser=parsed(function_name), metavar="NAME", help="of the function, such as get_task_age"),
]
Event = Annotated[str, typer.Option(parser=parsed(event_name), metavar="EVENT", help="such as TaskReopened")]


@app.command("add-endpoint")
def add_endpoint(
    name: Name,
    route: Annotated[
        Route,
        typer.Option(parser=parsed(Route.parsed), metavar="ROUTE", help='such as "GET /tasks/{taskId}/age"'),
    ],
) -> None:
    """Add a function that answers a route of the API."""
    from scripts.scaffolding.endpoint import add_endpoint

    add_endpoint(name, route)


@app.command("add-event")
def add_event(event: Event) -> None:
    """Add a kind of event that comes with some changes of a task."""
    from scripts.scaffolding.event import add_event

    add_event(event)


@app.command("add-table")
def add_table(
    entity: Annotated[
        str, typer.Option(parser=parsed(entity_name), metavar="ENTITY", help="one word, such as comment")
    ],
) -> None:
    """Add a kind of entity that belongs to a task: its table, store and events."""
    from scripts.scaffolding.table import add_table

    add_table(entity)


@app.command("add-reaction")
def add_reaction(name: Name, event: Event) -> None:
    """Add a function that reacts to an event, with a queue of its own."""
    from scripts.scaffolding.reaction import add_reaction

    add_reaction(name, event)
