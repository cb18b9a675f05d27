"""Botocore's description of AWS, cut down to what the functions call.

Botocore reads the whole model of a service to make a client, and walks over the data of all services to
find it: with the operations used and nothing else, a client is made in a fraction of the time.
"""

import gzip
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.base.functions import actions

# IAM's prefix of an action → botocore's name of the service, where they differ.
_SERVICES: Mapping[str, str] = {"states": "stepfunctions"}
# Operations without an action of their own in the function map.
_WITHOUT_ACTION: Mapping[str, tuple[str, ...]] = {
    # Allowed by the actions on the items in it:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    "dynamodb": ("TransactWriteItems",),
    # For credentials by web identity, which a profile or a container may ask for.
    "sts": ("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"),
}

# Attribute values pass through botocore in wire format: services/adapters/dynamodb/wire.py translates them.
# Otherwise botocore would visit each part of each value; it does not visit a `document`. Binary values would
# stay in base64; our items hold none, and wire.py refuses them.
OPAQUE: Mapping[str, tuple[str, ...]] = {
    "dynamodb": (
        "AttributeMap",
        "ExpressionAttributeValueMap",
        "ItemList",
        "Key",
        "PutItemInputAttributeMap",
    )
}

# Parameters of the endpoint rules that no call sets. botocore evaluates them for each call: without them a
# warm read takes some 2 % fewer instructions; with them `make bench` misses its goal.
NEVER_GIVEN: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("AccountId", "AccountIdEndpointMode", "IsSearchOperation", "ResourceArn", "ResourceArnList")
}

Json = dict[str, Any]

_KEPT_WHOLE = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
_DOCUMENTATION = ("documentation", "documentationUrl")


def operations() -> dict[str, tuple[str, ...]]:
    """Service, as botocore names it → the operations that the rights in the function map allow, in order."""
    found: dict[str, set[str]] = {service: set(names) for service, names in _WITHOUT_ACTION.items()}
    for action in actions():
        prefix, _, operation = action.partition(":")
        found.setdefault(_SERVICES.get(prefix, prefix), set()).add(operation)
    return {service: tuple(sorted(found[service])) for service in sorted(found)}


def trim(source: Path, target: Path) -> None:
    """Write to target the part of botocore's data folder (source) that `operations` needs."""
    target.mkdir(parents=True)
    for name in _KEPT_WHOLE:
        shutil.copyfile(source / name, target / name)
    prefixes = {_trim_service(source, target, name, kept) for name, kept in operations().items()}
    endpoints = _read(source / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {k: v for k, v in partition["services"].items() if k in prefixes}
    _write(target / "endpoints.json", endpoints)


def trim_model(model: Json, wanted: Iterable[str]) -> Json:
    """A service's model with these operations, the shapes they reach, and no documentation."""
    kept = {name: _bare_operation(model["operations"][name]) for name in sorted(wanted)}
    shapes: Json = {}
    waiting = [name for operation in kept.values() for name in _shapes_of_operation(operation)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _bare_shape(model["shapes"][name])
            waiting += [reference["shape"] for reference in _references(shapes[name])]
    return _without_documentation(model) | {"operations": kept, "shapes": dict(sorted(shapes.items()))}


def make_opaque(model: Json, shapes: Iterable[str]) -> Json:
    """A service's model in which these maps, and lists of them, are handed through as they are."""
    for name in shapes:
        if model["shapes"][name]["type"] not in ("map", "list"):
            raise ValueError(f"{name} is neither map nor list any more: check wire.py")
    opaque = {name: {"type": "structure", "members": {}, "document": True} for name in shapes}
    return model | {"shapes": model["shapes"] | opaque}


def _trim_service(source: Path, target: Path, service: str, kept: tuple[str, ...]) -> str:
    """Trim one service's newest model; gives the name under which endpoints.json knows the service."""
    # Versions are dates: the last in order is the one that botocore takes.
    version = max(path.parent for path in (source / service).glob("*/service-2.json*"))
    folder = target / service / version.name
    folder.mkdir(parents=True)
    model = trim_model(make_opaque(_read(version / "service-2.json"), OPAQUE.get(service, ())), kept)
    _write(folder / "service-2.json", model)
    rules = _read(version / "endpoint-rule-set-1.json")
    for parameter in NEVER_GIVEN.get(service, ()):
        del rules["parameters"][parameter]
    _write(folder / "endpoint-rule-set-1.json", rules)
    if (version / "paginators-1.json").exists():
        pages = _read(version / "paginators-1.json")["pagination"]
        _write(folder / "paginators-1.json", {"pagination": {k: pages[k] for k in pages if k in kept}})
    extras = version / "service-2.sdk-extras.json"
    if extras.exists():
        _write(folder / extras.name, _trim_extras(_read(extras), model))
    return str(model["metadata"]["endpointPrefix"])


def _trim_extras(extras: Json, model: Json) -> Json:
    """The amendments that botocore makes to a model as it loads it, without those to what is gone."""
    merge = {
        part: {name: value for name, value in changes.items() if name in model[part]}
        if part in ("operations", "shapes")
        else changes
        for part, changes in extras["merge"].items()
    }
    return extras | {"merge": merge}


def _shapes_of_operation(operation: Json) -> list[str]:
    references = [operation.get("input"), operation.get("output"), *operation.get("errors", ())]
    return [reference["shape"] for reference in references if reference]


def _references(shape: Json) -> list[Json]:
    """The places where a shape refers to others: members of a structure, of a list, of a map."""
    single = [shape[part] for part in ("member", "key", "value") if part in shape]
    return [*shape.get("members", {}).values(), *single]


def _bare_operation(operation: Json) -> Json:
    bare = _without_documentation(operation)
    for part in ("input", "output"):
        if part in bare:
            bare[part] = _without_documentation(bare[part])
    if "errors" in bare:
        bare["errors"] = [_without_documentation(error) for error in bare["errors"]]
    return bare


def _bare_shape(shape: Json) -> Json:
    # Key by key, because a member may itself be called `documentation`.
    bare = _without_documentation(shape)
    for part in ("member", "key", "value"):
        if part in bare:
            bare[part] = _without_documentation(bare[part])
    if "members" in bare:
        bare["members"] = {name: _without_documentation(value) for name, value in bare["members"].items()}
    return bare


def _without_documentation(node: Json) -> Json:
    return {key: value for key, value in node.items() if key not in _DOCUMENTATION}


def _read(path: Path) -> Json:
    """Read a JSON file, gzipped or not, as botocore ships either."""
    zipped = path.with_name(f"{path.name}.gz")
    content = gzip.decompress(zipped.read_bytes()) if zipped.exists() else path.read_bytes()
    loaded: Json = json.loads(content)
    return loaded


def _write(path: Path, content: Json) -> None:
    # Not gzipped: the package is, and reading is faster without.
    path.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
