"""`make save NAME=` and `make load-state NAME=`: the local cloud, with all that it holds, under a name."""

import re
from pathlib import Path

from scripts.base.confirm import confirm
from scripts.base.failure import Failure
from scripts.base.paths import STATES, WORK_FOLDER
from scripts.base.progress import Steps
from scripts.clouds.choice import started
from scripts.clouds.cloud import Cloud
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.states.snapshots import unfit
from scripts.deployments import states
from scripts.deployments.record import StackRecord, alone, forget, running_stack
from scripts.deployments.stack import Stack, terraform_folder
from scripts.deployments.target import chosen_target, is_local
from scripts.operators.reset import number_of_tasks
from scripts.terraform import end_stray

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def save(name: str, environment: str = "") -> None:
    """`make save NAME=demo`: keep the local cloud as it is now; it goes on running."""
    _require_local(environment)
    folder = _folder(name)
    record, cloud = running_stack(), _running()
    if cloud is None or not cloud.keeps_states:
        raise Failure("only the embedded cloud keeps states: run `make down`, then `make up`")
    if not (record.digest and record.package):
        raise Failure("the deployment is not complete: run `make up` first")
    steps = Steps()
    with alone(WORK_FOLDER, "`make save`"):
        before = folder.exists()
        tasks = number_of_tasks(chosen_target())
        with steps.step(f"Save {name}, {tasks} tasks"):
            held = states.save(cloud, record, folder)
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    what = "Replaced the state" if before else "Saved the state"
    steps.say(f"{what} {name!r}, {size:.1f} MB; calls waited {held:.1f} s. `make load-state NAME={name}`")


def load(name: str, environment: str = "") -> None:
    """`make load-state NAME=demo`: have the local cloud be as it was when that was saved.

    A cloud that is up is replaced, on its port; otherwise it starts on the port that was saved.
    """
    _require_local(environment)
    saved = _find(name)
    running = _running()
    if running and not running.keeps_states:
        raise Failure(f"the cloud {running.name} is up on {running.endpoint}: run `make down` first")
    _ask(running, name)
    port = running.port if running else saved.port
    cloud = EmbeddedCloud(port, WORK_FOLDER / "embedded-cloud")
    steps = Steps()
    with alone(WORK_FOLDER, "`make load-state`"):
        end_stray(terraform_folder(WORK_FOLDER))
        if running:
            with steps.step(f"Stop: {running.name} on {running.endpoint}"):
                running.stop()
        forget(WORK_FOLDER)
        with steps.step(f"Cloud: {cloud.name} on {cloud.endpoint}, from the state {name!r}"):
            record = states.start(cloud, WORK_FOLDER, saved.folder)
        stack = Stack(cloud, WORK_FOLDER, auth_mode=record.outputs["auth"]["mode"])
        current = stack.is_current(record)
    steps.say(f"API: {record.outputs['api_url']}")
    if not current:
        steps.say("It was saved with other code or infrastructure: `make up` brings it up to date.")


def names() -> list[str]:
    """The names of the states that there are."""
    found = STATES.iterdir() if STATES.exists() else []
    return sorted(folder.name for folder in found if NAME.fullmatch(folder.name))


def _find(name: str) -> states.SavedState:
    """The state with that name; a Failure if there is none, or if it cannot be loaded here."""
    folder = _folder(name)
    if not folder.exists():
        there = f"there are {', '.join(names())}" if names() else "none is: `make save NAME=…` makes one"
        raise Failure(f"no state is saved as {name!r}; {there}")
    saved = states.SavedState.load(folder)
    if problem := unfit(saved.manifest, states.here()):
        raise Failure(
            f"the state {name!r} cannot be loaded: {problem}. Load it with the version of this project that "
            "saved it, or begin anew: `make up`, and `make save` once more"
        )
    return saved


def _ask(running: Cloud | None, name: str) -> None:
    """Before tasks are lost, say so; without a deployment there are none."""
    record = StackRecord.load(WORK_FOLDER)
    if running is None or record is None or record.instance != running.instance:
        return
    tasks = number_of_tasks(chosen_target())
    if tasks:
        what = f"Replaces the cloud on {running.endpoint}, with its {tasks} tasks, by the state {name!r}."
        confirm(what, "load", "this discards tasks")


def _running() -> Cloud | None:
    return next((cloud for cloud in started(WORK_FOLDER) if cloud.instance), None)


def _folder(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise Failure(f"NAME={name!r} is no name: letters, digits, - and _, 40 at most, such as demo")
    return STATES / name


def _require_local(environment: str) -> None:
    if not is_local(environment):
        raise Failure(
            f"ENV={environment} is on AWS, where nothing can be stopped to be saved: "
            f"`make export ENV={environment} FILE=tasks.json` writes its tasks to a file"
        )
