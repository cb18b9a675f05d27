"""docs/variables.md lists every variable, as its declaration describes it."""

import re

from scripts.documents.variables import PAGE, page, source


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_no_variable_is_left_out() -> None:
    declared = re.findall(r'^variable "(\w+)"', source(), re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \| `.+` \| .+ \| .+ \|$", page(), re.MULTILINE)
    assert rows == declared
