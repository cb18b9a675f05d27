"""Commands for the project as a whole: making one from the template, and taking over its later versions."""

from typing import Annotated

import typer

app = typer.Typer()


# template only
@app.command()
def new(
    name: Annotated[str, typer.Option("--name", help="such as parcel-tracker; begins resources' names")],
    entity: Annotated[str, typer.Option("--entity", help="what it manages, one word in the singular")],
    into: Annotated[str, typer.Option("--into", help="the folder to write, which is missing or empty")],
    plural: Annotated[str, typer.Option("--plural", help="of the entity, where it is irregular")] = "",
) -> None:
    """Write a project of one's own into a new folder."""
    from scripts.template.new import new

    new(name, entity, into, plural)


# end of template only
@app.command()
def update(
    to: Annotated[str, typer.Option("--to", help="tag or commit of the template; its latest tag")] = "",
) -> None:
    """Take over a later version of the template that this project was made from."""
    from scripts.quality.update import update

    update(to or None)
