"""A plan whose every policy can be read, and the engine that evaluates them."""

from collections.abc import Callable, Iterator

import pytest

from tests.harness.plan import Plan
from tests.infra.rights.evaluation import PROGRAM, Engine
from tests.infra.rights.planned import KNOWN_KEY, Planned


@pytest.fixture(scope="session")
def planned(plan_for: Callable[..., Plan]) -> Planned:
    """Production on AWS, with a key whose ARN is known."""
    return Planned(plan_for("prod", override=KNOWN_KEY))


@pytest.fixture(scope="session")
def need_engine() -> None:
    """Skips where the engine cannot be fetched; fails in CI."""
    PROGRAM.need("IAM engine")


@pytest.fixture(scope="session")
def engine(need_engine: None, planned: Planned, tell: Callable[[str], None]) -> Iterator[Engine]:
    """The engine, with all policies of production; prints a summary at the end of the run."""
    engine = Engine(planned.policies())
    yield engine
    tally = engine.tally
    if tally.evaluated:
        tell(
            f"Rights, evaluated: {len(planned.roles())} roles, {len(planned.policies())} policies, "
            f"{tally.evaluated} requests: {tally.evaluated - tally.denied} allowed, {tally.denied} denied"
        )
