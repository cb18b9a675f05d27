"""One zip with the code of all functions, and a manifest that describes it to Terraform.

The same sources, libraries and Python give the same bytes, so the file's hash names it: nothing is uploaded
twice, and Terraform sees a change only where there is one.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.base import docker
from scripts.base.failure import Failure
from scripts.base.files import digest_of, write_whole
from scripts.base.locks import locked
from scripts.base.paths import REQUIREMENTS, ROOT
from scripts.build import archive, botocore_data, bytecode, console, dependencies, event_page
from scripts.build.platforms import Platform

# The functions of this repository stay below 5 MB (tests/infra/test_package.py); the rest is for added parts.
LIMIT_BYTES = 5_250_000
SERVICES = ROOT / "services"
OUT = ROOT / "build"
REQUIREMENTS_LOCK = REQUIREMENTS / "functions.txt"

PAGES = {
    "services/console/page.json": console.page,
    "services/api/event_page.json": event_page.page,
}
"""Pages that are in no source tree: their place in the package → what renders them."""

_SCRATCH = "scratch-"
_MAKERS = sorted(Path(__file__).parent.glob("*.py"))

Report = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What was built. `file` lies beside the manifest; `key` is its place in the bucket of the code."""

    sha256: str
    key: str
    file: str
    python: str
    runtime: str
    architecture: str
    system: str
    bytes: int
    # The full version of the Python that compiled the code; None: the package holds sources only.
    bytecode: str | None
    # The digest of everything the package is made from: when it is unchanged, so is the package.
    inputs: str


def build(platform: Platform, out: Path = OUT, report: Report = lambda _: None) -> Manifest:
    """Build package.zip and manifest.json in out, unless they are there and nothing has changed."""
    out.mkdir(parents=True, exist_ok=True)
    # Two builds at once, as by `make up` and the tests, would otherwise write the same files.
    with locked(out / ".lock"):
        for interrupted in out.glob(f"{_SCRATCH}*"):
            shutil.rmtree(interrupted)
        interpreter = bytecode.find_interpreter(platform.python)
        compiled_by = bytecode.full_version(interpreter) if interpreter else None
        libraries_inputs = digest_of(
            [REQUIREMENTS_LOCK, *_MAKERS], f"{platform} {compiled_by} {botocore_data.operations()}"
        )
        inputs = digest_of([*service_files(), *event_page.sources()], libraries_inputs)
        if (manifest := _unchanged(out, inputs)) is not None:
            return manifest
        if interpreter is None:
            report(f"no Python {platform.python} on this machine: the package holds sources only, "
                   "and functions start about three times slower")  # fmt: skip
        libraries = _libraries(out, platform, interpreter, libraries_inputs, report)
        return _assemble(out, platform, interpreter, compiled_by, inputs, libraries, report)


def service_files() -> Iterator[Path]:
    """The files of the `services` package that the zip is made from."""
    for path in sorted(SERVICES.rglob("*")):
        inside = path.relative_to(SERVICES)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        # Only Terraform and the tests read the function map and its schema.
        for_others = inside.name in ("functions.json", "functions.schema.json")
        if path.is_file() and not hidden and path.suffix != ".pyc" and not for_others:
            yield path


def _unchanged(out: Path, inputs: str) -> Manifest | None:
    """The manifest of the last build, if it was made from the same inputs and its package is there."""
    try:
        manifest = Manifest(**json.loads((out / "manifest.json").read_text(encoding="utf-8")))
        size = (out / manifest.file).stat().st_size
    except (OSError, ValueError, TypeError):
        return None
    return manifest if manifest.inputs == inputs and size == manifest.bytes else None


def _libraries(out: Path, platform: Platform, interpreter: str | None, inputs: str, report: Report) -> Path:
    """The folder with the libraries, compiled; kept, because they change seldom."""
    cache = out / "libraries"
    ready = cache / f"{platform.label}-{inputs[:16]}"
    if ready.is_dir():
        return ready
    cache.mkdir(exist_ok=True)
    for outdated in cache.glob(f"{platform.label}-*"):
        shutil.rmtree(outdated)
    with tempfile.TemporaryDirectory(dir=out, prefix=_SCRATCH) as scratch:
        tree = Path(scratch) / "libraries"
        with _timed(report, f"libraries for {platform.label}"):
            dependencies.install(REQUIREMENTS_LOCK, platform, tree)
        if interpreter:
            with _timed(report, "bytecode of the libraries"):
                # Without their sources, which would exceed the limit.
                bytecode.compile_tree(interpreter, tree, keep_source=False)
        tree.rename(ready)
    return ready


def _assemble(
    out: Path, platform: Platform, interpreter: str | None, compiled_by: str | None,
    inputs: str, libraries: Path, report: Report,
) -> Manifest:  # fmt: skip
    """Put our code and the libraries into the zip, and write the manifest last."""
    with tempfile.TemporaryDirectory(dir=out, prefix=_SCRATCH) as scratch, _timed(report, "package.zip"):
        tree = Path(scratch) / "services-tree"
        for source in service_files():
            if source.parent == console.SOURCES:
                continue
            copy = tree / source.relative_to(SERVICES.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        for place, page in PAGES.items():
            (tree / place).parent.mkdir(exist_ok=True)
            (tree / place).write_text(page(), encoding="utf-8")
        if interpreter:
            bytecode.compile_tree(interpreter, tree, keep_source=True)
        fresh = Path(scratch) / "package.zip"
        archive.write(fresh, [tree, libraries])
        content = fresh.read_bytes()
        if len(content) > LIMIT_BYTES and interpreter:
            raise Failure(f"the package has {len(content):,} bytes, over the limit of {LIMIT_BYTES:,}")
        fresh.replace(out / "package.zip")
    sha256 = hashlib.sha256(content).hexdigest()
    manifest = Manifest(
        sha256=sha256, key=f"lambda/{sha256}.zip", file="package.zip", python=platform.python,
        runtime=platform.runtime, architecture=platform.architecture, system=platform.system,
        bytes=len(content), bytecode=compiled_by, inputs=inputs,
    )  # fmt: skip
    write_whole(out / "manifest.json", json.dumps(asdict(manifest), indent=2) + "\n")
    return manifest


@contextmanager
def _timed(report: Report, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    report(f"{what}: {time.monotonic() - started:.1f} s")


def platform_of(cloud: str, python: str | None = None, architecture: str | None = None) -> Platform:
    """What functions on that cloud are built for; `localstack` runs them in Docker, on Linux."""
    match cloud:
        case "embedded":
            return Platform.local(python, architecture)
        case "localstack":
            docker.require()
            return Platform.container(architecture or docker.architecture(), python)
        case "aws":
            return Platform.aws(python, architecture)
    raise Failure(f"there is no cloud named {cloud!r}: CLOUD is one of embedded, localstack, aws")


def package(
    cloud: str = "embedded",
    python: str | None = None,
    architecture: str | None = None,
    out: Path = OUT,
) -> None:
    """`make package`: build the package for one of the clouds, and show what was built."""
    platform = platform_of(cloud, python, architecture)
    manifest = build(platform, out, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    place = os.path.relpath(out / manifest.file)
    bytecode_by = f"compiled by {manifest.bytecode}" if manifest.bytecode else "not compiled"
    print(
        f"{place}: {manifest.bytes / 1e6:.2f} MB for {platform.label}, {bytecode_by}, {manifest.sha256[:12]}"
    )
