"""What axe-core finds on the page that a browser shows: https://github.com/dequelabs/axe-core."""

from pathlib import Path

from selenium.webdriver import Chrome

from scripts.base.node import installed_packages
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.quality.browser import show_at
from tests.harness.fetching import skipped_without

# Widths, and the schemes that a browser prefers.
SCREENS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
HEIGHT = 900

# Once nothing moves: what is fading in has less contrast.
_RUN = """const done = arguments_[arguments_.length - 1];
await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
const only = arguments_[0] ? {runOnly: {type: "rule", values: [arguments_[0]]}} : {};
axe.run(document, {resultTypes: ["violations"], ...only}).then(
    (found) => done(found.violations.map((one) =>
        `${one.id} (${one.impact}) ${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`)),
    (error) => done([`axe failed: ${error}`]))"""


def axe() -> str:
    """The script. Skips the test where it cannot be fetched; fails in CI."""
    with skipped_without("axe-core"):
        folder = installed_packages(ROOT / "tests/integration/axe", WORK_FOLDER / "axe")
    return Path(folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def violations_on(driver: Chrome, script: str, width: int, scheme: str) -> list[str]:
    """Every rule that the page breaks on a screen of this width. A scheme changes colours alone."""
    show_at(driver, width, HEIGHT, scheme)
    return violations(driver, script, "color-contrast" if scheme == "dark" else None)


def violations(driver: Chrome, script: str, rule: str | None = None) -> list[str]:
    """Every rule that the page breaks, of all or of this one, with how often and the first element."""
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(script)
    run = f"(async (...arguments_) => {{ {_RUN} }})(...arguments)"
    found: list[str] = driver.execute_async_script(run, rule)
    return found
