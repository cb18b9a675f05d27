"""Event lag: the age of events on arrival, passed from one process to another in a file."""

from pathlib import Path

FILE = "lags.txt"


class LagFile:
    """Append a line, the lag in milliseconds, for each event received."""

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
