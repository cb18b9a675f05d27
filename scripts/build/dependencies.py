"""The package's libraries: fetched as wheels for the platform, and cut down to what functions can use."""

import shutil
import subprocess
from pathlib import Path

from scripts.base.environment import installers_surroundings
from scripts.base.failure import Failure
from scripts.base.paths import PROJECT_ENVIRONMENT
from scripts.build import botocore_data
from scripts.build.authorities import FILE, write_amazon_authorities
from scripts.build.platforms import Platform

# Parts that no function imports, directly or not. Checked by the test that imports every handler from the
# package alone.
UNUSED = (
    "bin",
    # Independent utilities of Powertools, some of which need libraries that are not in the package.
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha",
            "batch",
            "circuit_breaker",
            "data_masking",
            "feature_flags",
            "idempotency",
            "kafka",
            "parameters",
            "parser",
            "streaming",
            "validation",
        )
    ),
    "annotated_types/test_cases.py",
    # Powertools describes and checks its own resolvers' APIs with these; ours has models of its own.
    *(
        f"aws_lambda_powertools/event_handler/{name}"
        for name in (
            "middlewares/openapi_validation.py",
            "openapi/dependant.py",
            "openapi/encoders.py",
            "openapi/params.py",
            "openapi/schema_generator.py",
        )
    ),
    "aws_lambda_powertools/metrics/provider/datadog",
    "botocore/crt/auth.py",  # signing with a C library that is not in the package
    "botocore/stub.py",  # for tests
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "dateutil/zoneinfo",  # a copy of the time zones that every Linux has
    "pydantic/color.py",
    "pydantic/experimental",
    "pydantic/mypy.py",  # a plugin of the type checker
    "pydantic/v1",  # the old API
    "urllib3/contrib/emscripten",  # for Python in a browser
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "urllib3/http2/connection.py",
)


def install(requirements: Path, platform: Platform, tree: Path) -> None:
    """Put the libraries of a lock file into a folder, made for the platform, and cut them down.

    Fails if a wheel is missing for the platform or does not have the hash of the lock file.
    """
    command = [str(PROJECT_ENVIRONMENT / "bin/uv"), "pip", "install", "--quiet", "--no-config"]
    command += ["--requirement", str(requirements), "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", platform.python, "--python-platform", platform.wheel_platform]
    command += ["--link-mode", "copy", "--target", str(tree)]
    done = subprocess.run(
        command,
        env=installers_surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(
            f"the libraries for {platform.label} could not be fetched: check the network and uv's index\n"
            f"{done.stderr.strip()}"
        )
    prune(tree)


def prune(tree: Path) -> None:
    """Cut installed libraries down to what functions can use; licences stay."""
    for name in UNUSED:
        _remove(tree / name)
    for folder in [*tree.rglob("tests"), *tree.rglob("__pycache__")]:
        _remove(folder)
    for pattern in ("*.pyi", "py.typed"):
        for file in tree.rglob(pattern):
            _remove(file)
    for information in tree.glob("*.dist-info"):
        _prune_information(information)
    write_amazon_authorities(tree / "botocore/cacert.pem", tree / FILE)
    whole = tree / "botocore/data"
    whole.rename(tree / "botocore/whole")
    botocore_data.trim(tree / "botocore/whole", whole)
    shutil.rmtree(tree / "botocore/whole")


def _prune_information(folder: Path) -> None:
    """Leave a distribution's licences, and of its metadata the part that programs read."""
    for entry in folder.iterdir():
        is_licence = entry.name.upper().startswith(("LICEN", "NOTICE", "COPYING"))
        if entry.name == "METADATA":
            # The headers; after the first empty line comes the project's README.
            entry.write_text(entry.read_text(encoding="utf-8").partition("\n\n")[0] + "\n", encoding="utf-8")
        elif not is_licence:
            _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
