"""A graph of the system as a Mermaid flowchart, in the fence that GitHub renders."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Literal

from scripts.documents.system import Edge, Kind, Node, nodes

_SHAPES: Mapping[Kind, tuple[str, str]] = {
    Kind.CLIENT: ("([", "])"),
    Kind.TABLE: ("[(", ")]"),
    Kind.STREAMED_TABLE: ("[(", ")]"),
    Kind.BUS: ("{{", "}}"),
    Kind.QUEUE: ("[/", "/]"),
    Kind.DEAD_LETTERS: ("[/", "/]"),
    Kind.WORKFLOW: ("[[", "]]"),
    Kind.TOPIC: (">", "]"),
    Kind.BUCKET: ("[(", ")]"),
    Kind.ARCHIVE: ("[(", ")]"),
}
# Before a name that does not say what it names.
_WORDS: Mapping[Kind, str] = {
    Kind.TABLE: "table",
    Kind.STREAMED_TABLE: "table",
    Kind.QUEUE: "queue",
    Kind.TOPIC: "topic",
}
# Dense enough to be read without zooming in; labels break where `_NAMES_A_LINE` says.
_SPACING = {"nodeSpacing": 30, "rankSpacing": 28, "padding": 8, "wrappingWidth": 600}
_SETTINGS = f"%%{{init: {json.dumps({'flowchart': _SPACING})}}}%%"
# A label in a node breaks after so many names.
_NAMES_A_LINE = 4


def flowchart(edges: Iterable[Edge], direction: Literal["LR", "TB"]) -> str:
    """The chart; what is read, and the ways of what failed, are dotted."""
    drawn = tuple(dict.fromkeys(edges))
    lines = [f"flowchart {direction}", *map(_node, nodes(drawn)), *map(_edge, drawn)]
    return "\n".join(["```mermaid", _SETTINGS, lines[0], *(f"  {line}" for line in lines[1:]), "```"])


def _node(node: Node) -> str:
    begin, end = _SHAPES.get(node.kind, ("[", "]"))
    return f'{_id(node)}{begin}"{_label(node)}"{end}'


def _label(node: Node) -> str:
    if not node.members:
        return _title(node)
    rows = [node.members[at : at + _NAMES_A_LINE] for at in range(0, len(node.members), _NAMES_A_LINE)]
    return "<br/>".join([f"<b>{_title(node)}</b>", *(", ".join(row) for row in rows)])


def _title(node: Node) -> str:
    """A title of its own for each node: a table and a queue may have the same name."""
    word = _WORDS.get(node.kind)
    return node.name if node.members or word is None else f"{word} {node.name}"


def _edge(edge: Edge) -> str:
    arrow = "-.->" if edge.aside else "-->"
    label = f'|"{edge.label}"|' if edge.label else ""
    return f"{_id(edge.source)} {arrow}{label} {_id(edge.target)}"


def _id(node: Node) -> str:
    return re.sub(r"\W+", "_", _title(node))
