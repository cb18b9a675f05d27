"""`make lint` and `make fmt`: every static check, all of them run even when one fails."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import INFRA, PROJECT_ENVIRONMENT, ROOT, WORK_FOLDER
from scripts.quality import api_document, javascript
from scripts.quality.function_map import check_function_map
from scripts.terraform import Terraform

CODE = ("services", "scripts", "load", "tests")


def lint(*, fix: bool = False) -> int:
    """`make lint`, and with `fix` `make fmt`: check everything, or format it; 1 if a check failed."""
    terraform = Terraform(INFRA, WORK_FOLDER / "lint")
    checks: dict[str, Callable[[], None]] = {
        "ruff check": lambda: _tool("ruff", "check", "--quiet", *(["--fix"] if fix else []), *CODE),
        "ruff format": lambda: _tool("ruff", "format", "--quiet", *([] if fix else ["--check"]), *CODE),
        "terraform fmt": lambda: _terraform_format(terraform, fix=fix),
    }
    if not fix:
        checks["imports"] = lambda: _tool("lint-imports", "--no-cache")
        checks["functions.json"] = check_function_map
        checks["mypy"] = lambda: _tool("mypy", "--no-error-summary")
        checks["terraform validate"] = lambda: _terraform_validate(terraform)
    checks |= javascript_checks(fix=fix)
    if not fix:
        checks |= api_document_checks()
    failed = [name for name, check in checks.items() if not _passes(name, check)]
    return 1 if failed else 0


def javascript_checks(*, fix: bool) -> dict[str, Callable[[], None]]:
    """The checks of the consoles; none, with a line that says why, where npm cannot fetch them outside CI."""
    if not _can_run(javascript.tools, "biome, tsc: JavaScript"):
        return {}
    checks: dict[str, Callable[[], None]] = {"biome": lambda: _each(lambda it: javascript.biome(it, fix=fix))}
    return checks if fix else checks | {"tsc": lambda: _each(javascript.tsc)}


def _each(check: Callable[[Path], None]) -> None:
    """Check every folder of JavaScript, even after a failure."""
    failures = []
    for folder in javascript.FOLDERS:
        try:
            check(folder)
        except Failure as failure:
            failures.append(str(failure))
    if failures:
        raise Failure("\n".join(failures))


def api_document_checks() -> dict[str, Callable[[], None]]:
    """The checks of docs/openapi.json; none, with a line that says why, as for the console."""
    if not _can_run(api_document.tools, "redocly, spectral: docs/openapi.json"):
        return {}
    return {"redocly": api_document.redocly, "spectral": api_document.spectral}


def _can_run(tools: Callable[[], Path], what: str) -> bool:
    """Whether npm has the tools; in CI they count as there, and the checks themselves fail for the reason."""
    try:
        tools()
    except Failure as failure:
        if not os.environ.get("CI"):
            print(f"– {what} is not checked: {str(failure).splitlines()[0]}")  # noqa: RUF001
            return False
    return True


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Failure as failure:
        print(f"✗ {name}\n{failure}")
        return False
    print(f"✓ {name}")
    return True


def _tool(name: str, *arguments: str) -> None:
    command = [str(PROJECT_ENVIRONMENT / "bin" / name), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failure((done.stdout + done.stderr).strip())


def _terraform_format(terraform: Terraform, *, fix: bool) -> None:
    changed = terraform.format(check=not fix)
    if changed and not fix:
        raise Failure("not formatted, see `make fmt`: " + ", ".join(changed))


def _terraform_validate(terraform: Terraform) -> None:
    terraform.init(None)
    terraform.validate()
