"""Has the emulator keep and tell the whole of a metric alarm.

ministack 1.5.33's PutMetricAlarm drops the queries of an alarm on several metrics, and the XML answer of
DescribeAlarms lacks most fields, so Terraform would see every alarm changed.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

from typing import Any
from xml.sax.saxutils import escape

# CloudWatch API reference, MetricAlarm; without the fields that ministack prints itself.
PLAIN_FIELDS = ("AlarmDescription", "Statistic", "ExtendedStatistic", "Period", "TreatMissingData", "Unit")
# Field that an alarm has → fields that ministack makes up in its place.
MADE_UP = {"ExtendedStatistic": {"Statistic"}, "Metrics": {"Statistic", "ExtendedStatistic", "Period"}}
LIST_FIELDS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def keep_whole(cloudwatch: Any) -> None:
    """Patch ministack's CloudWatch service."""
    keep_queries(cloudwatch)
    complete_describe_alarms(cloudwatch)


def missing_fields(alarm: dict[str, Any]) -> str:
    """The fields of an alarm that ministack's XML leaves out, as XML."""
    made_up = {name for reason, names in MADE_UP.items() if alarm.get(reason) for name in names}
    told = (name for name in PLAIN_FIELDS if alarm.get(name) and name not in made_up)
    parts = [f"<{name}>{escape(str(alarm[name]))}</{name}>" for name in told]
    parts.append(f"<ActionsEnabled>{str(alarm.get('ActionsEnabled', True)).lower()}</ActionsEnabled>")
    for name in LIST_FIELDS:
        members = "".join(f"<member>{escape(arn)}</member>" for arn in alarm.get(name) or [])
        parts.append(f"<{name}>{members}</{name}>")
    dimensions = "".join(
        f"<member><Name>{escape(one['Name'])}</Name><Value>{escape(one['Value'])}</Value></member>"
        for one in alarm.get("Dimensions") or []
    )
    parts.append(f"<Dimensions>{dimensions}</Dimensions>")
    parts.append(f"<Metrics>{as_xml(alarm.get('Metrics') or [])}</Metrics>")
    return "".join(parts)


def queries(parameters: dict[str, Any]) -> list[Any]:
    """The queries in a request's parameters, `Metrics.member.1.MetricStat.Period` and the like, as trees."""
    root: dict[str, Any] = {}
    for name, value in parameters.items():
        if name.startswith("Metrics."):
            branch = root
            *way, last = name.split(".")
            for step in way:
                branch = branch.setdefault(step, {})
            branch[last] = value[0] if isinstance(value, list) else value
    found = _with_lists(root).get("Metrics", [])
    return list(found)


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return {"true": True, "false": False}.get(node, int(node) if node.isdigit() else node)
    if "member" in node:
        return [_with_lists(node["member"][number]) for number in sorted(node["member"], key=int)]
    return {name: _with_lists(value) for name, value in node.items()}


def as_xml(node: Any) -> str:
    """A tree as it stands in an answer."""
    if isinstance(node, dict):
        return "".join(f"<{name}>{as_xml(value)}</{name}>" for name, value in node.items())
    if isinstance(node, list):
        return "".join(f"<member>{as_xml(value)}</member>" for value in node)
    return escape(str(node).lower() if isinstance(node, bool) else str(node))


def keep_queries(cloudwatch: Any) -> None:
    """Wrap the service's PutMetricAlarm so that an alarm on several metrics keeps its queries."""
    original = cloudwatch._put_metric_alarm

    def put(parameters: Any, *arguments: Any, **options: Any) -> Any:
        answer = original(parameters, *arguments, **options)
        (name,) = parameters.get("AlarmName") or [""]
        if found := queries(parameters):
            cloudwatch._alarms[name]["Metrics"] = found
        return answer

    cloudwatch._put_metric_alarm = put


def complete_describe_alarms(cloudwatch: Any) -> None:
    """Wrap the service's DescribeAlarms so that its XML answer holds whole metric alarms."""
    original = cloudwatch._describe_alarms

    def describe(*arguments: Any, **options: Any) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = original(*arguments, **options)
        if status == 200 and headers.get("Content-Type") == "application/xml":
            text = body.decode()
            for alarm in cloudwatch._alarms.values():
                arn = f"<AlarmArn>{alarm['AlarmArn']}</AlarmArn>"
                text = text.replace(arn, arn + missing_fields(alarm), 1)
            body = text.encode()
        return status, headers, body

    cloudwatch._describe_alarms = describe
