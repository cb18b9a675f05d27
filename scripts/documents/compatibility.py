"""Checks that the API, the events and the stored data are compatible with another revision, both ways.

`python -m scripts compatibility REVISION`: clients and consumers of that revision can use today's API and
read today's events (docs/openapi.json, docs/asyncapi.json, docs/events), and today's models read that
revision's samples and frozen forms (tests/frozen). Exit 1 with a line for each incompatible change.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.documents.asyncapi import ASYNCAPI
from scripts.documents.channels import broken_channels
from scripts.documents.contracts import EVENT_DOCS, OPENAPI, SAMPLE, SCHEMA, breaking_changes
from scripts.documents.frozen_forms import FOLDER, READERS, REMEDY, Reader, altered, event_of, unread
from services.core.aggregates import EVENTS

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


def _git(*arguments: str) -> str | None:
    """What git prints; None if it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    return done.stdout if done.returncode == 0 else None


def _files_at(revision: str, folder: Path, suffix: str) -> dict[str, str]:
    """The texts of a folder's files at a revision, by their paths from ROOT."""
    listing = _git("ls-tree", "-r", "--name-only", revision, f"{folder.relative_to(ROOT)}/") or ""
    names = [name for name in listing.splitlines() if name.endswith(suffix)]
    return {name: _git("show", f"{revision}:{name}") or "" for name in names}


def _unkept_promises(revision: str) -> Iterator[str]:
    """What clients and consumers of the revision could trip over."""
    if (old := _git("show", f"{revision}:{OPENAPI.relative_to(ROOT)}")) is not None:
        yield from broken_promises(json.loads(old), json.loads(OPENAPI.read_text("utf-8")))
    if (old := _git("show", f"{revision}:{ASYNCAPI.relative_to(ROOT)}")) is not None:
        yield from broken_channels(json.loads(old), json.loads(ASYNCAPI.read_text("utf-8")))
    for name, text in _files_at(revision, EVENT_DOCS, SCHEMA.format(name="")).items():
        schema = ROOT / name
        if not schema.exists():
            yield f"{schema.name}: removed"
        else:
            changes = breaking_changes(json.loads(text), json.loads(schema.read_text("utf-8")))
            yield from (f"{schema.name}: {change}" for change in changes)


def _unread_data(frozen: Mapping[str, str], samples: Mapping[str, str]) -> Iterator[str]:
    """What today's models cannot read of the revision's frozen forms and samples."""
    written: dict[str, tuple[Reader, Json]] = {}
    for name, text in frozen.items():
        if (read := READERS.get(Path(name).parent.name)) is not None:
            written[name] = read, json.loads(text)
    for name, text in samples.items():
        kind = Path(name).name.removesuffix(SAMPLE.format(name=""))
        written[name] = event_of, {"detail-type": kind, "detail": json.loads(text)}
    yield from unread(written)


def compare(revision: str) -> None:
    """Compare with a revision of git such as origin/main; a Failure with a line for each difference."""
    if _git("rev-parse", "--verify", "--quiet", revision) is None:
        raise Failure(f"there is no revision {revision}")
    frozen = _files_at(revision, FOLDER, ".json")
    samples = _files_at(revision, EVENT_DOCS, SAMPLE.format(name=""))
    broken = [*_unkept_promises(revision), *altered(frozen)]
    kept = {name: text for name, text in frozen.items() if (ROOT / name).exists()}
    unreadable = list(_unread_data(kept, samples))
    if broken or unreadable:
        told = [*broken, *unreadable, *([REMEDY] if unreadable else [])]
        raise Failure("incompatible changes:\n  " + "\n  ".join(told))
    print(
        f"The API and {len(EVENTS)} events are compatible with {revision}, and {len(kept)} frozen forms and "
        f"{len(samples)} samples of {revision} are readable."
    )
