"""The types for TypeScript, by openapi-typescript: one file of declarations."""

from functools import cache
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.node import installed_packages, run_program
from scripts.base.paths import WORK_FOLDER

SOURCE = Path(__file__).parent
PACKAGES = WORK_FOLDER / "clients/typescript"
FILE = "task-manager.d.ts"
OPTIONS = (
    # `Task` beside `components["schemas"]["Task"]`.
    *("--root-types", "--root-types-no-schema-prefix"),
    # A field with a default may be left out.
    "--default-non-nullable=false",
)


@cache
def tools() -> Path:
    """The folder with the packages that `package-lock.json` pins; a Failure where they cannot be fetched."""
    return installed_packages(SOURCE, PACKAGES) / "node_modules"


def write_typescript(document: Path, folder: Path) -> None:
    """Write the types of an OpenAPI document into a folder; a Failure with what the generator says."""
    folder.mkdir(parents=True, exist_ok=True)
    words = (str(document), *OPTIONS, "--output", str(folder / FILE))
    done = run_program(tools() / "openapi-typescript/bin/cli.js", *words, folder=SOURCE)
    if done.returncode:
        raise Failure(f"clients/typescript could not be written\n{(done.stdout + done.stderr).strip()}")
