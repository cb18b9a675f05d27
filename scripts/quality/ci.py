"""All tests, then the integration tests on LocalStack where Docker and its images can be had.

`python -m scripts ci [PROGRAM]`: where they are missing, PROGRAM is run to bring them, as on
machines that reach no registry. What keeps LocalStack away is told before the tests, whose summary is the
last line.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from testcontainers.core.config import testcontainers_config

from scripts.base import docker
from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.clouds.localstack import SERVICE, images, services_in_compose_file
from scripts.quality.browser import trouble_with_browser

PROVIDED = ("lambda", "localstack", "ryuk")  # what the program calls the images that the tests use
PROVIDE_SECONDS = 15 * 60.0

# Debian's packages. Only CI installs them; elsewhere the user does.
BROWSER_PACKAGES = ("chromium-headless-shell", "chromium-driver")


def run(program: Path | None = None) -> int:
    """Run everything that can be run here; the exit code of the first part that failed.

    `program` is run where Docker or the images are missing, to provide them.
    """
    program = program and program.resolve()
    reason = trouble_with_images()
    if reason and program and program.exists():
        reason = provide(program) or trouble_with_images()
    if reason:
        print(f"Tests on LocalStack: not run: {reason}", flush=True)
    if trouble := trouble_with_browser() and install_browser():
        print(f"Tests of the console in a browser: not run: {trouble}", flush=True)
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
        return f"the images could not be provided ({last}; full log: {log.relative_to(ROOT)})"
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return None


def install_browser() -> str | None:
    """Install Debian's Chromium; the reason if that cannot be done."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return f"{trouble_with_browser()}, and it cannot be installed here: that needs apt-get and root"
    print(f"{' and '.join(BROWSER_PACKAGES)}, by apt-get …", flush=True)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *BROWSER_PACKAGES]
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = ROOT / ".local/browser.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        for command in (["apt-get", "update"], install):
            try:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    env=surroundings, timeout=PROVIDE_SECONDS,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"apt-get: {error}"
    return f"apt-get failed, see {log.relative_to(ROOT)}" if done.returncode else trouble_with_browser()


def _make(target: str) -> int:
    return subprocess.run(["make", target], cwd=ROOT).returncode
