"""Commands for the code: checks, package, generated documents, costs, benchmark."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from scripts.base.files import named_path
from scripts.command_line.options import parsed

app = typer.Typer()
MOST_REQUESTS = 1e12

Processor = Literal["arm64", "x86_64"]
ARCHITECTURE = typer.Option("--architecture", "--arch", help="processor of the functions")


@app.command()
def lint(fix: Annotated[bool, typer.Option(help="format instead")] = False) -> int:
    """Run every static check."""
    from scripts.quality.lint import lint

    return lint(fix=fix)


@app.command()
def scan(
    accept_secrets: Annotated[
        bool, typer.Option(help="add the findings of the secrets scan to its baseline")
    ] = False,
) -> int:
    """Scan for vulnerabilities: checkov, bandit, pip-audit, secrets, Trivy where it is installed."""
    from scripts.quality.scan import scan

    return scan(accept_secrets=accept_secrets)


@app.command()
def mutants(
    module: Annotated[
        str, typer.Option(metavar="PATH", help="a file or folder of services/; default: all")
    ] = "",
    jobs: Annotated[int | None, typer.Option(min=1, help="processes at a time; one a processor")] = None,
) -> int:
    """Change the functions' code, one small thing at a time, and report what no test notices."""
    from scripts.quality.mutants import mutants

    return mutants(module, jobs)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lock(context: typer.Context) -> None:
    """Pin the dependencies; arguments such as --upgrade go to `uv pip compile`."""
    from scripts.quality.lock import lock

    lock(context.args)


@app.command()
def clean() -> None:
    """Stop the cloud; remove what was built, fetched and cached."""
    from scripts.quality.clean import clean

    clean()


@app.command()
def ci(
    program: Annotated[Path | None, typer.Argument(help="provides Docker and images where missing")] = None,
) -> int:
    """Run every test, on LocalStack too where Docker and its images are available."""
    from scripts.quality.ci import run

    return run(program)


@app.command()
def package(
    cloud: Annotated[
        Literal["embedded", "localstack", "aws"], typer.Option(help="where the functions run")
    ] = "embedded",
    python: Annotated[str, typer.Option(metavar="3.13", help="the functions' Python")] = "",
    architecture: Annotated[Processor | None, ARCHITECTURE] = None,
    out: Annotated[
        Path | None, typer.Option(parser=parsed(named_path), metavar="FOLDER", help="where to write it")
    ] = None,
) -> None:
    """Build the package of the functions."""
    from scripts.build.package import OUT, package

    package(cloud, python or None, architecture, out or OUT)


@app.command()
def docs() -> None:
    """Write docs/variables.md, the maps of the system, and the figures of costs.md and scaling.md."""
    from scripts.documents.everything import write_figures

    write_figures()


@app.command()
def openapi() -> None:
    """Write docs/openapi.json, docs/asyncapi.json and docs/events from the models."""
    from scripts.documents.everything import write_contracts

    write_contracts()


@app.command()
def clients() -> None:
    """Write the typed clients in clients/ from docs/openapi.json."""
    from scripts.documents.clients.files import write

    write()


@app.command()
def compatibility(revision: Annotated[str, typer.Argument(help="such as origin/main")]) -> None:
    """Check that the API and the events are compatible with another revision."""
    from scripts.documents.compatibility import compare

    compare(revision)


@app.command()
def roles() -> None:
    """Write the policies of the roles that plan and deploy, in infra/roles."""
    from scripts.documents.rights.files import write

    write()


@app.command()
def screenshot() -> None:
    """Take the pictures in docs, with a fresh local cloud."""
    from scripts.quality.screenshot import screenshot

    screenshot()


@app.command()
def cost(
    requests: Annotated[float, typer.Option(min=0, max=MOST_REQUESTS, help="requests a month")] = 1e6,
    memory: Annotated[int, typer.Option(min=128, max=10240, help="MB of each function")] = 512,
    architecture: Annotated[Processor, ARCHITECTURE] = "arm64",
    api: Annotated[Literal["http", "rest"], typer.Option(help="kind of API")] = "http",
    monitoring: Annotated[Literal["full", "lean"], typer.Option(help="what is watched")] = "full",
    retention: Annotated[int, typer.Option(min=1, max=3653, help="days that logs are kept")] = 30,
    milliseconds: Annotated[
        float | None,
        typer.Option("--milliseconds", "--ms", min=1, max=900_000, help="of a call; default: as measured"),
    ] = None,
) -> None:
    """Show what a month on AWS costs."""
    from scripts.economics.cost import show
    from scripts.economics.workload import Options

    options = Options(
        architecture=architecture,
        memory_mb=memory,
        api_type=api,
        log_retention_days=retention,
        monitoring=monitoring,
    )
    show(requests, options, milliseconds)


@app.command()
def cost_change(
    revision: Annotated[str, typer.Argument(help="what to compare with, such as origin/main")],
    monitoring: Annotated[Literal["full", "lean"], typer.Option(help="what is watched")] = "full",
) -> None:
    """Print what a month on AWS costs, and the difference from another revision, in a line."""
    from scripts.economics.change import change

    typer.echo(change(revision, monitoring))


@app.command()
def emulators(
    reports: Annotated[
        list[Path] | None,
        typer.Argument(help="of pytest's --junitxml, the oldest first; none runs the tests on each cloud"),
    ] = None,
) -> None:
    """Write the results of integration tests on emulators into docs/emulators.md."""
    from scripts.documents.emulators import emulators

    emulators(reports or ())


@app.command()
def measure() -> None:
    """Measure how long calls take on the running local cloud, for `cost`."""
    from scripts.economics.measure import measure

    measure()


@app.command()
def bench(
    repeats: Annotated[int, typer.Option(min=1, help="fresh processes of each package")] = 3,
    calls: Annotated[int, typer.Option(min=1, help="warm calls of each process")] = 10,
    jobs: Annotated[int | None, typer.Option(min=1, help="processes at a time; one a processor")] = None,
) -> int:
    """Count instructions of a cold start and of calls, compared with a plain sample."""
    from scripts.bench.run import bench

    return bench(repeats, calls, jobs)


@app.command("bench-dev")
def bench_dev(
    edits: Annotated[int, typer.Option(min=1, max=10_000, help="of each kind of function")] = 100,
) -> int:
    """Measure `dev`: from a saved edit to the new behaviour, for each kind of function."""
    from scripts.bench.dev import bench_dev

    return bench_dev(edits)
