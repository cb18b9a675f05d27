"""`make rollback [ENV=dev|prod]`: send calls to the release before, at once. Data is left as it is."""

from scripts.base.paths import WORK_FOLDER
from scripts.base.progress import Steps
from scripts.deployments.aws.versions import (
    live_versions,
    point_to,
    release_before,
    releases,
    require_published,
)
from scripts.deployments.record import forget_code
from scripts.deployments.target import Target, chosen_target, is_local


def rollback(target: Target) -> dict[str, str]:
    """Point the aliases to the versions of the previous release; gives what was changed."""
    live = live_versions(target.client, target.outputs)
    wanted = release_before(releases(target.client, target.outputs), live)
    require_published(target.client, target.outputs, wanted)
    return point_to(target.client, target.outputs, wanted)


def rollback_deployment(environment: str = "") -> None:
    """`make rollback`: send all calls to the previous release, and show which versions these are."""
    steps = Steps()
    target = chosen_target(environment, change="Sends all calls to the previous release")
    with steps.step("Rollback"):
        changed = rollback(target)
    if is_local(environment):
        forget_code(WORK_FOLDER)
    for name, version in sorted(changed.items()):
        steps.say(f"  {name}: version {version}")
    steps.say("Fix the cause before the next deployment, which moves calls forward again.")
