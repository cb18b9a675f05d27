"""Notes in a run's JUnit report which emulator it ran on, for `python -m scripts emulators`."""

import os
import re
from collections.abc import Iterable

import pytest

from scripts.base.paths import REQUIREMENTS, ROOT

NAMES = {"embedded": "ministack", "localstack": "LocalStack"}
# Where the version of each is pinned.
_PINS = {
    "embedded": (REQUIREMENTS / "embedded-cloud.txt", r"^ministack(?:\[.*\])?==([\w.]+)"),
    "localstack": (ROOT / "docker-compose.yml", r"localstack/localstack:([\w.]+)\}"),
}


def emulator_of(cloud: str) -> tuple[str, str] | None:
    """The name and the version of what stands behind a cloud's name: as pinned, or as TEST_EMULATOR says.

    None where nobody said what runs at an endpoint.
    """
    if cloud == "endpoint":
        name, _, version = os.environ.get("TEST_EMULATOR", "").strip().rpartition(" ")
        return (name, version) if name else None
    file, pattern = _PINS[cloud]
    found = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"{file.name} pins no version of {NAMES[cloud]}")
    return NAMES[cloud], found[1]


def note_emulator(items: Iterable[pytest.Item], cloud: str) -> None:
    """Have the tests' entries in the report say what they ran on; workers of pytest-xdist pass that on."""
    if found := emulator_of(cloud):
        for item in items:
            item.user_properties += [("emulator", found[0]), ("emulator_version", found[1])]
