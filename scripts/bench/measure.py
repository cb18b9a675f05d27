"""Counting the instructions of one process's life, by valgrind."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.bench.canned_aws import CannedAws

SUBJECT = Path(__file__).with_name("subject.py")
ENDPOINTS = ("create_task", "get_task", "list_tasks")
TIMEOUT_SECONDS = 280

# What infra/functions.tf sets for our functions; tests/infra/test_trust.py compares it with the plan.
OUR_ENVIRONMENT = {
    "AUTH_MODE": "none",
    "ENVIRONMENT": "prod",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "TaskManager",
    "POWERTOOLS_SERVICE_NAME": "create-task",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "PYDANTIC_DISABLE_PLUGINS": "1",
    "TASKS_TABLE": "tasks",
    "IDEMPOTENCY_TABLE": "idempotency",
    "STATUS_SHARDS": "1",
}
REFERENCE_ENVIRONMENT = {"TASKS_TABLE": "plain-tasks", "EVENT_BUS": "events"}

# What Lambda sets for every function.
LAMBDA_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "task-manager-prod-create-task",
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
    "LANG": "en_US.UTF-8",
    "PATH": os.defpath,
    "TZ": ":UTC",
}


@dataclass(frozen=True)
class Subject:
    """What is measured: its name to subject.py, where its modules are, and its variables."""

    name: str
    interpreter: str
    path: tuple[Path, ...]
    environment: dict[str, str]
    # The authorities that it trusts on AWS; the canned services' own is added.
    authorities: Path


def require_valgrind() -> None:
    """A Failure that says how to get it, if it is not there."""
    if shutil.which("valgrind") is None:
        raise Failure(
            "valgrind is not installed; it counts instructions, however busy the machine is: "
            "`apt-get install valgrind` on Debian or Ubuntu, `dnf install valgrind` on Fedora or Amazon Linux"
        )


def rehearse(subject: Subject, aws: CannedAws) -> dict[str, Any]:
    """A life without valgrind: it leaves bytecode where libraries have none yet, and shows that it works."""
    with tempfile.TemporaryDirectory() as folder:
        return _live([], subject, aws, Path(folder), calls=1)


def measure(subject: Subject, aws: CannedAws, calls: int) -> dict[str, float]:
    """Instructions in millions: `import`, `cold`, and each endpoint's by call; above a bare interpreter's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counter = [*counting(f"{folder}/counted.%p"), f"--log-file={folder}/valgrind.log"]
        result = _live(counter, subject, aws, folder, calls)
        counted = {label: counted_in(folder / f"counted.{n}") for label, n in result["snapshots"].items()}
    figures = {label: counted[label] - counted["bare"] for label in ("import", "cold")}
    for endpoint in ENDPOINTS:
        once, twice = (counted[f"{endpoint} {n + 1}"] - counted[f"{endpoint} {n}"] for n in (0, 1))
        figures[endpoint] = (twice - once) / calls
    return figures


def _live(counter: list[str], subject: Subject, aws: CannedAws, folder: Path, calls: int) -> dict[str, Any]:
    result = folder / "result.json"
    # Isolated, without site-packages: what is imported comes from the subject's path alone.
    command = [*counter, subject.interpreter, "-I", "-S", "-X", "utf8", str(SUBJECT)]
    command += [subject.name, str(result), str(calls), *map(str, subject.path)]
    environment = LAMBDA_ENVIRONMENT | subject.environment
    environment |= {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_CA_BUNDLE": str(_bundle(subject, aws, folder)),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    done = subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        said = "\n  ".join((done.stdout + done.stderr).splitlines()[-12:])
        raise Failure(f"{subject.name} failed:\n  {said}")
    loaded: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return loaded


def _bundle(subject: Subject, aws: CannedAws, folder: Path) -> Path:
    """The authorities that the subject trusts on AWS, and the canned services' own."""
    bundle = folder / "authorities.pem"
    trusted = (path.read_text(encoding="utf-8") for path in (subject.authorities, aws.authority))
    bundle.write_text("\n".join(trusted), encoding="utf-8")
    return bundle


def counting(out: str) -> list[str]:
    """The command before a command that has its instructions counted into a file, by valgrind's pattern."""
    return ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--quiet", f"--cachegrind-out-file={out}"]


def counted_in(file: Path) -> float:
    """The millions of instructions in a file of `counting`."""
    found = re.search(r"^summary: (\d+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise Failure("valgrind wrote no summary: check that the disk has space")
    return int(found[1]) / 1e6
