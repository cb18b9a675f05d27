"""Authentication by tokens of our own issuer, then by Cognito's. One stack, applied for each."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from scripts.base.loopback import http_client
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.issuer import Issuer
from scripts.deployments.stack import Stack
from scripts.deployments.target import Target
from scripts.deployments.tokens import token_for
from services.core.callers import Scope
from tests.contracts.api import UNKNOWN, assert_problem, create
from tests.harness.stack import DeployedStack
from tests.harness.verifying import Verification

pytestmark = pytest.mark.requires("jwt")

MINE = (Scope.READ, Scope.WRITE)
HOUR = 3600

Bearing = Callable[[str | None], httpx.Client]


@dataclass(frozen=True)
class Guarded:
    """A deployed API that requires tokens."""

    deployed: DeployedStack
    issuer: Issuer

    def bearing(self, token: str | None) -> httpx.Client:
        """A client with this token."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return http_client(self.deployed.api_url, headers=headers)

    def as_(self, subject: str, *scopes: Scope) -> httpx.Client:
        """A client with a valid token of our issuer."""
        return self.bearing(self.issuer.token(subject, scopes or MINE))


@pytest.fixture(scope="module")
def cloud(cloud_folder: Path) -> Iterator[EmbeddedCloud]:
    """A cloud besides the session's, for one stack after another."""
    cloud = EmbeddedCloud(free_port(), cloud_folder / "guarded/embedded-cloud", tied=True)
    yield cloud
    cloud.stop()


def deploy(cloud: EmbeddedCloud, cloud_folder: Path, auth_mode: str) -> Guarded:
    folder = cloud_folder / "guarded"
    application = Stack(cloud, folder, auth_mode=auth_mode)
    deployment = application.deploy(Steps(quiet=True))
    return Guarded(DeployedStack(cloud, application, deployment.outputs), Issuer(folder, cloud.endpoint))


def signed_with_the_public_key(issuer: Issuer) -> str:
    """HS256 with the public key as secret: a server that trusts the token's header accepts it."""
    header, claims = encoded(alg="HS256", kid=issuer.key.thumbprint()), encoded(**issuer.claims("ada", MINE))
    signature = hmac.digest(issuer.key.as_pem(private=False), f"{header}.{claims}".encode(), "sha256")
    return f"{header}.{claims}.{base64url(signature)}"


def unsigned(issuer: Issuer) -> str:
    header = encoded(alg="none", kid=issuer.key.thumbprint())
    return f"{header}.{encoded(**issuer.claims('ada', MINE))}."


def altered(issuer: Issuer) -> str:
    """A valid token whose subject was changed after signing."""
    header, _, signature = issuer.token("ada", MINE).split(".")
    return f"{header}.{encoded(**issuer.claims('grace', MINE))}.{signature}"


def encoded(**content: Any) -> str:
    return base64url(json.dumps(content).encode())


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def saying(**claims: Any) -> Callable[[Issuer], str]:
    """A token of our issuer with other claims."""
    return lambda issuer: issuer.sign(issuer.claims("ada", MINE) | claims, issuer.key)


def without(claim: str) -> Callable[[Issuer], str]:
    """A token of our issuer without a claim."""
    return lambda issuer: issuer.sign(
        {name: value for name, value in issuer.claims("ada", MINE).items() if name != claim}, issuer.key
    )


BAD_TOKENS: dict[str, Callable[[Issuer], str | None]] = {
    "no token": lambda _: None,
    "no JWT": lambda _: "let-me-in",
    "expired": saying(iat=time.time() - 2 * HOUR, nbf=time.time() - 2 * HOUR, exp=time.time() - HOUR),
    "no expiry": without("exp"),
    "not yet valid": saying(nbf=time.time() + HOUR, exp=time.time() + 2 * HOUR),
    "issued in the future": saying(iat=time.time() + HOUR, exp=time.time() + 2 * HOUR),
    "wrong issuer": saying(iss="https://issuer.example"),
    "no issuer": without("iss"),
    "wrong audience": saying(aud="other-api"),
    "no audience": without("aud"),
    "wrong key": lambda issuer: issuer.sign(issuer.claims("ada", MINE), RSAKey.generate_key(2048)),
    "alg none": unsigned,
    "HS256 with the public key": signed_with_the_public_key,
    "altered": altered,
}


