"""Pin the dependency groups of pyproject.toml, with hashes and without addresses, in requirements/."""

import subprocess
from collections.abc import Sequence

from scripts.base.failure import Failure
from scripts.base.paths import PROJECT_ENVIRONMENT, REQUIREMENTS, ROOT

# These have the versions that the tests run with. What floci needs is added to those.
CONSTRAINED_BY_DEV = ("functions", "bootstrap", "client", "mutants", "floci")
OF_THEIR_OWN = (
    *("browse", "client-generator", "dev", "embedded-cloud", "load", "localstack", "node"),
    *("scan", "schemas", "terraform"),
)


def lock(arguments: Sequence[str] = ()) -> None:
    """`make lock`: lock every group; arguments such as `--upgrade` go to `uv pip compile`."""
    for group in (*OF_THEIR_OWN, *CONSTRAINED_BY_DEV):
        file = REQUIREMENTS / f"{group}.txt"
        command = [str(PROJECT_ENVIRONMENT / "bin/uv"), "pip", "compile", "--quiet", "--group", group]
        command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
        if group in CONSTRAINED_BY_DEV:
            command += ["--constraint", str(REQUIREMENTS / "dev.txt")]
        command += [*arguments, "--output-file", str(file)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            raise Failure(f"the versions of group {group} conflict: see above")
        print(f"{file.relative_to(ROOT)}: {file.read_text().count('==')} packages")
