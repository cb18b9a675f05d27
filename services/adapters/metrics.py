"""Metrics in the embedded metric format: log lines that CloudWatch reads, by Powertools."""

import os
from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from services.core.metrics import Metric

_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TaskManager")


class EmfMeter:
    """A Meter that writes each value as a line of its own; Powertools adds the function as `service`."""

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        """See Meter."""
        with single_metric(metric.name, MetricUnit(metric.unit), value, namespace=_NAMESPACE) as line:
            line.add_dimension("environment", os.environ.get("ENVIRONMENT", "unknown"))
            for name, label in (dimensions or {}).items():
                line.add_dimension(name, label)
