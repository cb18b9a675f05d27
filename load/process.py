"""Locust as a process: in its own environment, or as a master and workers in containers."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from load.shapes import GENTLE
from scripts.base.environment import ensure_environment, installers_surroundings
from scripts.base.failure import Failure
from scripts.base.loopback import without_proxy
from scripts.base.paths import PROJECT_ENVIRONMENT, REQUIREMENTS, ROOT

ENVIRONMENT = ROOT / ".local/load/environment"
# What the generated client imports and Locust's image lacks; docker-compose.yml has it on PYTHONPATH.
LIBRARIES = ROOT / ".local/load/libraries"
LOCUSTFILE = "load/locustfile.py"
COMPOSE_FILE = ROOT / "docker-compose.yml"
# LocalStack's address in Compose's network, and the run's folder inside the containers.
LOCALSTACK = "localstack:4566"
FOLDER = "/run-folder"
# Time for users to finish their current step, and for the report.
GRACE_SECONDS = 120
WORKERS_WAIT_SECONDS = 60

PROGRESS = re.compile(r"\d+ s: (.*)")


def local_command(api_url: str, folder: Path, users: int, web_port: int | None) -> list[str]:
    """Locust on this machine; with a port it has its page there, without it runs by itself.

    The page offers so many users; a run without it has those of its shape.
    """
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "load.txt")
    command = [str(ENVIRONMENT / "bin/locust"), "--locustfile", LOCUSTFILE, "--host", api_url]
    command += ["--loglevel", "WARNING", "--html", str(folder / "report.html")]
    command += ["--csv", str(folder / "locust")]
    if web_port is None:
        return [*command, "--headless", "--only-summary"]
    command += ["--users", str(users), "--spawn-rate", f"{GENTLE:g}"]
    return [*command, "--web-host", "127.0.0.1", "--web-port", str(web_port)]


def install_libraries(folder: Path = LIBRARIES) -> None:
    """Have the generated client's libraries in a folder for containers; a Failure if they cannot be fetched.

    All of them are pure Python, so that the image's Python may be another than ours.
    """
    lock = REQUIREMENTS / "client.txt"
    stamp = folder / "lock.txt"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(PROJECT_ENVIRONMENT / "bin/uv"), "pip", "install", "--quiet", "--no-config", "--no-deps"]
    command += [
        "--requirement",
        str(lock),
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--target",
        str(folder),
    ]
    done = subprocess.run(command, env=installers_surroundings(), capture_output=True, text=True)
    if done.returncode:
        why = done.stderr.strip()
        raise Failure(f"the client's libraries could not be fetched: check the network and uv's index\n{why}")
    shutil.copy(lock, stamp)


def compose_command(workers: int) -> list[str]:
    """Master and workers in containers, next to LocalStack's."""
    command = ["docker", "compose", "--file", str(COMPOSE_FILE), "--profile", "load", "up", "--no-deps"]
    command += ["--no-log-prefix", "--attach", "locust", "--exit-code-from", "locust"]
    return [*command, "--scale", f"locust-worker={workers}", "locust", "locust-worker"]


def compose_variables(api_url: str, folder: Path, workers: int) -> dict[str, str]:
    """The variables that the Compose file passes on to Locust."""
    return {
        "LOAD_TARGET": urlunsplit(urlsplit(api_url)._replace(netloc=LOCALSTACK)),
        "LOAD_VOLUME": str(folder),
        "LOAD_FOLDER": FOLDER,
        # The report belongs to the user who started the run.
        "LOAD_AS": f"{os.getuid()}:{os.getgid()}",
        "LOCUST_HEADLESS": "true",
        "LOCUST_ONLY_SUMMARY": "true",
        "LOCUST_EXPECT_WORKERS": str(workers),
        "LOCUST_EXPECT_WORKERS_MAX_WAIT": str(WORKERS_WAIT_SECONDS),
        "LOCUST_HTML": f"{FOLDER}/report.html",
        "LOCUST_CSV": f"{FOLDER}/locust",
    }


def remove_containers() -> None:
    """Master and workers; not LocalStack."""
    command = ["docker", "compose", "--file", str(COMPOSE_FILE), "--profile", "load"]
    command += ["rm", "--force", "--stop", "--volumes", "locust", "locust-worker"]
    subprocess.run(command, capture_output=True)


def run(
    command: list[str],
    variables: Mapping[str, str],
    log: Path,
    progress: Callable[[str], None],
    seconds: float | None,
) -> int:
    """What Locust exits with. Ctrl-C ends it as its own end would, report and all; `seconds` bounds it.

    What it prints goes into the log, its progress to `progress` as well.
    """
    own = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    surroundings = {**without_proxy(os.environ), **variables, **own}
    with (
        log.open("w") as written,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        watchdog = threading.Timer((seconds or 0) + GRACE_SECONDS, process.kill)
        if seconds is not None:
            watchdog.start()
        try:
            _follow(process, written.write, progress)
        except KeyboardInterrupt:
            process.terminate()
            _follow(process, written.write, progress)
        finally:
            watchdog.cancel()
            if process.poll() is None:
                process.kill()
        return process.wait()


def _follow(
    process: "subprocess.Popen[str]", write: Callable[[str], object], progress: Callable[[str], None]
) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    for line in process.stdout:
        write(line)
        if match := PROGRESS.match(line):
            progress(match[1])
    process.wait()


def tail(log: Path) -> str:
    """The end of what Locust printed."""
    return "\n  ".join(log.read_text(errors="replace").strip().splitlines()[-12:])


def require_figures(folder: Path, log: Path) -> Path:
    """Where Locust left its figures; a Failure if it ended before it had any."""
    path = folder / "figures.json"
    if not path.exists():
        raise Failure(f"Locust ended without a result; its output ({log.name}) ends:\n  {tail(log)}")
    return path
