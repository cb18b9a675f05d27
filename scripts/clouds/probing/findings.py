"""What was found out about a cloud, what follows from it, and what the application cannot do without."""

from dataclasses import dataclass, field
from typing import Any

from scripts.base.failure import Failure
from scripts.build.platforms import ARCHITECTURES, Platform

OTHERWISE = "Use CLOUD=embedded, which has it"


@dataclass(frozen=True)
class Capability:
    """Something that a cloud may lack, and what that means for the application."""

    title: str
    without: str
    required: bool = False


CAPABILITIES = {
    "functions": Capability("Python functions", "no part of the application runs", required=True),
    "reaches_cloud": Capability(
        "functions that reach the cloud",
        "functions cannot call AWS services (the emulator sets AWS_ENDPOINT_URL for them)",
        required=True,
    ),
    "streams": Capability("DynamoDB streams", "no event leaves the table", required=True),
    "bus": Capability("EventBridge rules to SQS", "no event comes to a reaction", required=True),
    "task_tokens": Capability("workflows that wait for a token", "no approval can wait", required=True),
    "archives": Capability(
        "EventBridge archives", "the bus, which has one, cannot be deployed", required=True
    ),
    "http_api": Capability("HTTP API", "the API is a REST API, without tokens (AUTH=none)"),
    "rest_api": Capability("REST API", "the API can only be an HTTP API"),
    "jwt": Capability("JWT authorizers", "no token is checked: only AUTH=none is possible"),
    "iam_enforcement": Capability("IAM enforcement", "a missing right shows up on AWS only"),
}


@dataclass(frozen=True)
class Findings:
    """By capability, why a cloud lacks it; and what functions see where they run."""

    lacks: dict[str, str] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)

    def has(self, capability: str) -> bool:
        """Whether a probe of it succeeded."""
        return capability not in self.lacks

    @property
    def api_type(self) -> str:
        """The front door to deploy: an HTTP API, as on AWS, where there is one."""
        return "http" if self.has("http_api") else "rest"

    @property
    def platform(self) -> Platform:
        """What functions there are built for."""
        machine = str(self.host["machine"]).lower()
        system = str(self.host["system"])
        if system == "linux" and self.host["libc"] != "glibc":
            system = "linux-musl"
        return Platform(str(self.host["python"]), ARCHITECTURES.get(machine, machine), system)

    def lines(self) -> list[str]:
        """For each lack, in a user's words: what is missing, what follows, and what the cloud answered."""
        return [
            f"missing: {CAPABILITIES[name].title}; {CAPABILITIES[name].without} ({reason})"
            for name, reason in self.lacks.items()
        ]

    def require(self, endpoint: str) -> None:
        """A Failure if the application cannot live there."""
        gone = [name for name in self.lacks if CAPABILITIES[name].required]
        if not (self.has("http_api") or self.has("rest_api")):
            gone += ["http_api", "rest_api"]
        if gone:
            told = "\n  ".join(f"{CAPABILITIES[name].title}: {self.lacks[name]}" for name in gone)
            raise Failure(f"the application cannot run on {endpoint}, which lacks\n  {told}\n{OTHERWISE}")
