"""A month's bill: usage at its prices, service by service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from scripts.economics.prices import Prices
from scripts.economics.workload import Options, billed_ms, usage

MEASURED = Path(__file__).with_name("measured.json")

# Bytes that a call logs, besides the access log of the API; Lambda's own lines are left out below WARN.
ACCESS_LOG_GB = 0.35e3 / 1e9
# Stored logs are compressed; AWS assumes 30 GB for 200 GB ingested:
# https://docs.aws.amazon.com/solutions/latest/migration-assistant-for-amazon-opensearch-service/cost.html
KEPT = 0.15

# Prefix of a price's name → the service on the bill.
SERVICES = {
    "lambda": "Lambda",
    "api": "API Gateway",
    "data": "Data transfer",
    "dynamodb": "DynamoDB",
    "event": "EventBridge",
    "sqs": "SQS",
    "sns": "SNS",
    "state": "Step Functions",
    "s3": "S3",
    "kms": "KMS",
    "log": "CloudWatch logs",
    "metric": "CloudWatch metrics",
    "alarm": "CloudWatch alarms",
    "dashboard": "CloudWatch dashboards",
}


@dataclass(frozen=True)
class Measured:
    """What a call of a function takes, measured on a local cloud: milliseconds, and bytes of its log."""

    date: str
    source: str
    milliseconds: dict[str, float]
    log_bytes: dict[str, float]

    @classmethod
    def read(cls, path: Path = MEASURED) -> "Measured":
        """The measurement in the repository."""
        content = json.loads(path.read_text())
        functions: dict[str, Any] = content["functions"]
        return cls(
            content["date"],
            content["source"],
            {name: found["billed_ms"] for name, found in functions.items()},
            {name: found["log_bytes"] for name, found in functions.items()},
        )

    def of(self, function: str) -> tuple[float, float]:
        """Milliseconds and log bytes of a call: of a function that was not measured, the others' median."""
        return (
            self.milliseconds.get(function, median(self.milliseconds.values())),
            self.log_bytes.get(function, median(self.log_bytes.values())),
        )

    def given(self, milliseconds: float) -> "Measured":
        """The same with one figure for every function."""
        return replace(self, milliseconds=dict.fromkeys(self.milliseconds, milliseconds))


def bill(requests: float, options: Options, prices: Prices, measured: Measured) -> dict[str, float]:
    """Service → dollars of a month with so many requests."""
    found = usage(requests, options)
    log_gb = requests * ACCESS_LOG_GB
    gb_seconds = 0.0
    for function, calls in found.calls.items():
        if not calls:
            continue
        milliseconds, log_bytes = measured.of(function)
        seconds = billed_ms(milliseconds, options) / 1000
        gb_seconds += calls * seconds * options.memory_mb / 1024
        log_gb += calls * log_bytes / 1e9
    found.add("lambda_request", sum(found.calls.values()))
    found.add(f"lambda_gb_second_{options.architecture}", gb_seconds)
    found.add("log_gb", log_gb)
    found.add("log_gb_month", log_gb * KEPT * options.log_retention_days / 30)
    services = dict.fromkeys(SERVICES.values(), 0.0)
    for what, units in found.units.items():
        services[SERVICES[what.partition("_")[0]]] += prices.of(what, units)
    return services


def savings(requests: float, options: Options, prices: Prices, measured: Measured) -> dict[str, float]:
    """Choice → dollars a month that it saves against what it was chosen over; below zero it costs."""
    now = total(bill(requests, options, prices, measured))

    def instead(**other: Any) -> float:
        return total(bill(requests, replace(options, **other), prices, measured)) - now

    return {
        "arm64, not x86_64": instead(architecture="x86_64"),
        "HTTP API, not REST API": instead(api_type="rest"),
        "512 MB, not 1024 MB": instead(memory_mb=1024),
        "512 MB, not 128 MB": instead(memory_mb=128),
        "bucket keys, not a KMS call for each object": instead(bucket_key=False),
        "logs kept 30 days, not 365": instead(log_retention_days=365),
        "lean monitoring, not full": instead(monitoring="full") - instead(monitoring="lean"),
        "ten records a call, not as many as come": -instead(batch=10.0),
    }


def total(services: Mapping[str, float]) -> float:
    """The sum of a bill."""
    return sum(services.values())
