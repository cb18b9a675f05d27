"""Metrics in the embedded metric format: log lines that CloudWatch reads, by Powertools."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from services.core.metrics import Metric


class EmfMeter:
    """A Meter that writes each value as a line of its own; Powertools adds the function as `service`."""

    def __init__(self, namespace: str, environment: str) -> None:
        self._namespace = namespace
        self._environment = environment

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        """See Meter."""
        with single_metric(metric.name, MetricUnit(metric.unit), value, namespace=self._namespace) as line:
            line.add_dimension("environment", self._environment)
            for name, label in (dimensions or {}).items():
                line.add_dimension(name, label)
