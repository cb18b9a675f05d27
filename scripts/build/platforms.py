"""What a package is built for: a Python, a processor and an operating system."""

import platform
import sys
from dataclasses import dataclass

from scripts.base import pythons
from scripts.base.failure import Failure

AWS_PYTHON = "{}.{}".format(*pythons.NEWEST_RUNTIME)
AWS_ARCHITECTURE = "arm64"

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}

# As uv names them. manylinux2014 runs on every Amazon Linux that Lambda has ever used.
_WHEEL_PLATFORMS = {
    ("linux", "x86_64"): "x86_64-manylinux2014",
    ("linux", "arm64"): "aarch64-manylinux2014",
    # Alpine and the like, where only the embedded cloud runs functions.
    ("linux-musl", "x86_64"): "x86_64-unknown-linux-musl",
    ("linux-musl", "arm64"): "aarch64-unknown-linux-musl",
    ("darwin", "x86_64"): "x86_64-apple-darwin",
    ("darwin", "arm64"): "aarch64-apple-darwin",
}


@dataclass(frozen=True)
class Platform:
    """Where the package will run. `python` is a minor version such as 3.13."""

    python: str
    architecture: str
    system: str = "linux"

    def __post_init__(self) -> None:
        if (self.system, self.architecture) not in _WHEEL_PLATFORMS:
            raise Failure(f"nothing can be packaged for {self.system} on {self.architecture}")
        major, _, minor = self.python.partition(".")
        if not (major.isdigit() and minor.isdigit()) or self._version < pythons.MINIMUM:
            oldest = ".".join(map(str, pythons.MINIMUM))
            raise Failure(f"Python {self.python} is not supported: use {oldest} or newer")

    @property
    def _version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.python.split("."))

    @property
    def runtime(self) -> str:
        """The Lambda runtime that functions of this package are configured with."""
        return pythons.runtime(self._version)

    @property
    def wheel_platform(self) -> str:
        """The platform for which wheels are fetched."""
        return _WHEEL_PLATFORMS[self.system, self.architecture]

    @property
    def label(self) -> str:
        """Short and fit for a file name."""
        return f"python{self.python}-{self.system}-{self.architecture}"

    @classmethod
    def aws(cls, python: str | None = None, architecture: str | None = None) -> "Platform":
        """The functions on AWS."""
        return cls(python or AWS_PYTHON, architecture or AWS_ARCHITECTURE)

    @classmethod
    def local(cls, python: str | None = None, architecture: str | None = None) -> "Platform":
        """The embedded cloud on this machine, which runs functions with the Python that runs this."""
        here = ARCHITECTURES.get(platform.machine().lower(), platform.machine())
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(python or version, architecture or here, _system())

    @classmethod
    def container(cls, architecture: str, python: str | None = None) -> "Platform":
        """A local cloud in Docker: Lambda's image of this Python, on Linux whatever the host is."""
        version = python or f"{sys.version_info.major}.{sys.version_info.minor}"
        made = cls(version, architecture, "linux")
        if not pythons.has_image(made._version):
            newest = pythons.name(pythons.NEWEST_RUNTIME)
            raise Failure(
                f"CLOUD=localstack runs functions in Lambda's images, and there is none for Python "
                f"{version}: install {newest} and run `make up CLOUD=localstack PYTHON={newest}`, "
                "or use CLOUD=embedded"
            )
        return made


def _system() -> str:
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        return "linux-musl"
    return sys.platform
