"""The interface of a local cloud."""

from pathlib import Path
from typing import Protocol

from scripts.build.platforms import Platform


class Cloud(Protocol):
    """A local stand-in for AWS that can be started and stopped."""

    @property
    def name(self) -> str:
        """The name it is chosen by, e.g. `embedded`."""

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients are pointed at."""

    @property
    def instance(self) -> str | None:
        """Identifies one run of the cloud: a restart, which loses all resources, changes it. None if down."""

    @property
    def api_type(self) -> str:
        """The kind of API Gateway to use there: `http`, or `rest` where it has no other."""

    def platform(self) -> Platform:
        """What functions that run there are built for."""

    @property
    def port(self) -> int:
        """The port of its endpoint."""

    @property
    def keeps_states(self) -> bool:
        """Whether `save` works, and `start` from what it wrote."""

    @property
    def is_ours(self) -> bool:
        """Whether `start` starts it and `stop` ends it, with all that it holds."""

    def prepare(self) -> None:
        """Make sure that nothing keeps `start` from starting it, such as a taken port; raises Failure."""

    def start(self, state: Path | None = None) -> None:
        """Start it unless it runs already, and return when it works; raises Failure.

        From a `state`, a file that `save` wrote on whatever port, it goes on where that was taken.
        """

    def save(self, file: Path) -> float:
        """Write all that it knows to a file; gives for how many seconds that held calls back."""

    def stop(self) -> None:
        """Stop it with everything it started; does nothing if it is not running."""

    def healthy(self) -> bool:
        """Whether it answers."""
