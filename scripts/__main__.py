"""The door: `python -m scripts …`, installed as `task-manager` in .venv/bin."""

import typer

from scripts.base.command import run_application
from scripts.command_line import aws, develop, local, operate, project, scaffold

NAME = "task-manager"


def application() -> typer.Typer:
    """All commands under one name."""
    app = typer.Typer(
        name=NAME,
        help="The commands behind `make`.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for group in (local, operate, aws, develop, project, scaffold):
        app.add_typer(group.app)
    return app


if __name__ == "__main__":
    run_application(application(), NAME, ["--help"])
