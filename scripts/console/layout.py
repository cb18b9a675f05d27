"""Where the nodes of a drawing stand: columns by how far they are from the beginning."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Arrow = tuple[str, str]


def columns(start: str, arrows: Iterable[Arrow]) -> dict[str, int]:
    """Node → its column: the longest way to it, without arrows that lead back."""
    following: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        following[source].append(target)
    found: dict[str, int] = {}

    def visit(node: str, column: int, way: tuple[str, ...]) -> None:
        if node in way or found.get(node, -1) >= column:
            return
        found[node] = column
        for target in following[node]:
            visit(target, column + 1, (*way, node))

    visit(start, 0, ())
    return found


def workflow(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The states and arrows of a definition in the Amazon States Language, as the page draws them.

    https://states-language.net/spec.html
    """
    states: Mapping[str, Mapping[str, Any]] = definition["States"]
    arrows = [
        {"source": name, "target": target, "label": label}
        for name, state in states.items()
        for target, label in _following(state)
    ]
    places = columns(definition["StartAt"], [(arrow["source"], arrow["target"]) for arrow in arrows])
    rows: dict[int, int] = defaultdict(int)
    nodes = []
    for name, state in states.items():
        column = places.get(name, 0)
        nodes.append(
            {
                "id": name,
                "type": state["Type"],
                "about": state.get("Comment", ""),
                "column": column,
                "row": rows[column],
            }
        )
        rows[column] += 1
    return {"nodes": nodes, "arrows": arrows}


def _following(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(state["Next"], "")] if "Next" in state else []
    found += [(choice["Next"], str(choice.get("StringEquals", ""))) for choice in state.get("Choices", [])]
    found += [(catch["Next"], ", ".join(catch["ErrorEquals"])) for catch in state.get("Catch", [])]
    return [*found, (state["Default"], "otherwise")] if "Default" in state else found
