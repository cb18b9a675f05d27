"""Event lag: how old events were when they came by on the bus, told from one process to another by a file."""

from pathlib import Path

FILE = "lags.txt"


class LagFile:
    """Grows by a line, a lag in milliseconds, for each event heard."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._read = 0

    def new(self) -> list[float]:
        """The lags since the last time; a line that is only half written is left for the next."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        return [float(line) for line in whole.split()]
