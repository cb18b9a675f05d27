"""A Terraform plan that tests can query; its arguments, and why there is none."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A planned resource. `values` holds what is known before the apply; `unknown` marks what is not."""

    address: str
    type: str
    name: str
    values: Json
    unknown: Json

    @property
    def module(self) -> str:
        """The module call it belongs to, such as `function["get_task"]`; empty for the root."""
        return self.address.removeprefix("module.").partition(".aws_")[0] if "module." in self.address else ""

    def document(self, attribute: str) -> Json:
        """An attribute, such as a policy, that Terraform holds as JSON in a string."""
        loaded: Json = json.loads(self.values[attribute])
        return loaded


class Plan:
    """What an apply to an empty account would create."""

    def __init__(self, plan: Json) -> None:
        self._configuration: Json = plan["configuration"]["root_module"]
        self.resources = [
            Resource(
                address=change["address"],
                type=change["type"],
                name=change["name"],
                values=change["change"]["after"],
                unknown=change["change"]["after_unknown"],
            )
            for change in plan["resource_changes"]
            if change["mode"] == "managed"
        ]
        self.outputs: Json = plan["planned_values"].get("outputs", {})

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of one type. Fails if there is none, so that no test passes on an empty list."""
        found = [resource for resource in self.resources if resource.type == kind]
        assert found, f"no {kind}"
        return found

    def one(self, address: str) -> Resource:
        """The resource at an address."""
        (found,) = [resource for resource in self.resources if resource.address == address]
        return found

    def sources(self, resource: Resource, *path: str) -> set[str]:
        """The root's resources that an attribute is taken from, through any depth of modules.

        For values that a plan cannot know, such as the ARN of a key that does not exist yet.
        """
        references = _references(self._block(resource)["expressions"], path)
        return set(self._trace(_module_path(resource.address), references))

    def order(self, resource: Resource) -> set[str]:
        """The resources in its `depends_on`: created before it, though it uses no value of theirs."""
        return set(self._block(resource).get("depends_on", []))

    def _block(self, resource: Resource) -> Json:
        (block,) = [
            found
            for found in self._folder(_module_path(resource.address))["resources"]
            if (found["type"], found["name"]) == (resource.type, resource.name)
        ]
        return dict(block)

    def _trace(self, modules: list[str], references: list[str]) -> Iterator[str]:
        for reference in references:
            kind, _, rest = reference.partition(".")
            if kind == "var" and modules:
                call = self._folder(modules[:-1])["module_calls"][modules[-1]]
                yield from self._trace(modules[:-1], _references(call["expressions"], (rest,)))
            else:
                yield ".".join(reference.split(".")[:2])

    def _folder(self, modules: list[str]) -> Json:
        folder = self._configuration
        for name in modules:
            folder = folder["module_calls"][name]["module"]
        return folder


def _module_path(address: str) -> list[str]:
    words = address.split(".")
    return [words[i + 1].partition("[")[0] for i, word in enumerate(words) if word == "module"]


def _references(expressions: Any, path: tuple[str, ...]) -> list[str]:
    """All references below a path of attribute and block names."""
    for name in path:
        if isinstance(expressions, list):
            expressions = expressions[0]
        expressions = expressions.get(name, {})
    return list(_all_references(expressions))


def _all_references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("references", ())
        for value in node.values():
            yield from _all_references(value)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, dict | list):
                yield from _all_references(value)


def set_to(**values: str) -> list[str]:
    """The arguments that give variables of the configuration these values."""
    return [word for name, value in values.items() for word in ("-var", f"{name}={value}")]


def complaint_of(done: subprocess.CompletedProcess[str]) -> str:
    """What Terraform said on its standard error, in one line and without the frame."""
    return " ".join(done.stderr.replace("│", " ").split())
