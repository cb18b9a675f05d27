"""What axe-core finds on the page that a browser shows: https://github.com/dequelabs/axe-core."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from scripts.base.node import installed_packages
from scripts.base.paths import ROOT, WORK_FOLDER
from tests.harness.fetching import skipped_without

# Once nothing moves: what is fading in has less contrast.
_RUN = """const done = arguments_[arguments_.length - 1];
await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
axe.run(document, {resultTypes: ["violations"], ...arguments_[0]}).then(
    (found) => done(found.violations.map((one) =>
        `${one.id} (${one.impact}) ${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`)),
    (error) => done([`axe failed: ${error}`]))"""

# axe-core's options (https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#options-parameter).
Rules = Mapping[str, Any]
ALL: Rules = {}
CONTRAST: Rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def axe() -> str:
    """The script. Skips the test where it cannot be fetched; fails in CI."""
    with skipped_without("axe-core"):
        folder = installed_packages(ROOT / "tests/integration/axe", WORK_FOLDER / "axe")
    return Path(folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def violations(driver: Chrome, script: str, rules: Rules = ALL) -> list[str]:
    """Every one of the rules that the page breaks, with how often and the first element."""
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(script)
    run = f"(async (...arguments_) => {{ {_RUN} }})(...arguments)"
    found: list[str] = driver.execute_async_script(run, rules)
    return found
