"""An emulator that somebody else started: it is probed, deployed to, and never stopped."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from scripts.base.failure import Failure
from scripts.base.loopback import http_parts
from scripts.build.platforms import Platform
from scripts.clouds.probing.findings import Findings

# What imports boto3 is imported where it is used: most commands that find a cloud (`make url`) call nothing.

FILE = "endpoint.json"
NO_STATES = "an emulator at an endpoint keeps no states here: they need CLOUD=embedded"


class EndpointCloud:
    """The emulator at a URL, as it was found when it was probed."""

    name = "endpoint"
    keeps_states = False
    is_ours = False

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._folder = folder

    @classmethod
    def find(cls, folder: Path) -> "EndpointCloud | None":
        """The emulator that was deployed to with this folder, until `make down`."""
        try:
            return cls(json.loads((folder / FILE).read_text())["endpoint"], folder)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @property
    def port(self) -> int:
        """The port of its URL."""
        parts = urlsplit(self.endpoint)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def instance(self) -> str | None:
        """The mark that was left in it; None if it is down, or has lost that with everything else."""
        from scripts.clouds.probing import mark

        return mark.read(self.endpoint)

    @property
    def api_type(self) -> str:
        """`http` where HTTP APIs work."""
        return self.findings.api_type

    def platform(self) -> Platform:
        """What a function saw there."""
        return self.findings.platform

    @cached_property
    def findings(self) -> Findings:
        """What it can do: as found before, if it is still the same run of it; else it is probed now."""
        return self.probe()

    def probe(self, say: Callable[[str], None] = lambda _: None) -> Findings:
        """Find out what it can do, unless that is known; a Failure if the application cannot run there."""
        from scripts.clouds.clients import client
        from scripts.clouds.probing.probes import probe

        if (known := self._known()) is None:
            if not self.healthy():
                raise Failure(
                    f"nothing answers like AWS on {self.endpoint}: start the emulator, or correct ENDPOINT="
                )
            known = probe(self.endpoint, lambda service: client(service, self.endpoint), say)
            known.require(self.endpoint)
        self.__dict__["findings"] = known
        return known

    def prepare(self) -> None:
        """Make sure that it can run the application."""
        self.probe()

    def start(self, state: Path | None = None) -> None:
        """Leave a mark in it, by which this run of it is known again."""
        from scripts.clouds.probing import mark

        if state:
            raise Failure(NO_STATES)
        findings = self.findings
        instance = self.instance
        if instance is None:
            if not self.healthy():
                raise Failure(
                    f"{self.endpoint} no longer answers: start the emulator, then run `make up` again"
                )
            instance = mark.leave(self.endpoint)
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = {"endpoint": self.endpoint, "instance": instance, "findings": asdict(findings)}
        (self._folder / FILE).write_text(json.dumps(kept, indent=2) + "\n")

    def save(self, file: Path) -> float:  # noqa: ARG002
        """Not possible."""
        raise Failure(NO_STATES)

    def stop(self) -> None:
        """Forget it: it runs on, with all that it holds."""
        (self._folder / FILE).unlink(missing_ok=True)

    def healthy(self) -> bool:
        """Whether it answers as S3 does."""
        from scripts.clouds.probing import mark

        return mark.answers(self.endpoint)

    def _known(self) -> Findings | None:
        try:
            kept = json.loads((self._folder / FILE).read_text())
            same = kept["endpoint"] == self.endpoint and kept["instance"] == self.instance
            return Findings(**kept["findings"]) if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def checked_endpoint(url: str) -> str:
    """The URL of an emulator; a Failure for none, for what is no URL, and for AWS's own addresses."""
    parts = http_parts(url)
    if parts is None or parts.path not in ("", "/"):
        given = f", not {url!r}" if url else ""
        raise Failure(f"CLOUD=endpoint needs the emulator's URL: ENDPOINT=http://127.0.0.1:4566{given}")
    if str(parts.hostname).endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        raise Failure(f"ENDPOINT={url} is AWS itself: `make deploy ENV=dev` deploys there")
    return url.rstrip("/")
