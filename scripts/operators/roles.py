"""The roles that functions run as, in any deployment."""

from collections.abc import Callable
from typing import Any, Protocol


class Deployed(Protocol):
    """A deployment: Terraform's outputs, and clients of its cloud."""

    @property
    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs."""

    @property
    def client(self) -> Callable[[str], Any]:
        """A client of a service."""


def role_arn(stack: Deployed, function: str) -> str:
    """The ARN of a function's role."""
    called = stack.outputs["function_names"][function]
    return str(stack.client("lambda").get_function_configuration(FunctionName=called)["Role"])


def role_name(stack: Deployed, function: str) -> str:
    """The name of a function's role."""
    return role_arn(stack, function).rpartition("/")[2]
