"""`make dev`: functions run the working tree at their next call, and the deployed package afterwards."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from scripts.base import waiting
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.bench.dev import GET_TASK, RETURN
from scripts.clouds.dev.session import DevSession, tree_in_use
from scripts.deployments.target import Target
from scripts.operators.dev.command import debug_ports, listening, session_of, wake
from scripts.operators.dev.loop import looping
from scripts.operators.log_lines import LogReader
from tests.harness.debugger import Debugger
from tests.harness.faults import denied, quick_retries
from tests.harness.processes import functions_of
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually
from tests.harness.working_tree import WorkingTree

pytestmark = pytest.mark.requires("functions_as_processes")

# Function of each kind → a file that it runs, and where its log line gets its message there.
KINDS = {
    "create_task": ("services/api/entry_point.py", "info(request.route,"),
    "relay": ("services/relay/relay.py", 'info(\n            "relayed",'),
    "on_created": ("services/reactions/consumer.py", 'info(\n        "reacted",'),
    "validate_task": ("services/approvals/step.py", "info(work.__name__,"),
}

HOLD = """
import sys, time
from pathlib import Path
from scripts.clouds.dev.session import DevSession
with DevSession(Path(sys.argv[1]), Path(sys.argv[2]), "live", ()).held():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def tree(tmp_path: Path) -> WorkingTree:
    return WorkingTree.copied(tmp_path)


@pytest.fixture(scope="module")
def target(stack: DeployedStack) -> Target:
    return Target(stack.outputs, stack.client)


@pytest.fixture
def folder(cloud_folder: Path) -> Path:
    return cloud_folder / "embedded-cloud"


@pytest.fixture
def session(target: Target, tree: WorkingTree, folder: Path) -> DevSession:
    return session_of(target, tree.root, folder, {})


def created(api: httpx.Client, **fields: str) -> str:
    body = {"title": "edited", "userId": f"dev-{uuid4().hex[:12]}", **fields}
    return str(api.post("/tasks", json=body).raise_for_status().json()["taskId"])


@pytest.mark.parametrize("function", KINDS)
def test_an_edit_is_live_at_the_next_call_of_the_same_process(
    function: str, api: httpx.Client, target: Target, tree: WorkingTree, session: DevSession, folder: Path
) -> None:
    file, logged = KINDS[function]
    reader, since = LogReader(target, [function]), datetime.now(UTC)
    with session.held():
        first = created(api, priority="high")
        # Of this call: a process of before may still work on what earlier tests began.
        eventually(lambda: reader.read(since, first), f"a line of {function}")
        processes = functions_of(folder, function)

        tree.edit(file, logged, 'info("anew",')

        created(api, priority="high")
        lines = eventually(
            lambda: [line for line in reader.read(since) if line.message == "anew"], f"the edit of {function}"
        )
        assert lines[0].function == function
        assert set(processes) & set(functions_of(folder, function))


def test_an_error_is_shown_with_its_line_and_the_last_good_code_answers(
    api: httpx.Client, target: Target, tree: WorkingTree, session: DevSession
) -> None:
    path = f"/tasks/{created(api)}"
    with looping(session, target) as shown:
        tree.edit(GET_TASK, RETURN, f'    task = task.model_copy(update={{"title": "good"}})\n{RETURN}')
        assert api.get(path).json()["title"] == "good"
        eventually(lambda: "get_task.py is live at the next call" in shown.getvalue(), "the good edit")

        tree.edit(GET_TASK, RETURN, f"    )\n{RETURN}")

        place = f"{GET_TASK}:{tree.line_of(GET_TASK, RETURN) - 1}: SyntaxError: unmatched ')'"
        eventually(lambda: place in shown.getvalue(), "the error")
        assert api.get(path).json()["title"] == "good"
        tree.restore(GET_TASK)
        assert api.get(path).json()["title"] == "edited"


def test_a_process_that_starts_while_the_tree_is_broken_runs_the_last_good_code(
    api: httpx.Client, target: Target, tree: WorkingTree, session: DevSession
) -> None:
    path = f"/tasks/{created(api)}"
    tree.edit(GET_TASK, RETURN, f'    task = task.model_copy(update={{"title": "good"}})\n{RETURN}')
    with looping(session, target):
        assert api.get(path).json()["title"] == "good"
    tree.edit(GET_TASK, RETURN, "    return oops(")

    with session.held():
        answer = api.get(path)

    assert answer.json()["title"] == "good"


