"""What all kinds of tests share."""

from collections.abc import Callable

import pytest

# What tests found out and people want to see, whether or not anything failed.
TOLD = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was told by `tell`."""
    for line in config.stash[TOLD]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line shown at the end of the run."""
    return request.config.stash[TOLD].append
