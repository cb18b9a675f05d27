"""Authentication: every route requires its scope, and no route is open by mistake."""

from collections.abc import Callable
from typing import Any

import pytest

from scripts.terraform.offline import OfflineProject
from services.core.callers import Scope
from tests.harness.function_map import FUNCTIONS, with_head
from tests.harness.plan import Plan, complaint_of, set_to
from tests.infra.conftest import Complaint

SCOPES: dict[str, str] = {
    route: scope for f in FUNCTIONS.values() for route, scope in f["trigger"].get("routes", {}).items()
}
ISSUER = {"jwt_issuer": "https://issuer.example", "jwt_audience": '["tasks"]'}


def asked(plan: Plan) -> dict[str, tuple[str, Any]]:
    """Route → kind of authorization, and the scopes, one of which suffices."""
    routes = [route.values for route in plan.of_type("aws_apigatewayv2_route")]
    return {r["route_key"]: (r["authorization_type"], r["authorization_scopes"]) for r in routes}


@pytest.fixture(scope="session")
def jwt_plan(flavour: Callable[[str], Plan]) -> Plan:
    return flavour("options")


def test_every_scope_of_the_map_exists() -> None:
    assert set(SCOPES.values()) <= {*Scope, "public"}


@pytest.mark.parametrize("mode", ["cognito", "jwt"])
def test_every_route_except_public_ones_requires_a_token_with_its_scope(
    aws_plan: Plan, jwt_plan: Plan, mode: str
) -> None:
    expected = {
        each: ("NONE", None) if scope == "public" else ("JWT", [scope])
        for route, scope in SCOPES.items()
        for each in with_head([route])
    }
    # The route for unmatched requests is public.
    expected["$default"] = ("NONE", None)
    assert asked(jwt_plan if mode == "jwt" else aws_plan) == expected


def test_routes_on_a_local_cloud_need_no_token(plan_for: Callable[..., Plan]) -> None:
    assert set(asked(plan_for("local")).values()) == {("NONE", None)}


def test_only_tokens_of_the_issuer_for_the_audience_are_accepted(jwt_plan: Plan) -> None:
    (authorizer,) = jwt_plan.of_type("aws_apigatewayv2_authorizer")

    assert authorizer.values["authorizer_type"] == "JWT"
    assert authorizer.values["identity_sources"] == ["$request.header.Authorization"]
    assert authorizer.values["jwt_configuration"] == [
        {"issuer": "https://issuer.example", "audience": ["tasks"]}
    ]


def test_functions_of_the_api_get_the_auth_mode(aws_plan: Plan, jwt_plan: Plan) -> None:
    for mode, plan in (("cognito", aws_plan), ("jwt", jwt_plan)):
        told = {
            function.module: function.values["environment"][0]["variables"].get("AUTH_MODE")
            for function in plan.of_type("aws_lambda_function")
        }
        assert told == {
            f'function["{name}"]': mode if function["trigger"]["type"] == "http" else None
            for name, function in FUNCTIONS.items()
        }


class TestCognito:
    def test_offers_every_scope(self, aws_plan: Plan) -> None:
        server = aws_plan.one("aws_cognito_resource_server.tasks[0]").values
        offered = {f"{server['identifier']}/{scope['scope_name']}" for scope in server["scope"]}
        assert offered == set(Scope)

    def test_only_administrators_create_users(self, aws_plan: Plan) -> None:
        pool = aws_plan.one("aws_cognito_user_pool.this[0]").values

        assert pool["admin_create_user_config"][0]["allow_admin_create_user_only"]
        assert pool["deletion_protection"] == "ACTIVE"
        assert pool["password_policy"][0]["minimum_length"] >= 12

    def test_clients_for_programs_have_a_secret(self, aws_plan: Plan) -> None:
        for client in aws_plan.of_type("aws_cognito_user_pool_client"):
            assert client.values["generate_secret"]
            assert client.values["allowed_oauth_flows"] == ["client_credentials"]
        assert not [r for r in aws_plan.resources if r.name == "people"], "nowhere to send people back to"

    def test_the_client_for_people_has_no_secret_and_no_admin_scope(
        self, flavour: Callable[[str], Plan]
    ) -> None:
        client = flavour("preview").one("aws_cognito_user_pool_client.people[0]").values

        assert not client["generate_secret"]
        assert client["allowed_oauth_flows"] == ["code"]
        assert set(client["allowed_oauth_scopes"]) == {"openid", *Scope} - {Scope.ADMIN}


@pytest.mark.parametrize(
    ("values", "complaints"),
    [
        (
            {"auth_mode": "none", "cognito_callback_urls": '["http://tasks.example"]'},
            ["set i_accept_an_open_api = true", "http is for localhost only"],
        ),
        (ISSUER, ["jwt_issuer and auth_mode", "jwt_audience and auth_mode"]),
        (
            {"auth_mode": "jwt", "jwt_issuer": "http://issuer.example"},
            ["on AWS it must begin with https", "jwt_audience and auth_mode"],
        ),
        ({"auth_mode": "shrug"}, ["auth_mode must be `none`, `jwt` or `cognito`"]),
    ],
    ids=["open by mistake", "an issuer that is not used", "an issuer without TLS", "unknown"],
)
def test_settings_that_would_open_the_api_are_refused(
    complaint: Complaint, values: dict[str, str], complaints: list[str]
) -> None:
    said = complaint("-var-file=prod.tfvars", *set_to(**values))
    assert [each for each in complaints if each not in said] == []


@pytest.mark.parametrize(("mode", "values"), [("cognito", {}), ("jwt", ISSUER)])
def test_an_auth_mode_that_a_rest_api_cannot_enforce_is_refused(
    project: OfflineProject, mode: str, values: dict[str, str]
) -> None:
    done = project.plan("-var-file=env/prod.tfvars", *set_to(api_type="rest", auth_mode=mode, **values))

    assert done.returncode != 0
    assert f'checks no tokens, so auth_mode = "{mode}"' in complaint_of(done)


def test_routes_need_no_token_once_an_open_api_is_accepted(plan_for: Callable[..., Plan]) -> None:
    plan = plan_for("prod", *set_to(auth_mode="none", i_accept_an_open_api="true"))
    assert set(asked(plan).values()) == {("NONE", None)}
