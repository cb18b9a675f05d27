"""`make status`: what is running, and where."""

from scripts.clouds.choice import started
from scripts.failure import run_command
from scripts.show import running_deployment
from scripts.stack import WORK_FOLDER
from scripts.steps import Steps


def main() -> int:
    """Say which cloud is up and what is deployed to it; exit 1 if it does not answer."""
    steps = Steps()
    clouds = started(WORK_FOLDER)
    if not clouds:
        steps.say("No local cloud is up: run `make up`.")
        return 0
    cloud = clouds[0]
    healthy = cloud.healthy() and cloud.instance is not None
    health = "healthy" if healthy else "not answering: `make up` starts it anew"
    steps.say(f"cloud      {cloud.name}, {health}")
    steps.say(f"endpoint   {cloud.endpoint}")
    if not healthy:
        return 1
    outputs = running_deployment().outputs
    steps.say(f"API        {outputs['api_url']}")
    for number, name in enumerate(sorted(outputs.get("function_names", {}).values())):
        steps.say(f"{'functions' if number == 0 else '':11}{name}")
    return 0


if __name__ == "__main__":
    run_command(main)
