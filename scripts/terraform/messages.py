"""Terraform's machine-readable output, one JSON message a line.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from scripts.terraform.adoption import is_taken


@dataclass(frozen=True)
class Change:
    """One resource that a plan would touch."""

    address: str
    action: str


@dataclass(frozen=True)
class Timing:
    """How long one resource took."""

    address: str
    seconds: float
    id: str = ""
    """The resource's id for the provider, such as its ARN."""


@dataclass(frozen=True)
class Taken:
    """A resource that was to be made and exists already, and what the service said."""

    address: str
    said: str


@dataclass
class Progress:
    """What a plan, apply or destroy has said so far."""

    planned: list[Change] = field(default_factory=list)
    done: list[Timing] = field(default_factory=list)
    current: dict[str, float] = field(default_factory=dict)  # address → time.monotonic() of its start
    errors: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    has_begun: bool = False  # to change resources
    outputs: dict[str, Any] = field(default_factory=dict)  # after an apply; without the sensitive ones
    other: list[str] = field(default_factory=list)  # lines that are not JSON messages

    @property
    def oldest(self) -> str | None:
        """The resource that has been worked on for longest."""
        return min(self.current, key=lambda address: self.current[address], default=None)

    @property
    def summary(self) -> str:
        """How far an apply is, in a line."""
        text = f"{len(self.done)} of {len(self.planned)} resources"
        return f"{text}, at {self.oldest}" if self.oldest else text

    def feed(self, line: str) -> bool:
        """Take in one line of output; True if it changed anything."""
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            if line.strip():
                self.other.append(line.rstrip())
            return False
        return self._take(message)

    def _take(self, message: dict[str, Any]) -> bool:
        hook = message.get("hook", {})
        address = hook.get("resource", {}).get("addr", "")
        match message.get("type"):
            case "planned_change":
                change = message["change"]
                if change["action"] not in ("noop", "read"):
                    self.planned.append(Change(change["resource"]["addr"], change["action"]))
            case "apply_start" if hook.get("action") != "read":
                self.has_begun = True
                self.current[address] = time.monotonic()
            case "apply_complete" | "apply_errored" if address in self.current:
                started = self.current.pop(address)
                if message["type"] == "apply_complete":
                    # elapsed_seconds is whole seconds only
                    took = time.monotonic() - started
                    self.done.append(Timing(address, took, str(hook.get("id_value", ""))))
            case "outputs":
                told = message["outputs"].items()
                self.outputs = {name: output["value"] for name, output in told if "value" in output}
            case "diagnostic" if message["diagnostic"]["severity"] == "error":
                self._take_error(message["diagnostic"])
            case _:
                return False
        return True

    def _take_error(self, diagnostic: dict[str, Any]) -> None:
        said = readable(diagnostic)
        self.errors.append(said)
        if diagnostic.get("address") and is_taken(said):
            self.taken.append(Taken(diagnostic["address"], said))


def readable(diagnostic: dict[str, Any]) -> str:
    """A diagnostic in readable form: what, where, and why."""
    text = str(diagnostic["summary"])
    place = diagnostic.get("range") or {}
    where = [diagnostic["address"]] if diagnostic.get("address") else []
    if place.get("filename"):
        where.append(f"{place['filename']}:{place['start']['line']}")
    if where:
        text += f" ({', '.join(where)})"
    detail = str(diagnostic.get("detail") or "").strip()
    return text + "".join(f"\n    {line}" for line in detail.splitlines())
