"""What a deployment calls of AWS: read from Terraform's log, kept in calls.json.

With TF_LOG_PROVIDER=DEBUG the provider logs each request with the resource that it is for, and the S3
backend does so under TF_LOG_CORE=DEBUG. What no run could show is in
unseen.json with its source.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

RECORD = Path(__file__).with_name("calls.json")
UNSEEN = Path(__file__).with_name("unseen.json")

# Callers that are not resources.
BACKEND, BUCKET, PROVIDER, SCRIPTS = "the state", "the state's bucket", "the provider", "the scripts"

LOGGING = {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_CORE": "DEBUG"}

_START = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d{4}) \[")
_FIELD = re.compile(r'(?m)(?<![\w.])([\w.@]+)=("[^"]*"|[^\s"]+)')
# Provider operations of a plan; every other one changes something.
_READING = {"ReadResource", "ReadDataSource", "PlanResourceChange", "ConfigureProvider"}


@dataclass(frozen=True, order=True)
class Call:
    """A call: for whom, the service's name in AWS's SDK, its operation, and whether a plan makes it, too."""

    caller: str
    service: str
    operation: str
    in_plan: bool

    @property
    def name(self) -> str:
        """Service and operation, as the record has it."""
        return f"{self.service} {self.operation}"


def known() -> list[Call]:
    """The calls on record, and those that no run showed."""
    return sorted({*_read(RECORD), *_read(UNSEEN)})


def _read(file: Path) -> Iterator[Call]:
    record: dict[str, dict[str, list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    for caller, calls in record.items():
        for when in ("plan", "apply"):
            for name in calls[when]:
                service, operation = name.rsplit(" ", 1)
                yield Call(caller, service, operation, when == "plan")


def as_record(calls: Iterable[Call]) -> str:
    """Calls as calls.json has them; what a plan does is not listed for the apply again."""
    record: dict[str, dict[str, set[str]]] = {}
    for call in calls:
        when = "plan" if call.in_plan else "apply"
        record.setdefault(call.caller, {"plan": set(), "apply": set()})[when].add(call.name)
    content = {
        caller: {"plan": sorted(found["plan"]), "apply": sorted(found["apply"] - found["plan"])}
        for caller, found in sorted(record.items())
    }
    return json.dumps(content, indent=2) + "\n"


def logged(file: Path) -> Iterator[Call]:
    """The calls in a log of Terraform."""
    for entry in _entries(file):
        if "HTTP Request Sent" not in entry:
            continue
        fields = {name: value.strip('"') for name, value in _FIELD.findall(entry)}
        yield Call(
            _caller(entry, fields),
            fields["rpc.service"],
            fields["rpc.method"],
            # The backend makes the same calls for every command.
            "backend-s3" in entry or fields.get("tf_rpc") in _READING,
        )


def unknown(calls: Iterable[Call]) -> set[str]:
    """What is not known of these calls, as `caller: service operation`."""
    of_all = {(call.caller, call.name) for call in known()}
    of_plans = {(call.caller, call.name) for call in known() if call.in_plan}
    return {
        f"{call.caller}: {call.name}{' in a plan' if call.in_plan else ''}"
        for call in calls
        if (call.caller, call.name) not in (of_plans if call.in_plan else of_all)
    }


def _caller(entry: str, fields: Mapping[str, str]) -> str:
    if "backend-s3" in entry:
        return BACKEND
    return fields.get("tf_resource_type") or fields.get("tf_data_source_type") or PROVIDER


def _entries(file: Path) -> Iterator[str]:
    """Log entries, each with the lines of its values."""
    entry: list[str] = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if _START.match(line) and entry:
                yield "".join(entry)
                entry = []
            entry.append(line)
    yield "".join(entry)
