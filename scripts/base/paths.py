"""The folders and files that commands share. Standard library only: used before anything is installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
PROJECT_ENVIRONMENT = ROOT / ".venv"
INFRA = ROOT / "infra"
FUNCTIONS = ROOT / "services/functions.json"
FUNCTIONS_SCHEMA = ROOT / "services/functions.schema.json"
WORK_FOLDER = ROOT / ".local"  # what was built, fetched and started here; `make clean` leaves STATES only
STATES = WORK_FOLDER / "states"  # what `make save` has kept; `make clean` leaves it


def shown(path: Path) -> str:
    """A path for people: below the project's folder, from there; else in full."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
