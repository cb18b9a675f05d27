"""What a package is built for: a Python, a processor and an operating system."""

import platform
import sys
from dataclasses import dataclass

from scripts.failure import Failure

AWS_PYTHON = "3.13"
AWS_ARCHITECTURE = "arm64"

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}

# As uv names them. manylinux2014 runs on every Amazon Linux that Lambda has ever used.
_WHEEL_PLATFORMS = {
    ("linux", "x86_64"): "x86_64-manylinux2014",
    ("linux", "arm64"): "aarch64-manylinux2014",
    ("darwin", "x86_64"): "x86_64-apple-darwin",
    ("darwin", "arm64"): "aarch64-apple-darwin",
}


@dataclass(frozen=True)
class Target:
    """Where the package will run. `python` is a minor version such as 3.13."""

    python: str
    architecture: str
    system: str = "linux"

    def __post_init__(self) -> None:
        if (self.system, self.architecture) not in _WHEEL_PLATFORMS:
            raise Failure(f"nothing can be packaged for {self.system} on {self.architecture}")
        major, _, minor = self.python.partition(".")
        if major != "3" or not minor.isdigit() or int(minor) < 11:
            raise Failure(f"Python {self.python} is not supported: say 3.11 or newer")

    @property
    def runtime(self) -> str:
        """The Lambda runtime's name."""
        return f"python{self.python}"

    @property
    def wheel_platform(self) -> str:
        """The platform for which wheels are fetched."""
        return _WHEEL_PLATFORMS[self.system, self.architecture]

    @property
    def label(self) -> str:
        """Short and fit for a file name."""
        return f"{self.runtime}-{self.system}-{self.architecture}"

    @classmethod
    def aws(cls, python: str | None = None, architecture: str | None = None) -> "Target":
        """The functions on AWS."""
        return cls(python or AWS_PYTHON, architecture or AWS_ARCHITECTURE)

    @classmethod
    def local(cls, python: str | None = None, architecture: str | None = None) -> "Target":
        """A local cloud on this machine, which runs functions with the Python that runs this."""
        here = _ARCHITECTURES.get(platform.machine().lower(), platform.machine())
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        # In a Docker container functions run on Linux whatever the host: then say so by `system`.
        return cls(python or version, architecture or here, sys.platform)
