"""The settings of a run, as environment variables: they reach workers in containers as well."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from load.variables import number
from scripts.base.loopback import is_loopback

# Limits of every run, at which it ends by itself.
MAX_USERS = 200
MAX_SECONDS = 2 * 3600
MAX_REQUESTS = 500_000

# Besides loopback: LocalStack's name in Compose's own network.
CONTAINER_HOSTS = ("localstack",)


@dataclass(frozen=True)
class Settings:
    """One run. Without a folder nothing is recorded, and no event lag is known."""

    run: str
    shape: str
    users: int
    seconds: int
    folder: Path | None

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of this process; an empty shape leaves it to Locust's page. Raises Failure."""
        folder = variables.get("LOAD_FOLDER")
        users = number(variables, "LOAD_USERS", 10, "a number of users, such as 10")
        seconds = number(variables, "LOAD_SECONDS", 300, "a number of seconds, such as 300")
        return cls(
            run=variables.get("LOAD_RUN") or "by-hand",
            shape=variables.get("LOAD_SHAPE", ""),
            users=int(min(users, MAX_USERS)),
            seconds=int(min(seconds, MAX_SECONDS)),
            folder=Path(folder) if folder else None,
        )

    @property
    def user_prefix(self) -> str:
        """Begins the user ids of this run, and of no other."""
        return f"load-{self.run}-"


def is_local(url: str) -> bool:
    """Whether a URL leads to this machine: nothing else is ever put under load."""
    try:
        return is_loopback(url) or (urlsplit(url).hostname or "") in CONTAINER_HOSTS
    except ValueError:  # a bracket is open
        return False


def not_local(url: str) -> str:
    """The refusal of a URL that leads elsewhere."""
    return f"{url} is not on this machine: only a local cloud can be load-tested"
