"""Functions are warmed while the apply that creates them goes on."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.deployments import warming
from scripts.deployments.warming import EMPTY_BATCH, UNMATCHED_REQUEST, warming_new_functions
from scripts.terraform import Progress, Timing


class Lambda:
    """Takes note of calls; what is named as broken fails."""

    def __init__(self) -> None:
        self.called: dict[str, Any] = {}
        self.broken: set[str] = set()

    def invoke(self, FunctionName: str, Payload: str) -> None:  # noqa: N803
        assert FunctionName not in self.called
        self.called[FunctionName] = json.loads(Payload)
        if FunctionName in self.broken:
            raise ClientError({"Error": {"Code": "ServiceException"}}, "Invoke")


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    fake = Lambda()
    monkeypatch.setattr(warming, "client", lambda *_: fake)
    return fake


def alias(function: str) -> Timing:
    return Timing(f'module.function["{function}"].aws_lambda_alias.live', 0.1, f"arn:{function}:live")


def deploy(*made: Timing) -> None:
    """An apply that makes these, one after the other, and says something else after each."""
    progress = Progress()
    with warming_new_functions("http://127.0.0.1:4566") as on_progress:
        for one in made:
            progress.done.append(one)
            for _ in range(2):
                on_progress(progress)


def test_each_function_is_called_once_as_soon_as_its_alias_exists(functions: Lambda) -> None:
    deploy(alias("create_task"), Timing("aws_kms_key.this", 12.3, "a key"), alias("relay"))

    assert functions.called == {
        "arn:create_task:live": UNMATCHED_REQUEST,
        "arn:relay:live": EMPTY_BATCH,
    }


def test_a_step_of_the_workflow_is_not_called(functions: Lambda) -> None:
    deploy(alias("request_approval"))

    assert functions.called == {}


def test_a_function_that_does_not_answer_fails_no_deployment(functions: Lambda) -> None:
    functions.broken.add("arn:create_task:live")

    deploy(alias("create_task"), alias("relay"))

    assert functions.called.keys() == {"arn:create_task:live", "arn:relay:live"}
