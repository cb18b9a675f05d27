"""Evaluates IAM policies with an engine that knows conditions and all of AWS's actions and condition keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scripts.base.paths import ROOT
from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.node_program import NodeProgram

PROGRAM = NodeProgram(Path(__file__).with_name("engine") / "simulate.mjs", ROOT / ".local/iam-engine")

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A call of AWS, as IAM evaluates it. `identity` and `resource_policy` name policies of the engine."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    identity: Sequence[str] = ()
    resource_policy: str | None = None
    boundary: str | None = None
    account: str = ACCOUNT_ID
    any_context: bool = False

    def __str__(self) -> str:
        context = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.principal}: {self.action} on {self.resource} ({context})"


@dataclass(frozen=True)
class Sweep:
    """Every documented action of `services` on every resource that it applies to, by one principal."""

    principal: str
    identity: Sequence[str]
    services: Sequence[str]
    resources: Sequence[str]
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    boundary: str | None = None
    account: str = ACCOUNT_ID


@dataclass(frozen=True)
class Found:
    """The (action, resource) pairs that a sweep found allowed, and how many pairs it evaluated."""

    allowed: frozenset[tuple[str, str]]
    evaluated: int


@dataclass
class Tally:
    """How many requests were evaluated, and how many of them denied."""

    evaluated: int = 0
    denied: int = 0

    def count(self, evaluated: int, allowed: int) -> None:
        """Add evaluated requests, of which `allowed` were allowed."""
        self.evaluated += evaluated
        self.denied += evaluated - allowed


class Engine:
    """Evaluates against a set of named policies."""

    def __init__(self, policies: Mapping[str, Json], tally: Tally | None = None) -> None:
        self._policies = policies
        self.tally = tally or Tally()

    def with_policies(self, more: Mapping[str, Json]) -> "Engine":
        """An engine with these policies added, which counts into the same tally."""
        return Engine({**self._policies, **more}, self.tally)

    def allowed(self, requests: Iterable[Request]) -> list[bool]:
        """Whether each request is allowed. Fails on a policy or a request that AWS would reject."""
        asked = list(requests)
        answer = self._run({"requests": [_as_json(request) for request in asked], "sweeps": []})
        found = [_verdict(request, said) for request, said in zip(asked, answer["verdicts"], strict=True)]
        self.tally.count(len(found), sum(found))
        return found

    def swept(self, sweeps: Iterable[Sweep]) -> list[Found]:
        """What is allowed of each sweep."""
        answer = self._run({"requests": [], "sweeps": [asdict(sweep) for sweep in sweeps]})
        found = [
            Found(frozenset((action, resource) for action, resource in said["allowed"]), said["evaluated"])
            for said in answer["sweeps"]
        ]
        self.tally.count(sum(one.evaluated for one in found), sum(len(one.allowed) for one in found))
        return found

    def _run(self, asked: Json) -> Any:
        return PROGRAM.answer({"policies": self._policies, **asked})


def _as_json(request: Request) -> Json:
    names = {"resource_policy": "resourcePolicy", "any_context": "anyContext"}
    return {names.get(name, name): value for name, value in asdict(request).items()}


def _verdict(request: Request, said: Json) -> bool:
    assert not said["error"], f"{request}: {said['error']}"
    assert not said["ignored"], f"{request}: AWS knows no {said['ignored']} for this action"
    return bool(said["result"] == "Allowed")
