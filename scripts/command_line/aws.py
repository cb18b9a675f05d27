"""Commands that change a deployment on AWS."""

from typing import Annotated

import typer

from scripts.command_line.options import AwsEnvironment, Environment

app = typer.Typer()


@app.command()
def plan(env: AwsEnvironment = "") -> None:
    """Show what a deployment would change."""
    from scripts.deployments.deploy import plan

    plan(env)


@app.command()
def deploy(
    env: AwsEnvironment = "",
    force: Annotated[bool, typer.Option(help="ignore alarms")] = False,
) -> None:
    """Deploy to AWS: plan, confirm, apply, smoke test."""
    from scripts.deployments.deploy import deploy

    deploy(env, force=force)


@app.command()
def destroy(
    env: AwsEnvironment = "",
    unprotect: Annotated[bool, typer.Option(help="delete protected data, too")] = False,
) -> None:
    """Remove an environment from AWS."""
    from scripts.deployments.deploy import destroy

    destroy(env, unprotect=unprotect)


@app.command()
def destroy_stale_previews() -> None:
    """Destroy the previews whose pull request is closed or has lost its label; for GitHub Actions."""
    from scripts.deployments.previews import destroy_stale_previews

    destroy_stale_previews()


@app.command()
def rollback(env: Environment = "") -> None:
    """Send calls back to the previous release, also locally."""
    from scripts.deployments.rollback import rollback_deployment

    rollback_deployment(env)
