"""`make down`: stop the local cloud, with everything that was started with it."""

from scripts.base.paths import WORK_FOLDER
from scripts.base.progress import Steps
from scripts.clouds.choice import started
from scripts.deployments.record import forget
from scripts.deployments.stack import terraform_folder
from scripts.terraform import end_stray


def down() -> None:
    """Stop what runs, and what a crash left behind; it is fine if there is nothing."""
    steps = Steps()
    end_stray(terraform_folder(WORK_FOLDER))
    clouds = started(WORK_FOLDER)
    for cloud in clouds:
        if not cloud.is_ours:
            cloud.stop()
            steps.say(f"{cloud.endpoint} was not started here: it runs on, with the application in it.")
            continue
        with steps.step(f"Stop: {cloud.name} on {cloud.endpoint}"):
            cloud.stop()
    forget(WORK_FOLDER)
    if not clouds:
        steps.say("No local cloud is up.")
