"""A local cloud of the tests' own, with the whole application deployed to it once a session."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from scripts.base.loopback import http_client
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.clouds.cloud import Cloud
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.stack import Stack
from scripts.deployments.states import Snapshots
from scripts.deployments.target import Target
from scripts.operators.tap import Tap, tap
from scripts.operators.verification.client import PatientClient
from tests.harness.dead_proxy import set_dead_proxy
from tests.harness.emulator_report import note_emulator
from tests.harness.stack import DeployedStack
from tests.harness.used_rights import note_uses, watch_uses

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from scripts.console.subject import Subject
    from tests.harness.console_page import ConsolePage

CLOUD = os.environ.get("TEST_CLOUD") or "embedded"

# What each cloud lacks, of the capabilities that tests name in @pytest.mark.requires("…").
LACKS = {
    "embedded": {
        "time_to_live_records": "the embedded cloud removes expired items without a record in the stream",
    },
    "localstack": {
        "functions_as_processes": "LocalStack runs functions in containers with a loopback of their own",
        "stopping_what_waits": "LocalStack does not end executions that wait for a token",
        "bytes_as_sent": "LocalStack escapes bytes that are not UTF-8 again before functions receive them",
        "compressed_bodies": "LocalStack decompresses bodies before functions receive them",
        "disabled_rules": "LocalStack delivers by rules that are disabled",
        "states": "LocalStack keeps no states without a licence",
        "iam_enforcement": "LocalStack without a licence accepts every call, whatever the policies say",
        "http_api": "LocalStack without a licence has no HTTP APIs",
        "jwt": "LocalStack without a licence calls no authorizers",
        "time_to_live_records": "LocalStack's records of expired items look as if a user had removed them",
    },
    "endpoint": {},  # filled by probes
}[CLOUD]

# Of tests that change the stack and leave it whole. What an emulator that nobody has tried leaves is unknown:
# there they are the last.
changes_stack = [pytest.mark.takes_stack_apart] if CLOUD == "endpoint" else []


def pytest_configure() -> None:
    """Find out what an emulator at an endpoint lacks; keep all calls on this machine."""
    if CLOUD == "endpoint":
        from tests.harness.endpoint import lacks

        LACKS.update(lacks())
    set_dead_proxy()


def taking_apart_last(items: list[pytest.Item]) -> list[pytest.Item]:
    """The items, of this folder those last that take the stack apart. Others keep their places."""
    folder = Path(__file__).parent
    ours = {place: item for place, item in enumerate(items) if folder in item.path.parents}
    in_order = sorted(ours.values(), key=lambda item: bool(item.get_closest_marker("takes_stack_apart")))
    places = dict(zip(ours, in_order, strict=True))
    return [places.get(place, item) for place, item in enumerate(items)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests that the cloud cannot run; run the tests that take the stack apart last."""
    items[:] = taking_apart_last(items)
    note_emulator(items, CLOUD)
    for item in items:
        for capability in (name for mark in item.iter_markers("requires") for name in mark.args):
            if capability in LACKS:
                item.add_marker(pytest.mark.skip(reason=f"requires {capability}: {LACKS[capability]}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failure what the functions logged meanwhile."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.when == "call" and report.failed and stack is not None:
        from tests.harness.function_logs import complaints

        try:
            report.sections.append(("Functions' warnings and errors", complaints(stack, call.start)))
        except Exception as error:  # the test's own failure matters, not this
            report.sections.append(("Functions' warnings and errors", f"not readable: {error!r}"))
    return report


@pytest.fixture(scope="session")
def cloud(cloud_folder: Path) -> Cloud:
    """The cloud that TEST_CLOUD names, not started. It ends with the session, even with a killed one.

    The exception is an emulator at an endpoint, which is emptied at the end.
    """
    if CLOUD == "localstack":
        from tests.harness.localstack import LocalStackForTests

        return LocalStackForTests()
    if CLOUD == "endpoint":
        from tests.harness.endpoint import endpoint_for_tests

        return endpoint_for_tests()
    return EmbeddedCloud(free_port(), cloud_folder / "embedded-cloud", tied=True)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, cloud: Cloud, cloud_folder: Path) -> Iterator[DeployedStack]:
    # The first worker of a run deploys from nothing, and the others start from a snapshot of that.
    application = Stack(cloud, cloud_folder, snapshots=Snapshots())
    try:
        deployment = application.deploy(Steps(quiet=True))
        if CLOUD != "embedded":
            from tests.harness.localstack import warm_up

            warm_up(cloud.endpoint, deployment.outputs)
        if isinstance(cloud, EmbeddedCloud):
            watch_uses(request.config, cloud_folder / "embedded-cloud", deployment.outputs)
        yield DeployedStack(cloud, application, deployment.outputs)
    finally:
        if not cloud.is_ours:
            application.destroy()
        cloud.stop()


@pytest.fixture(autouse=True, scope="module")
def rights_are_noted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Notes what functions used after each module: some tests begin the record of the cloud anew."""
    yield
    note_uses(request.config)


@pytest.fixture(scope="module")
def bus(stack: DeployedStack) -> Iterator[Tap]:
    """Receives the events on the bus, from now on."""
    with tap(Target(stack.outputs, stack.client)) as opened:
        yield opened


@pytest.fixture(scope="session")
def api(stack: DeployedStack) -> Iterator[httpx.Client]:
    """An HTTP client of the deployed API, which a busy machine's gateway may throttle."""
    with http_client(stack.api_url, make=PatientClient) as http:
        yield http


@pytest.fixture(scope="module")
def driver() -> Iterator["Chrome"]:
    from scripts.quality.browser import browser

    with browser() as driver:
        yield driver


@pytest.fixture
def user() -> str:
    return f"console-{uuid4().hex[:8]}"


@pytest.fixture
def page(driver: "Chrome", stack: DeployedStack, user: str) -> Iterator["ConsolePage"]:
    """The console, filtered by a user who has no tasks yet. In the end no script of it has failed."""
    from scripts.quality.browser import show_at
    from tests.harness.console_page import ConsolePage

    show_at(driver, 1440, 940)
    driver.get(stack.api_url)
    page = ConsolePage(driver)
    page.show_owner(user)
    yield page
    assert page.complaints() == []
    driver.execute_script("sessionStorage.clear()")


@pytest.fixture(scope="module")
def subject(stack: DeployedStack) -> "Subject":
    from scripts.clouds.clients import one_for_each_service
    from scripts.console.subject import Subject

    target = Target(stack.outputs, one_for_each_service(stack.client))
    return Subject(target, "local", stack.cloud.name, "grace")


@pytest.fixture(scope="module")
def address(subject: "Subject") -> Iterator[str]:
    from scripts.console.server import serving

    with serving(subject, free_port()) as address:
        yield address


@pytest.fixture
def developer_console(driver: "Chrome", address: str) -> Iterator["ConsolePage"]:
    """The developer's console at its feed. In the end nothing was refused and no script has failed."""
    from scripts.quality.browser import show_at
    from tests.harness.console_page import ConsolePage
    from tests.harness.developer_console import says

    show_at(driver, 1440, 900)
    driver.get("about:blank")
    driver.get(address)
    page = ConsolePage(driver)
    says(page, "Live", "#connection")
    yield page
    assert page.complaints() == []
