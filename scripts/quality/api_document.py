"""Checks of OpenAPI documents by two linters, Redocly's and Spectral's: no error and no warning."""

import json
from functools import cache
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.node import installed_packages, run_program
from scripts.base.paths import ROOT, WORK_FOLDER

COMMITTED = ROOT / "docs/openapi.json"
SOURCE = Path(__file__).with_name("openapi")
PACKAGES = WORK_FOLDER / "openapi"

# It calls no other host.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@cache
def tools() -> Path:
    """The folder with the packages that `package-lock.json` pins; a Failure where they cannot be fetched."""
    return installed_packages(SOURCE, PACKAGES) / "node_modules"


def redocly(document: Path = COMMITTED) -> None:
    """Check a document by Redocly's recommended rules; a Failure with a line for each problem."""
    words = ("lint", "--extends=recommended", "--format=json", str(document))
    # It fails for errors only, and says the rest in its report.
    done = run_program(tools() / "@redocly/cli/bin/cli.js", *words, folder=SOURCE, settings=QUIET)
    try:
        problems = json.loads(done.stdout)["problems"]
    except (ValueError, KeyError) as error:
        raise Failure((done.stdout + done.stderr).strip()) from error
    if problems:
        raise Failure("\n".join(f"{p['location'][0]['pointer']}: {p['message']}" for p in problems))


def spectral(document: Path = COMMITTED) -> None:
    """Check a document by Spectral's rules for OpenAPI; a Failure with what it reports."""
    words = ("lint", "--ruleset=spectral.yaml", "--fail-severity=hint", "--quiet", str(document))
    done = run_program(tools() / "@stoplight/spectral-cli/dist/index.js", *words, folder=SOURCE)
    if done.returncode:
        raise Failure((done.stdout + done.stderr).strip())
