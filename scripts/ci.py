"""All tests, then the integration tests on LocalStack where Docker and its images can be had.

`python -m scripts.ci [PROGRAM]`: where they are missing, PROGRAM is run to bring them, as on machines that
reach no registry. What keeps LocalStack away is told before the tests, whose summary is the last line.
"""

import subprocess
import sys
import time
from pathlib import Path

from testcontainers.core.config import testcontainers_config

from scripts.clouds import docker
from scripts.clouds.localstack import SERVICE, images, services_in_compose_file
from scripts.environment import ROOT
from scripts.failure import Failure, run_command

PROVIDED = ("lambda", "localstack", "ryuk")  # what the program calls the images that the tests use
PROVIDE_SECONDS = 15 * 60.0


def main() -> int:
    """Run everything that can be run here; exit as the first failing part did."""
    program = Path(sys.argv[1]).resolve() if sys.argv[1:] else None
    reason = trouble_with_images()
    if reason and program and program.exists():
        reason = provide(program) or trouble_with_images()
    if reason:
        print(f"Tests on LocalStack: not run: {reason}", flush=True)
    failed = _make("test")
    return failed if failed or reason else _make("test-localstack")


def trouble_with_images() -> str | None:
    """Why LocalStack cannot be run here; None if it can. Pulls what is missing."""
    try:
        if trouble := docker.trouble():
            return trouble
        for image in (*images(services_in_compose_file()[SERVICE]), testcontainers_config.ryuk_image):
            docker.require_image(image)
    except Failure as failure:
        return str(failure)
    return None


def provide(program: Path) -> str | None:
    """Run the program that brings Docker and the images; the reason if it could not."""
    log = ROOT / ".local/images.log"
    log.parent.mkdir(exist_ok=True)
    print(f"Docker and the images of LocalStack, by {program.name} …", flush=True)
    started = time.monotonic()
    try:
        with log.open("wb") as output:
            done = subprocess.run(
                [str(program), "--only", ",".join(PROVIDED)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PROVIDE_SECONDS,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the images could not be provided: {error}"
    if done.returncode:
        last = (log.read_text(errors="replace").split("\n")[-2:] or [""])[0].strip()
        return f"the images could not be provided ({last}; all of it: {log.relative_to(ROOT)})"
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return None


def _make(target: str) -> int:
    return subprocess.run(["make", target], cwd=ROOT).returncode


if __name__ == "__main__":
    run_command(main)
