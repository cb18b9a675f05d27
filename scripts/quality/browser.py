"""A browser of this machine, without a window, driven by Selenium."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import psutil
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from scripts.base.failure import Failure
from scripts.base.loopback import no_proxy_here

# The one without any window first: the same engine, which starts faster and computes a sixth less.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
DRIVERS = ("chromedriver", "chromium.chromedriver")
QUIT_SECONDS = 5.0

# Keeps it from connecting to anything but the page that is opened.
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
)


def trouble_with_browser() -> str | None:
    """Why no browser can be driven here; None if one can."""
    if _found("CHROME", BROWSERS) is None:
        return "no Chromium or Chrome on this machine (CHROME names one elsewhere)"
    if _found("CHROMEDRIVER", DRIVERS) is None:
        return "no chromedriver on this machine (CHROMEDRIVER names one elsewhere)"
    return None


@contextlib.contextmanager
def browser(width: int = 1440, height: int = 940) -> Iterator[Chrome]:
    """A browser with a profile of its own, for as long as it is used. Raises Failure if there is none."""
    if reason := trouble_with_browser():
        raise Failure(reason)
    options = ChromeOptions()
    options.binary_location = _found("CHROME", BROWSERS) or ""
    for argument in (*_ARGUMENTS, f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with no_proxy_here():  # Selenium reads it to connect to the driver
        driver = Chrome(options, Service(_found("CHROMEDRIVER", DRIVERS)))
        try:
            show_at(driver, width, height)
            yield driver
        finally:
            _quit(driver)


def _quit(driver: Chrome) -> None:
    """End the browser, which removes its temporary files itself if it is asked, and the driver."""
    started = []
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(driver.service.process.pid).children(recursive=True)
    with contextlib.suppress(WebDriverException):  # the answer is the end of the connection
        driver.execute_cdp_cmd("Browser.close", {})
    _, left = psutil.wait_procs(started, QUIT_SECONDS)
    driver.quit()
    for process in left:  # where the browser's command is a script, the driver ends that alone
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def show_at(driver: Chrome, width: int, height: int, scheme: str = "light") -> None:
    """Show the page on a screen of this size, with the preference `light` or `dark`."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def _found(variable: str, names: tuple[str, ...]) -> str | None:
    if given := os.environ.get(variable):
        return shutil.which(given)
    return next((path for name in names if (path := shutil.which(name))), None)
