"""Commands for the local cloud."""

from typing import Annotated, Literal

import typer

from scripts.command_line.options import HIGHEST_PORT, LOWEST_PORT, Environment, parsed, seconds

app = typer.Typer()


@app.command()
def up(
    cloud: Annotated[
        Literal["embedded", "localstack", "endpoint"], typer.Option(help="the local cloud")
    ] = "embedded",
    port: Annotated[int, typer.Option(min=LOWEST_PORT, max=HIGHEST_PORT, help="its port")] = 4566,
    auth: Annotated[
        Literal["none", "jwt", "cognito"], typer.Option(help="which tokens the API requires")
    ] = "none",
    endpoint: Annotated[
        str, typer.Option(metavar="URL", help="of an emulator that runs, for the cloud `endpoint`")
    ] = "",
    verbose: Annotated[bool, typer.Option(help="show the slowest resources")] = False,
) -> None:
    """Start a local cloud and deploy the application to it."""
    from scripts.deployments.up import up

    up(cloud, port, auth, endpoint=endpoint, show_slowest=verbose)


@app.command()
def dev(
    debug: Annotated[
        str, typer.Option(help="functions that a debugger attaches to: on_completed,relay")
    ] = "",
) -> None:
    """Have the functions run the working tree, and show what happens."""
    from scripts.operators.dev.command import dev

    dev(debug)


@app.command()
def down() -> None:
    """Stop the local cloud."""
    from scripts.deployments.down import down

    down()


@app.command()
def status(env: Environment = "") -> int:
    """Show what is running, and where."""
    from scripts.operators.status import status

    return status(env)


@app.command()
def reset() -> None:
    """Empty the local cloud's tables, queues and archive."""
    from scripts.operators.reset import reset

    reset()


@app.command()
def save(name: Annotated[str, typer.Option(help="its name, such as demo")], env: Environment = "") -> None:
    """Save the local cloud, with all that it holds, under a name."""
    from scripts.operators.states import save

    save(name, env)


@app.command("load-state")
def load_state(
    name: Annotated[str, typer.Option(help="the name it was saved under")], env: Environment = ""
) -> None:
    """Have the local cloud be as it was saved."""
    from scripts.operators.states import load

    load(name, env)


@app.command("break")
def break_(
    fn: Annotated[str, typer.Option(help="a function, or part of its name")] = "",
    action: Annotated[str, typer.Option(help="such as s3:PutObject; all its rights, by default")] = "",
    throttle: Annotated[
        int | None, typer.Option(min=0, max=1000, help="executions at a time instead; 0 stops it")
    ] = None,
    latency: Annotated[
        float | None,
        typer.Option(
            parser=parsed(seconds), metavar="TIME", help="how much slower instead, such as 2s, 300ms"
        ),
    ] = None,
    bus: Annotated[
        str, typer.Option(help="a queue that the bus shall not deliver to, such as completed")
    ] = "",
) -> None:
    """Break a function of the local cloud or a delivery of its bus."""
    from scripts.operators.faults import break_

    break_(fn, action, throttle, latency, bus)


@app.command()
def mend() -> None:
    """End everything that `break` did."""
    from scripts.operators.faults import mend

    mend()


@app.command()
def rights(
    fn: Annotated[str, typer.Option(help="a function, or part of its name")] = "",
    write: Annotated[bool, typer.Option(help="write the exact rights into services/functions.json")] = False,
) -> None:
    """Show what each function used, is granted and was denied, on the local cloud and in the tests."""
    from scripts.operators.rights.show import rights

    rights(fn, write=write)


@app.command()
def browse(
    port: Annotated[
        int | None, typer.Option(min=LOWEST_PORT, max=HIGHEST_PORT, help="its port; any, by default")
    ] = None,
) -> None:
    """Show every resource of the local cloud, raw, in StackPort."""
    from scripts.console.browse import browse

    browse(port)


@app.command()
def url(env: Environment = "") -> None:
    """Print the API's address."""
    from scripts.deployments.show import url

    url(env)


@app.command("env")
def environment() -> None:
    """Print exports that point the AWS CLI and SDKs at the local cloud."""
    from scripts.deployments.show import env

    env()


@app.command()
def outputs(env: Environment = "") -> None:
    """Print Terraform's outputs as JSON."""
    from scripts.deployments.show import outputs

    outputs(env)
