"""`make verify` in a process of its own, on an emulator: the deployment is described on standard input.

Only the search for the deployment is replaced, because the real one refuses emulators.
"""

import json
import signal
import sys
from functools import cache
from pathlib import Path

from scripts.__main__ import NAME, application
from scripts.base.command import run_application
from scripts.clouds.clients import client
from scripts.deployments.target import Target
from scripts.operators import verify

if __name__ == "__main__":
    # A shell has background processes ignore it, and they inherit that; tests interrupt this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given = json.loads(sys.stdin.read())
    certificate = Path(given["certificate"]) if given["certificate"] else None
    target = Target(given["outputs"], cache(lambda service: client(service, given["endpoint"], certificate)))
    verify.chosen_target = lambda *_, **__: target
    verify.REPORT = Path(given["report"])
    verify.WORK_FOLDER = Path(given["report"]).parent
    sys.argv.insert(1, "verify")
    run_application(application(), NAME)
