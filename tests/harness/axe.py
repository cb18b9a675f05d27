"""What axe-core finds on the page that a browser shows: https://github.com/dequelabs/axe-core."""

from pathlib import Path

from selenium.webdriver import Chrome

from scripts.base.node import installed_packages
from scripts.base.paths import ROOT, WORK_FOLDER
from tests.harness.fetching import skipped_without

# A scheme changes colours alone, so in the dark only these can end in another way.
_OF_COLOURS = ("color-contrast", "link-in-text-block")

# Once nothing moves: what is fading in has less contrast.
_RUN = """const done = arguments_[arguments_.length - 1];
await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
const only = arguments_[0].length ? {runOnly: {type: "rule", values: arguments_[0]}} : {};
axe.run(document, {resultTypes: ["violations"], ...only}).then(
    (found) => done(found.violations.map((one) =>
        `${one.id} (${one.impact}) ${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`)),
    (error) => done([`axe failed: ${error}`]))"""


def axe() -> str:
    """The script. Skips the test where it cannot be fetched; fails in CI."""
    with skipped_without("axe-core"):
        folder = installed_packages(ROOT / "tests/integration/axe", WORK_FOLDER / "axe")
    return Path(folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def violations(driver: Chrome, script: str, scheme: str) -> list[str]:
    """Every rule that the page breaks as it is shown in this scheme, with how often and the first element."""
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(script)
    run = f"(async (...arguments_) => {{ {_RUN} }})(...arguments)"
    found: list[str] = driver.execute_async_script(run, _OF_COLOURS if scheme == "dark" else ())
    return found
