"""What probes find out about the running cloud, as if somebody else had started it."""

from typing import Any

from scripts.clouds.clients import client
from scripts.clouds.probing.probes import probe
from scripts.clouds.probing.scope import PREFIX
from tests.harness.endpoint import PROBED
from tests.harness.stack import DeployedStack
from tests.integration.conftest import LACKS


def left_behind(endpoint: str) -> list[str]:
    def names(service: str, operation: str, items: str, name: str | None = None) -> list[str]:
        found: list[Any] = getattr(client(service, endpoint), operation)().get(items, [])
        return [str(one[name] if name else one) for one in found]

    seen = [
        *names("sqs", "list_queues", "QueueUrls"),
        *names("dynamodb", "list_tables", "TableNames"),
        *names("lambda", "list_functions", "Functions", "FunctionName"),
        *names("events", "list_event_buses", "EventBuses", "Name"),
        *names("stepfunctions", "list_state_machines", "stateMachines", "name"),
        *names("apigateway", "get_rest_apis", "items", "name"),
        *names("iam", "list_users", "Users", "UserName"),
        *names("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ]
    return [name for name in seen if PREFIX in name]


def test_probes_find_what_the_cloud_is_known_to_have_and_leave_nothing(stack: DeployedStack) -> None:
    endpoint = stack.cloud.endpoint

    # Other tests' work may delay what is probed.
    found = probe(endpoint, lambda service: client(service, endpoint), seconds=90)

    assert set(found.lacks) == {name for name in PROBED if name in LACKS}
    assert found.api_type == stack.cloud.api_type
    assert found.platform == stack.cloud.platform()
    assert left_behind(endpoint) == []
