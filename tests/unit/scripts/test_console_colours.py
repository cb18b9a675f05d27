"""The pages in the dark: axe looks at colours alone there, so a scheme may change nothing else."""

import re

import pytest

from scripts.base.paths import ROOT

STYLE_SHEETS = ("services/console/console.css", "scripts/console/static/page.css")


@pytest.mark.parametrize("style_sheet", STYLE_SHEETS)
def test_a_dark_scheme_changes_colours_alone(style_sheet: str) -> None:
    style = (ROOT / style_sheet).read_text(encoding="utf-8")
    (dark,) = re.findall(r"@media \(prefers-color-scheme: dark\) {\s*:root {([^}]*)}\s*}", style)

    assert style.count("prefers-color-scheme") == 1
    declared = dict(re.findall(r"([\w-]+): ([^;]+);", dark))
    assert declared
    shadow = declared.pop("--shadow")
    assert re.fullmatch(r"[\d px]+ rgb\(.*\)", shadow)
    for name, value in declared.items():
        assert name.startswith("--")
        assert re.fullmatch(r"#[0-9a-f]{6}", value), name
