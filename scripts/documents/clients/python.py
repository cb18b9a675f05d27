"""The Python client, by openapi-python-client: a package with a function for each operation."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import REQUIREMENTS, WORK_FOLDER

ENVIRONMENT = WORK_FOLDER / "clients/environment"
SETTINGS = Path(__file__).with_name("python.yml")
TEMPLATES = Path(__file__).with_name("templates")
# The same wherever the package is written: no settings of a folder above count.
FORMAT = ("--isolated", "--line-length", "110", "--target-version", "py311")
LINT = ("--fix", "--exit-zero", "--select", "F,I,UP")


def generator() -> Path:
    """The folder of the generator's commands; a Failure where its packages cannot be fetched."""
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "client-generator.txt")
    return ENVIRONMENT / "bin"


def write_python(document: Path, folder: Path) -> None:
    """Write the client of an OpenAPI document into a folder; a Failure with what cannot be expressed."""
    commands = generator()
    described = json.loads(document.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "openapi.json"
        file.write_text(json.dumps(_with_the_gateways_refusals(described)), encoding="utf-8")
        words = ["generate", "--path", str(file), "--output-path", str(folder), "--overwrite"]
        words += ["--meta", "uv", "--config", str(SETTINGS), "--custom-template-path", str(TEMPLATES)]
        _run([str(commands / "openapi-python-client"), *words, "--fail-on-warning"])
    (folder / ".gitignore").unlink()
    for command in (["check", *LINT], ["format"]):
        _run([str(commands / "ruff"), *command, "--quiet", "--no-cache", *FORMAT, str(folder)])


def _with_the_gateways_refusals(described: dict[str, Any]) -> dict[str, Any]:
    """The document in which every refusal is a problem or the gateway's own.

    The gateway may refuse any request before a function runs (throttled, timed out, no token), with a status that
    our problems have as well. Of an answer's media types the generator reads the first only, and fails on others.
    """
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in ("Problem", "GatewayRefusal")]
    for operations in described["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    answer["content"] = {"application/json": {"schema": {"anyOf": schemas}}}
    return described


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"clients/python could not be written\n{(done.stdout + done.stderr).strip()}")
