"""How the application gets to a cloud: on embedded clouds of the tests' own, whatever TEST_CLOUD names."""

from tests.harness.dead_proxy import set_dead_proxy


def pytest_configure() -> None:
    """Keep all calls on this machine."""
    set_dead_proxy()
