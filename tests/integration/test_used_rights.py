"""`make rights` on the running stack: a function begins with no right, and ends with those that it needs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.base import functions
from scripts.base.paths import FUNCTIONS
from scripts.clouds import decisions
from scripts.operators.rights import show, uses
from scripts.operators.rights.entries import rewritten
from scripts.operators.roles import role_name
from tests.harness.command_line import task_manager
from tests.harness.stack import DeployedStack
from tests.harness.used_rights import note_uses
from tests.harness.waiting import eventually

pytestmark = pytest.mark.requires("iam_enforcement")

FUNCTION, ACTION, ON = "get_user_statistics", "dynamodb:GetItem", "statistics_table"


@pytest.fixture
def record(request: pytest.FixtureRequest, stack: DeployedStack, cloud_folder: Path) -> Path:
    """The record of this stack's cloud, begun anew."""
    note_uses(request.config)  # for what the whole suite used
    path = cloud_folder / "embedded-cloud" / decisions.FILE
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def function_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the function map, in which the function knows its table and has no right."""
    path = tmp_path / FUNCTIONS.name
    without = rewritten(FUNCTIONS.read_text(encoding="utf-8"), FUNCTION, [functions.Right((), (ON,))])
    path.write_text(without, encoding="utf-8")
    for module in (functions, show):
        monkeypatch.setattr(module, "FUNCTIONS", path)
    functions.function_map.cache_clear()
    yield path
    functions.function_map.cache_clear()


@pytest.fixture
def policy(stack: DeployedStack) -> Iterator["Policy"]:
    """The policy of the function's role, whole again afterwards."""
    found = Policy(stack)
    yield found
    found.put(found.document)


class Policy:
    """The function's rights in IAM."""

    def __init__(self, stack: DeployedStack) -> None:
        self._iam = stack.client("iam")
        self._of = {"RoleName": role_name(stack, FUNCTION), "PolicyName": "rights"}
        self.document: dict[str, Any] = self._iam.get_role_policy(**self._of)["PolicyDocument"]

    def put(self, document: dict[str, Any]) -> None:
        self._iam.put_role_policy(**self._of, PolicyDocument=json.dumps(document))

    def without(self, action: str) -> dict[str, Any]:
        kept = [one for one in self.document["Statement"] if action not in one["Action"]]
        return self.document | {"Statement": kept}


def test_a_function_begins_with_no_right_and_ends_with_exactly_those_it_needs(
    stack: DeployedStack,
    api: httpx.Client,
    record: Path,
    policy: Policy,
    function_map: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(show, "local_uses", lambda: list(uses.uses(decisions.read(record), stack.outputs)))
    monkeypatch.setattr(show, "OF_TESTS", record.with_name("none"))
    policy.put(policy.without(ACTION))

    refused = api.get("/users/ada/stats").status_code
    task_manager("rights", "--fn", FUNCTION, "--write")

    shown = capsys.readouterr().out
    assert refused == 500
    assert re.search(rf"{ACTION} +{ON} +· +· +denied +{show.NOT_GRANTED}", shown), shown
    assert function_map.read_text(encoding="utf-8") == FUNCTIONS.read_text(encoding="utf-8")

    policy.put(policy.document)
    functions.function_map.cache_clear()
    eventually(lambda: api.get("/users/ada/stats").status_code == 200, "the right")
    task_manager("rights", "--fn", FUNCTION)

    shown = capsys.readouterr().out
    assert f"{FUNCTION}: exact" in shown
    assert re.search(rf"{ACTION} +{ON} +used granted denied\n", shown), shown
