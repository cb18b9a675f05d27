"""The Meter port."""

from collections import defaultdict
from collections.abc import Mapping

from services.core.metrics import Metric


class FakeMeter:
    """All values, by the metric's name. Takes no label that the table of metrics does not know."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        given = dimensions or {}
        assert given.keys() == metric.labels.keys(), f"{metric.name} has other dimensions"
        assert all(label in metric.labels[name] for name, label in given.items()), given
        self.values[metric.name].append(value)
