"""The metrics that alarms and dashboards use."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.base.paths import ROOT
from services.core.metrics import COMMON_DIMENSIONS, METRICS
from tests.harness.plan import Plan, Resource

AWS_METRICS: dict[str, Any] = json.loads((ROOT / "tests/infra/aws_metrics.json").read_text(encoding="utf-8"))
OWN_NAMESPACE = "TaskManager"

_SEARCH = re.compile(r"SEARCH\('\{(?P<space>[^,}]+)(?P<names>[^}]*)\} (?P<terms>.*)', '\w+', \d+\)")
_METRIC_NAME = re.compile(r'MetricName="(\w+)"')


class Asked(NamedTuple):
    """A metric that is used; no dimensions where they are known only after the apply."""

    namespace: str
    name: str
    dimensions: dict[str, str] | None


def of_alarm(alarm: Resource) -> list[Asked]:
    """The metrics that an alarm uses."""
    if name := alarm.values.get("metric_name"):
        return [Asked(alarm.values["namespace"], name, alarm.values.get("dimensions"))]
    queries = [query["metric"][0] for query in alarm.values["metric_query"] if query["metric"]]
    return [Asked(query["namespace"], query["metric_name"], query.get("dimensions")) for query in queries]


def of_dashboard(body: dict[str, Any]) -> Iterator[Asked]:
    """The metrics that a dashboard shows; for searches with the names of the dimensions only."""
    for widget in body["widgets"]:
        for line in widget["properties"].get("metrics", []):
            options = line[-1] if isinstance(line[-1], dict) else {}
            if "expression" not in options:
                namespace, name, *pairs = [part for part in line if isinstance(part, str)]
                yield Asked(namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)))
            elif match := _SEARCH.fullmatch(options["expression"]):
                (name,) = _METRIC_NAME.findall(match["terms"])
                names = match["names"].strip(",").split(",")
                yield Asked(match["space"], name, dict.fromkeys(names, ""))


def exists(asked: Asked) -> bool:
    """Whether AWS, or a function of ours, publishes this metric with these dimensions."""
    given = None if asked.dimensions is None else set(asked.dimensions)
    if asked.namespace == OWN_NAMESPACE:
        metric = METRICS.get(asked.name)
        return metric is not None and given == {*COMMON_DIMENSIONS, *metric.labels}
    known = AWS_METRICS.get(asked.namespace, {"metrics": {}})["metrics"].get(asked.name)
    return known is not None and (given is None or given in [set(names) for names in known])


def alarms(plan: Plan) -> dict[str, Resource]:
    """Name without the deployment's prefix → alarm."""
    prefix = plan.one('aws_sns_topic.this["alarms"]').values["name"].removesuffix("alarms")
    found = plan.of_type("aws_cloudwatch_metric_alarm")
    return {alarm.values["alarm_name"].removeprefix(prefix): alarm for alarm in found}
