"""`make docs`: docs/variables.md, a table of infra/variables*.tf."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scripts.base.paths import INFRA, ROOT

SOURCES = sorted(INFRA.glob("variables*.tf"))
PAGE = ROOT / "docs/variables.md"

HEAD = """# Variables

Every variable of `infra/`, from `infra/variables*.tf` by `make docs`. Values for an environment are in
`infra/env/`. An invalid value is refused, with its variable's name, before anything is changed.
"""

_HEADING = re.compile(r"^# (.+)$")
_BEGIN = re.compile(r'^variable "(\w+)" {$')
_SETTING = re.compile(r"^  (description|type|default)\s*= (.+)$")
_RULE = re.compile(r'^    error_message = "(.+)"$')


@dataclass
class Variable:
    """A variable as it is declared."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)

    def row(self) -> str:
        """The variable as a row of a table."""
        description = self.settings["description"].strip('"')
        default = self.settings.get("default", "")
        shown = "computed" if default == "null" else f"`{default}`" if default else "**required**"
        cells = (
            f"`{self.name}`",
            f"`{self.settings['type']}`",
            shown,
            _plain(" ".join([description, *self._told()])),
        )
        return f"| {' | '.join(cells)} |"

    def _told(self) -> Iterator[str]:
        """What the rules say beside the description, as one more remark."""
        for rule in self.rules:
            yield f"<br>*{rule}*"


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
    heading, variables = "", list[Variable]()
    for line in text.splitlines():
        if found := _HEADING.match(line):
            if variables:
                yield heading, variables
            heading, variables = found[1], []
        elif found := _BEGIN.match(line):
            variables.append(Variable(found[1]))
        elif found := _SETTING.match(line):
            variables[-1].settings[found[1]] = found[2]
        elif found := _RULE.match(line):
            variables[-1].rules.append(found[1])
    yield heading, variables


def _plain(text: str) -> str:
    return text.replace('\\"', '"').replace("|", "\\|")


def write() -> None:
    """`make docs`: write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