@pytest.fixture(scope="module")
def guarded(cloud: EmbeddedCloud, cloud_folder: Path) -> Guarded:
    return deploy(cloud, cloud_folder, "jwt")


class TestTokensOfAnIssuer:
    def test_a_valid_token_is_accepted(self, guarded: Guarded) -> None:
        task = create(guarded.as_("ada"), userId="ada")
        assert guarded.as_("ada").get("/tasks").json()["tasks"] == [task]

    @pytest.mark.parametrize("kind", BAD_TOKENS)
    def test_an_invalid_token_is_answered_with_401(self, guarded: Guarded, kind: str) -> None:
        api = guarded.bearing(BAD_TOKENS[kind](guarded.issuer))
        assert api.get("/tasks").status_code == 401
        assert api.post("/tasks", json={"title": "a"}).status_code == 401

    @pytest.mark.parametrize(
        ("route", "scope"),
        [
            ("POST /tasks", Scope.WRITE),
            ("GET /tasks", Scope.READ),
            (f"GET /tasks/{UNKNOWN}", Scope.READ),
            (f"PUT /tasks/{UNKNOWN}", Scope.WRITE),
            (f"DELETE /tasks/{UNKNOWN}", Scope.WRITE),
            (f"POST /tasks/{UNKNOWN}/approval", Scope.APPROVE),
            ("GET /users/ada/stats", Scope.READ),
            ("GET /users/stats?userId=ada", Scope.READ),
            ("GET /events", Scope.READ),
        ],
    )
    def test_a_route_requires_its_scope(self, guarded: Guarded, route: str, scope: Scope) -> None:
        method, path = route.split(" ")
        others = [other for other in Scope if other is not scope]

        assert guarded.as_("ada", *others).request(method, path).status_code == 403
        assert guarded.as_("ada", scope).request(method, path).status_code not in (401, 403)

    @pytest.mark.parametrize("path", ["/docs", "/docs/events", "/openapi.json"])
    def test_the_api_description_is_public(self, guarded: Guarded, path: str) -> None:
        assert guarded.bearing(None).get(path).status_code == 200

    def test_another_users_task_is_answered_with_404(self, guarded: Guarded) -> None:
        path = f"/tasks/{create(guarded.as_('grace'), userId='grace')['taskId']}"
        ada = guarded.as_("ada")

        answers = [ada.get(path), ada.put(path, json={"title": "mine"}), ada.delete(path)]

        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert_problem(ada.get("/tasks", params={"userId": "grace"}), 403)
        assert_problem(ada.post("/tasks", json={"title": "a", "userId": "grace"}), 403)
        assert guarded.as_("grace").get(path).json()["version"] == 1

    def test_an_admin_can_access_everybodys_tasks(self, guarded: Guarded) -> None:
        task = create(guarded.as_("grace"), userId="grace")
        admin = guarded.as_("root", *MINE, Scope.ADMIN)

        assert admin.get(f"/tasks/{task['taskId']}").json() == task
        assert admin.delete(f"/tasks/{task['taskId']}").status_code == 204

    def test_idempotency_keys_are_separate_for_each_user(self, guarded: Guarded) -> None:
        headers, body = {"Idempotency-Key": "monday"}, {"title": "a"}
        owners = [
            guarded.as_(user).post("/tasks", json=body, headers=headers).json()["userId"]
            for user in ("barbara", "katherine", "barbara")
        ]
        assert owners == ["barbara", "katherine", "barbara"]

    def test_a_task_is_approved_by_another_user_who_is_named(self, guarded: Guarded) -> None:
        task = create(guarded.as_("ada"), userId="ada", priority="high")
        path, yes = f"/tasks/{task['taskId']}/approval", {"decision": "approve"}

        own = guarded.as_("ada", *Scope).post(path, json=yes)
        assert "their own" in assert_problem(own, 403)["detail"]
        assert guarded.as_("grace", Scope.APPROVE).post(path, json=yes).json()["approver"] == "grace"

    def test_verify_uses_the_tokens_that_it_is_given(self, guarded: Guarded, tmp_path: Path) -> None:
        tokens = {
            "API_TOKEN": guarded.issuer.token("operator", Scope),
            "API_READ_TOKEN": guarded.issuer.token("reader", [Scope.READ]),
        }
        deployed = guarded.deployed
        verification = Verification(deployed.outputs, deployed.endpoint, tmp_path, variables=tokens)

        verified = verification.run(only="callers,approval")

        assert verified.exit_code == 0, verified.shown
        assert "callers: a read only token cannot write or approve [POST /tasks]" in verified.names("passed")
        assert guarded.as_("operator", *Scope).get("/users/operator/stats").json()["created"] == 0

    def test_a_second_plan_is_empty(self, guarded: Guarded) -> None:
        assert guarded.deployed.application.plan() == []


