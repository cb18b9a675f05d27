"""The REST API, for clouds without HTTP APIs, behaves as the HTTP API does."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scripts.base.paths import INFRA
from scripts.terraform import Terraform
from tests.harness.function_map import FUNCTIONS
from tests.harness.plan import Plan
from tests.infra.conftest import run_terraform

ROUTES = {route: name for name, f in FUNCTIONS.items() for route in f["trigger"].get("routes", [])}
ANY = "x-amazon-apigateway-any-method"
ORIGINS = ["https://a.example", "https://b.example"]

# Calls the module alone: in the root module the document is unknown until the functions exist.
CALLER = {
    "provider": {
        "aws": {
            "region": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_requesting_account_id": True,
        }
    },
    "module": {
        "rest_api": {
            "source": "./modules/rest_api",
            "name": "tasks",
            "routes": ROUTES,
            "otherwise": "describe_api",
            "functions": {
                name: {"name": name, "alias": "live", "invoke_arn": f"arn:{name}"} for name in ROUTES.values()
            },
            "cross_origin": {
                "origins": ORIGINS,
                "methods": ["GET", "PUT"],
                "request_headers": ["authorization", "if-match"],
                "exposed_headers": ["etag", "retry-after"],
                "max_age": 3600,
            },
            "throttling_rate_limit": 1,
            "throttling_burst_limit": 1,
            "access_logs": True,
            "log_retention_days": 1,
            "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/1",
            "auth_mode": "none",
        }
    },
}


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rest_api")
    shutil.copytree(INFRA / "modules/rest_api", root / "modules/rest_api")
    shutil.copy(INFRA / ".terraform.lock.hcl", root)
    (root / "main.tf.json").write_text(json.dumps(CALLER))
    Terraform(root, root / "work").init(None)
    return root


@pytest.fixture(scope="module")
def rest_plan(caller: Path) -> Plan:
    planned = run_terraform(caller, "plan", "-input=false", "-no-color", "-out=plan")
    assert planned.returncode == 0, planned.stderr
    return Plan(json.loads(run_terraform(caller, "show", "-json", "plan").stdout))


@pytest.fixture(scope="module")
def paths(rest_plan: Plan) -> dict[str, Any]:
    (api,) = rest_plan.of_type("aws_api_gateway_rest_api")
    return dict(api.document("body")["paths"])


def integration(paths: dict[str, Any], route: str) -> dict[str, Any]:
    method, path = route.split(" ")
    return dict(paths[path][method.lower()]["x-amazon-apigateway-integration"])


def test_the_rest_api_has_exactly_the_routes_of_the_map(paths: dict[str, Any]) -> None:
    routes = {
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method != ANY
    }

    assert routes == set(ROUTES) | {f"OPTIONS {path}" for path in paths}
    for route, function in ROUTES.items():
        found = integration(paths, route)
        assert (found["type"], found["uri"]) == ("aws_proxy", f"arn:{function}")


def test_unmatched_requests_are_answered_by_a_function(paths: dict[str, Any]) -> None:
    assert "/{proxy+}" in paths
    for methods in paths.values():
        found = methods[ANY]["x-amazon-apigateway-integration"]
        assert (found["type"], found["uri"]) == ("aws_proxy", "arn:describe_api")


def test_the_gateways_own_errors_are_problem_documents(rest_plan: Plan) -> None:
    (api,) = rest_plan.of_type("aws_api_gateway_rest_api")
    refusals = api.document("body")["x-amazon-apigateway-gateway-responses"]

    assert set(refusals) == {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"}
    for refusal in refusals.values():
        content_type = refusal["responseParameters"]["gatewayresponse.header.Content-Type"]
        template = refusal["responseTemplates"]["application/json"]
        filled = template.replace("$context.error.messageString", '"Too Many Requests"')

        assert content_type == "'application/problem+json'"
        assert json.loads(filled)["title"] == "Too Many Requests"


def test_its_functions_are_called_by_alias_only(rest_plan: Plan) -> None:
    permissions = rest_plan.of_type("aws_lambda_permission")
    assert {permission.values["function_name"] for permission in permissions} == set(ROUTES.values())
    assert {permission.values["qualifier"] for permission in permissions} == {"live"}


def test_every_path_answers_preflight_requests(paths: dict[str, Any]) -> None:
    for path in paths:
        answer = integration(paths, f"OPTIONS {path}")["responses"]["default"]
        parameters = answer["responseParameters"]
        given = {name.rpartition(".")[2]: value.strip("'") for name, value in parameters.items()}

        assert answer["statusCode"] == "204"
        assert given == {
            "Access-Control-Allow-Methods": "GET,PUT",
            "Access-Control-Allow-Headers": "authorization,if-match",
            "Access-Control-Max-Age": "3600",
        }
        # Which of several origins is allowed depends on the request.
        assert all(origin in answer["responseTemplates"]["application/json"] for origin in ORIGINS)


def test_throttled_requests_are_told_when_to_come_again(rest_plan: Plan) -> None:
    (api,) = rest_plan.of_type("aws_api_gateway_rest_api")
    refusals = api.document("body")["x-amazon-apigateway-gateway-responses"]
    assert refusals["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"
