"""How events are delivered, as Terraform declares it: how often, and how long they are kept."""

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from scripts.base.functions import Function
from scripts.base.paths import INFRA
from scripts.terraform.hcl import blocks, parsed

# What AWS advises, and infra/events.tf does: the time limit of a function, six times.
_VISIBILITY_FACTOR = 6


@dataclass(frozen=True)
class Delivery:
    """From the bus to the functions. Times are in seconds unless their names say otherwise."""

    archive_days: int
    receives: int
    kept: int
    """How long a queue and its dead-letter queue keep a message."""
    time_limit: int
    """Of a function, where the map does not say otherwise."""

    def visibility(self, function: Function) -> int:
        """How long a received message stays hidden: when it is not deleted by then, it is delivered again."""
        return _VISIBILITY_FACTOR * (function.timeout_seconds or self.time_limit)


@cache
def delivery() -> Delivery:
    """The defaults of all environments on AWS."""
    queue = _consumer()
    (receives,) = re.findall(r"maxReceiveCount = (\d+)", queue["redrive_policy"])
    return Delivery(
        archive_days=_default("variables_events.tf", "event_archive_days"),
        receives=int(receives),
        kept=_product(
            _locals()[queue["message_retention_seconds"].removeprefix("${local.").removesuffix("}")]
        ),
        time_limit=_default("variables_functions.tf", "lambda_timeout_seconds"),
    )


def _consumer() -> dict[str, Any]:
    queues = {
        name: queue
        for kind, resource in blocks(_read("modules/consumer/main.tf"), "resource")
        if kind == "aws_sqs_queue"
        for name, queue in resource.items()
    }
    return dict(queues["this"])


def _locals() -> dict[str, Any]:
    return dict(parsed(_read("modules/consumer/main.tf"))["locals"][0])


def _product(expression: str) -> int:
    """The value of `${14 * 24 * 3600}`."""
    return math.prod(int(factor) for factor in re.findall(r"\d+", expression))


def _default(file: str, variable: str) -> int:
    return int(dict(blocks(_read(file), "variable"))[variable]["default"])


def _read(file: str) -> str:
    return (INFRA / file).read_text(encoding="utf-8")