@pytest.fixture(scope="module")
def by_cognito(cloud: EmbeddedCloud, cloud_folder: Path) -> Guarded:
    """The same stack, which accepts Cognito's tokens from now on; the tests above have run."""
    return deploy(cloud, cloud_folder, "cognito")


class TestCognito:
    @pytest.fixture
    def auth(self, by_cognito: Guarded) -> dict[str, Any]:
        return dict(by_cognito.deployed.outputs["auth"])

    @pytest.fixture
    def operator(self, by_cognito: Guarded) -> Callable[..., httpx.Client]:
        """HTTP clients with tokens of the operators' client, with some of its scopes."""
        target = Target(by_cognito.deployed.outputs, by_cognito.deployed.client)
        return lambda *scopes: by_cognito.bearing(token_for(target, "", scopes))

    def test_a_client_credentials_token_is_accepted(
        self, operator: Callable[..., httpx.Client], auth: dict[str, Any]
    ) -> None:
        answer = operator(*MINE).post("/tasks", json={"title": "a"})
        assert (answer.status_code, answer.json()["userId"]) == (201, auth["clients"]["operator"])

    def test_a_client_credentials_token_is_limited_to_its_scopes(
        self, operator: Callable[..., httpx.Client]
    ) -> None:
        assert operator(Scope.READ).get("/tasks").status_code == 200
        assert operator(Scope.READ).post("/tasks", json={"title": "a"}).status_code == 403
        assert create(operator(*MINE, Scope.ADMIN), userId="ada")["userId"] == "ada"

    def test_a_client_cannot_request_a_scope_that_it_does_not_have(
        self, by_cognito: Guarded, auth: dict[str, Any]
    ) -> None:
        client_id = auth["clients"]["machine"]
        described = by_cognito.deployed.client("cognito-idp").describe_user_pool_client(
            UserPoolId=auth["user_pool_id"], ClientId=client_id
        )
        secret = described["UserPoolClient"]["ClientSecret"]
        asked = {"grant_type": "client_credentials", "scope": Scope.ADMIN}

        refused = http_client(auth["token_url"]).post(auth["token_url"], auth=(client_id, secret), data=asked)

        assert refused.status_code == 400

    def test_tokens_of_another_issuer_are_refused(self, by_cognito: Guarded, auth: dict[str, Any]) -> None:
        theirs = by_cognito.issuer.claims("ada", Scope) | {
            "iss": auth["issuer"],
            "aud": auth["clients"]["operator"],
        }
        forged = by_cognito.issuer.sign(theirs, by_cognito.issuer.key)

        assert by_cognito.as_("ada", *Scope).get("/tasks").status_code == 401
        assert by_cognito.bearing(forged).get("/tasks").status_code == 401
        assert by_cognito.bearing(None).get("/tasks").status_code == 401

    def test_verify_requests_its_own_tokens(self, by_cognito: Guarded, tmp_path: Path) -> None:
        verification = Verification(by_cognito.deployed.outputs, by_cognito.deployed.endpoint, tmp_path)

        verified = verification.run(only="callers")

        assert verified.exit_code == 0, verified.shown
        assert "callers: a token with a forged signature is refused [GET /tasks]" in verified.names("passed")

    def test_a_second_plan_is_empty(self, by_cognito: Guarded) -> None:
        assert by_cognito.deployed.application.plan() == []
