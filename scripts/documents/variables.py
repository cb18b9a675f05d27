"""`make docs`: docs/variables.md, a table of infra/variables*.tf."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.base.paths import INFRA, ROOT
from scripts.terraform.hcl import blocks

SOURCES = sorted(INFRA.glob("variables*.tf"))
PAGE = ROOT / "docs/variables.md"

HEAD = """# Variables

Every variable of `infra/`, from `infra/variables*.tf` by `make docs`. Values for an environment are in
`infra/env/`. An invalid value is refused, with its variable's name, before anything is changed.
"""

# A comment at the beginning of a line heads the variables after it.
_HEADING = re.compile(r"^# (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Variable:
    """A variable and its declaration, as scripts.terraform.hcl reads it."""

    name: str
    declaration: dict[str, Any]

    def row(self) -> str:
        """The variable as a row of a table."""
        kind = self.declaration["type"].removeprefix("${").removesuffix("}")
        rules = (rule["error_message"] for rule in self.declaration.get("validation", []))
        remarks = [self.declaration["description"], *(f"<br>*{rule}*" for rule in rules)]
        cells = (f"`{self.name}`", f"`{kind}`", self._default(), " ".join(remarks).replace("|", "\\|"))
        return f"| {' | '.join(cells)} |"

    def _default(self) -> str:
        if "default" not in self.declaration:
            return "**required**"
        default = self.declaration["default"]
        return "computed" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"


def source() -> str:
    """The declarations of all variables."""
    return "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for heading, variables in _chapters(source()):
        lines += [f"\n## {heading}\n", "| variable | type | default | |", "|---|---|---|---|"]
        lines += [variable.row() for variable in variables]
    return "\n".join(lines) + "\n"


def _chapters(text: str) -> Iterator[tuple[str, list[Variable]]]:
    _, *parts = _HEADING.split(text)
    for heading, declarations in zip(parts[::2], parts[1::2], strict=True):
        if variables := [Variable(*block) for block in blocks(declarations, "variable")]:
            yield heading, variables


def write() -> None:
    """`make docs`: write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