def test_what_happens_is_shown_with_durations_and_the_cause(
    api: httpx.Client, target: Target, session: DevSession
) -> None:
    with looping(session, target) as shown:
        cause = api.post("/tasks", json={"title": "a", "userId": "ada"}).headers["x-correlation-id"]

        def lines() -> list[str]:
            return [line for line in shown.getvalue().splitlines() if cause in line]

        wanted = ("POST /tasks  201", "TaskCreated v1 → bus", "on-created         reacted to TaskCreated v1")
        eventually(lambda: all(any(text in line for line in lines()) for text in wanted), "the three lines")
        assert all(" ms  id=" in line for line in lines())


def test_edits_of_the_console_are_served(
    api: httpx.Client, target: Target, tree: WorkingTree, session: DevSession
) -> None:
    with looping(session, target):
        tree.edit("services/console/index.html", "<title>", "<title>Edited: ")

        eventually(lambda: "<title>Edited: " in api.get("/").text, "the edited page")


def test_functions_keep_the_rights_of_their_roles(
    stack: DeployedStack, api: httpx.Client, session: DevSession
) -> None:
    path = f"/tasks/{created(api)}"
    with session.held():
        assert api.get(path).status_code == 200

        with denied(stack, "get_task", "dynamodb:GetItem"):
            refused = eventually(lambda: api.get(path).status_code >= 500, "the refusal")

        assert refused


def test_after_the_end_the_deployed_package_answers(
    api: httpx.Client, tree: WorkingTree, session: DevSession, folder: Path
) -> None:
    path = f"/tasks/{created(api)}"
    tree.edit(GET_TASK, RETURN, f'    task = task.model_copy(update={{"title": "of the tree"}})\n{RETURN}')
    with session.held():
        assert api.get(path).json()["title"] == "of the tree"
        assert tree_in_use(folder) == str(tree.root)

    assert api.get(path).json()["title"] == "edited"
    assert tree_in_use(folder) is None


def test_a_killed_command_leaves_the_deployed_package(
    api: httpx.Client, tree: WorkingTree, folder: Path, stack: DeployedStack
) -> None:
    path = f"/tasks/{created(api)}"
    tree.edit(GET_TASK, RETURN, f'    task = task.model_copy(update={{"title": "of the tree"}})\n{RETURN}')
    command = [sys.executable, "-c", HOLD, str(tree.root), str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stdout
        assert held.stdout.readline() == "held\n"
        assert api.get(path).json()["title"] == "of the tree"

        held.send_signal(signal.SIGKILL)
        held.wait()

        assert api.get(path).json()["title"] == "edited"


@pytest.fixture
def port(target: Target, tree: WorkingTree, folder: Path) -> Iterator[int]:
    """A port at which a debugger of on_completed can attach."""
    ports = debug_ports(target, "on_completed", free_port())
    with session_of(target, tree.root, folder, ports).held():
        wake(target)
        listening(ports)
        yield next(iter(ports.values()))
    wake(target)


def test_a_breakpoint_is_hit_with_the_event_in_reach(
    stack: DeployedStack, api: httpx.Client, tree: WorkingTree, port: int
) -> None:
    file = "services/core/reactions.py"
    line = tree.line_of(file, "    if statistics.count_completed(")
    task_id = created(api)
    url = stack.outputs["queue_urls"]["completed"]

    def visible() -> int:
        name = "ApproximateNumberOfMessages"
        answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    with Debugger(port) as debugger, quick_retries(stack, "completed", seconds=1):
        (taken,) = debugger.attach({tree.root / file: [line]}, justMyCode=True)
        api.put(f"/tasks/{task_id}", json={"status": "completed"}).raise_for_status()

        stopped = debugger.event("stopped")

        frames = debugger.request("stackTrace", threadId=stopped["threadId"])["stackFrames"]
        (handler,) = [one for one in frames if one["name"] == "handler"]
        assert taken["verified"]
        assert (stopped["reason"], frames[0]["line"]) == ("breakpoint", line)
        assert debugger.evaluate(frames[0], "event.task_id") == repr(task_id)
        assert task_id in debugger.evaluate(handler, "event['Records'][0]['body']")
        # Longer than the queue's time-out: the message is not delivered again.
        assert not waiting.until(visible, seconds=3)
        assert int(debugger.evaluate(handler, "context.get_remaining_time_in_millis()")) > 3600 * 1000
        debugger.request("continue", threadId=stopped["threadId"])
        eventually(lambda: api.get(f"/tasks/{task_id}").json()["status"] == "completed", "the status")
        eventually(lambda: archived(stack, task_id), "the reaction's end")


def archived(stack: DeployedStack, task_id: str) -> bool:
    found = stack.client("s3").list_objects_v2(Bucket=stack.outputs["archive_bucket"], Prefix="tasks/")
    return any(task_id in item["Key"] for item in found.get("Contents", []))
