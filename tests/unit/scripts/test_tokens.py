"""Tokens for the API: their claims, who can read the key, and where no token is available."""

import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.ports import LOOPBACK, free_port
from scripts.base.progress import Steps
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments import token, tokens
from scripts.deployments.issuer import AUDIENCE, Issuer
from scripts.deployments.stack import Stack
from scripts.deployments.target import Target
from services.core.callers import Scope
from tests.harness.clock import Clock

ENDPOINT = "http://127.0.0.1:1"


def target(**auth: Any) -> Target:
    def no_client(service: str) -> Any:
        raise AssertionError(service)

    return Target({"api_url": ENDPOINT, "auth": auth}, no_client)


@pytest.fixture
def issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    monkeypatch.setattr(tokens, "WORK_FOLDER", tmp_path)
    monkeypatch.delenv("API_TOKEN", raising=False)
    return Issuer(tmp_path, ENDPOINT)


def test_a_token_names_subject_audience_and_scopes(issuer: Issuer) -> None:
    made = tokens.token_for(target(mode="jwt", issuer=issuer.url), "ada", [Scope.READ, Scope.WRITE])

    assert made is not None
    read = jwt.decode(made, RSAKey.import_key(issuer.key.as_pem(private=False)), algorithms=["RS256"])
    told = {name: read.claims[name] for name in ("iss", "aud", "sub", "scope")}
    assert told == {"iss": issuer.url, "aud": AUDIENCE, "sub": "ada", "scope": "tasks/read tasks/write"}
    assert read.claims["nbf"] < read.claims["exp"]


def test_the_key_is_kept_and_readable_by_its_user_only(issuer: Issuer, tmp_path: Path) -> None:
    first = issuer.key.thumbprint()

    assert Issuer(tmp_path, ENDPOINT).key.thumbprint() == first
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_open_api_needs_no_token(issuer: Issuer) -> None:
    assert tokens.token_for(target(mode="none"), "ada", list(Scope)) is None
    assert "authorization" not in tokens.api_client(target(mode="none"), "ada").headers


def test_a_token_of_another_issuer_must_be_given(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = target(mode="jwt", issuer="https://issuer.example")

    with pytest.raises(Failure, match=r"issuer\.example issues tokens.*API_TOKEN"):
        tokens.token_for(foreign, "ada", list(Scope))

    monkeypatch.setenv("API_TOKEN", "given")
    assert tokens.api_client(foreign, "ada").headers["authorization"] == "Bearer given"


@pytest.mark.parametrize(("name", "scope"), [("read", Scope.READ), ("tasks/admin", Scope.ADMIN)])
def test_scopes_have_short_names(name: str, scope: Scope) -> None:
    assert token.scope_of(name) is scope


@pytest.mark.parametrize("name", ["reed", "tasks/", "public", "openid/read"])
def test_an_unknown_scope_is_refused_by_name(name: str) -> None:
    with pytest.raises(Failure, match=f"{name}.*read, write, approve, admin"):
        token.scope_of(name)


def test_authentication_on_a_cloud_that_checks_no_tokens_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = EmbeddedCloud(1, tmp_path)
    monkeypatch.setattr(cloud, "api_type", "rest", raising=False)
    with pytest.raises(Failure, match="checks no tokens: AUTH=jwt needs CLOUD=embedded"):
        Stack(cloud, tmp_path, auth_mode="jwt").deploy(Steps(quiet=True))


class TestNewTokenEndpoint:
    """A new domain of Cognito, which is not in DNS yet."""

    def test_endpoint_that_comes_up_within_two_minutes_is_waited_for(self) -> None:
        port = free_port()
        servers: list[HTTPServer] = []

        def come_up(seconds: float) -> None:
            if seconds > 60 and not servers:
                servers.append(HTTPServer((LOOPBACK, port), GivesTokens))
                threading.Thread(target=servers[0].handle_request, daemon=True).start()

        clock = Clock(at=come_up)

        with http_client(f"http://{LOOPBACK}:{port}") as http:
            answer = tokens.at_last(lambda: http.get("/"), clock=clock)
        servers[0].server_close()

        assert answer.json() == {"access_token": "given"}
        assert clock.now() == pytest.approx(60, abs=3)

    def test_endpoint_that_never_comes_up_is_a_failure(self) -> None:
        clock = Clock()
        with (
            http_client("http://127.0.0.1:1") as http,
            pytest.raises(
                Failure, match=r"the token endpoint cannot be reached: .*try again in a few minutes"
            ),
        ):
            tokens.at_last(lambda: http.get("/"), clock=clock)
        assert clock.now() == pytest.approx(tokens.NEW_ENDPOINT_SECONDS, abs=3)


class GivesTokens(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"access_token": "given"}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
