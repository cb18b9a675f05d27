"""What the functions logged while a test failed, shown with its report."""

from datetime import UTC, datetime

from scripts.deployments.target import Target
from scripts.operators.log_lines import LogReader
from tests.harness.stack import DeployedStack

LEVELS = ("WARNING", "ERROR", "CRITICAL")
LINES = 20
LONGEST = 400


def complaints(stack: DeployedStack, since: float) -> str:
    """The last warnings and errors of all functions since a moment (seconds of the epoch)."""
    reader = LogReader(Target(stack.outputs, stack.client), stack.outputs["function_names"])
    lines = [line for line in reader.read(datetime.fromtimestamp(since, UTC)) if line.level in LEVELS]
    return "\n".join(
        f"{line.at:%H:%M:%S} {line.function} {line.level} {line.message} {line.fields}"[:LONGEST]
        for line in lines[-LINES:]
    )
