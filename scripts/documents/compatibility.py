"""Checks that the API and the events keep what they promised in another revision.

`python -m scripts compatibility REVISION` compares docs/openapi.json, docs/asyncapi.json and docs/events
with those of another revision; exit 1 with a line for each incompatible change.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.documents.asyncapi import ASYNCAPI
from scripts.documents.channels import broken_channels
from scripts.documents.contracts import DOCS, breaking_changes

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
MEDIA = ("application/json", "application/problem+json")


def broken_promises(old: Json, new: Json) -> Iterator[str]:
    """What a client written against the old OpenAPI document could trip over under the new one."""
    for path, operations in old["paths"].items():
        for method in (method for method in METHODS if method in operations):
            place = f"{method.upper()} {path}"
            operation = new["paths"].get(path, {}).get(method)
            if operation is None:
                yield f"{place}: removed"
                continue
            yield from _answers(operations[method], operation, old, new, place)
            yield from _questions(operations[method], operation, old, new, place)


def _answers(old: Json, new: Json, old_document: Json, new_document: Json, place: str) -> Iterator[str]:
    for status, answer in old["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in new["responses"]:
            yield f"{place}: no longer answers {status}"
            continue
        before, now = _schema(answer, old_document), _schema(new["responses"][status], new_document)
        if before is not None:
            changes = breaking_changes(before, now or {})
            yield from (f"{place} {status}: {change}" for change in changes)


def _questions(old: Json, new: Json, old_document: Json, new_document: Json, place: str) -> Iterator[str]:
    known = {parameter["name"] for parameter in _parameters(old, old_document)}
    for parameter in _parameters(new, new_document):
        if parameter.get("required") and parameter["name"] not in known:
            yield f"{place}: requires the parameter {parameter['name']}"
    before = _schema(old.get("requestBody", {}), old_document)
    now = _schema(new.get("requestBody", {}), new_document)
    if before is not None and now is not None:
        yield from (f"{place}: {lost}" for lost in _bodies(before, now))
    elif now is not None and new["requestBody"].get("required"):
        yield f"{place}: requires a body"


def _bodies(before: Json, now: Json) -> Iterator[str]:
    if added := set(now.get("required", [])) - set(before.get("required", [])):
        yield f"requires {sorted(added)}"
    for name, property_ in before.get("properties", {}).items():
        if name not in now.get("properties", {}):
            yield f"no longer accepts {name}"
            continue
        allowed = _values(now["properties"][name], now)
        if allowed and (lost := _values(property_, before) - allowed):
            yield f"{name} no longer accepts {sorted(lost)}"


def _parameters(operation: Json, document: Json) -> list[Json]:
    return [_follow(parameter, document) for parameter in operation.get("parameters", [])]


def _schema(holder: Json, document: Json) -> Json | None:
    """The JSON Schema of a body, with the document's schemas as its $defs."""
    content = _follow(holder, document).get("content", {})
    for media in MEDIA:
        if media in content:
            schema = _follow(content[media].get("schema", {}), document)
            return {**schema, "$defs": document.get("components", {}).get("schemas", {})}
    return None


def _values(property_: Json, schema: Json) -> set[str]:
    """The values that a property is limited to; empty if it is not."""
    for option in (property_, *property_.get("anyOf", [])):
        found = option
        if "$ref" in option:
            found = schema["$defs"][option["$ref"].rpartition("/")[2]]
        if "enum" in found:
            return set(found["enum"])
    return set()


def _follow(node: Json, document: Json) -> Json:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _at(revision: str) -> Callable[[Path], Json | None]:
    """Reads files as they were at a revision; None where there were none."""

    def read(path: Path) -> Json | None:
        name = f"{revision}:{path.relative_to(ROOT)}"
        done = subprocess.run(["git", "show", name], cwd=ROOT, capture_output=True, text=True)
        return dict(json.loads(done.stdout)) if done.returncode == 0 else None

    return read


def compare(revision: str) -> None:
    """Compare with a revision of git such as origin/main; a Failure with a line for each difference."""
    known = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", revision], cwd=ROOT, capture_output=True
    )
    if known.returncode:
        raise Failure(f"there is no revision {revision}")
    before = _at(revision)
    broken: list[str] = []
    if (old := before(DOCS / "openapi.json")) is not None:
        broken += broken_promises(old, json.loads((DOCS / "openapi.json").read_text("utf-8")))
    if (old := before(ASYNCAPI)) is not None:
        broken += broken_channels(old, json.loads(ASYNCAPI.read_text("utf-8")))
    listing = subprocess.run(
        ["git", "ls-tree", "--name-only", revision, "docs/events/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    schemas = [ROOT / name for name in listing.stdout.split() if name.endswith(".schema.json")]
    for schema in schemas:
        old = before(schema)
        if not schema.exists():
            broken.append(f"{schema.name}: removed")
        elif old is not None:
            changes = breaking_changes(old, json.loads(schema.read_text("utf-8")))
            broken += [f"{schema.name}: {change}" for change in changes]
    if broken:
        raise Failure("incompatible changes:\n  " + "\n  ".join(broken))
    print(f"The API and {len(schemas)} events are compatible with {revision}.")
