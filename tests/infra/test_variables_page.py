"""docs/variables.md tells of every variable what infra/variables.tf says."""

import re

from scripts.variables import PAGE, SOURCE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_no_variable_is_left_out() -> None:
    declared = re.findall(r'^variable "(\w+)"', SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \| `.+` \| .+ \| .+ \|$", page(), re.MULTILINE)
    assert rows == declared
