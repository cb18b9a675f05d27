"""A token for a deployment, whatever its authentication is."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.paths import WORK_FOLDER
from scripts.base.waiting import SYSTEM_CLOCK, Clock, until
from scripts.deployments.aws.bearer import TOKEN
from scripts.deployments.issuer import BUCKET, Issuer
from scripts.deployments.target import Target
from services.core.callers import Scope

# The app client in infra/auth.tf that has every scope.
OPERATOR = "operator"
# A new Cognito domain takes about a minute to reach every DNS resolver.
NEW_ENDPOINT_SECONDS = 120.0
POLL_SECONDS = 2.0


def token_for(target: Target, subject: str, scopes: Sequence[Scope]) -> str | None:
    """A token for this subject, or on Cognito for the operators' client; None if none is wanted."""
    auth: dict[str, Any] = target.outputs["auth"]
    if auth["mode"] == "none":
        return None
    if given := os.environ.get(TOKEN):
        return given
    if auth["mode"] == "cognito":
        return _from_cognito(target, auth, scopes)
    endpoint, _, bucket = str(auth["issuer"]).rpartition("/")
    if bucket != BUCKET:
        raise Failure(f"only {auth['issuer']} issues tokens: get one there, and set {TOKEN}")
    return Issuer(WORK_FOLDER, endpoint).token(subject, scopes)


def api_client(
    target: Target,
    subject: str,
    scopes: Sequence[Scope] = tuple(Scope),
    make: Callable[..., httpx.Client] = httpx.Client,
) -> httpx.Client:
    """An HTTP client of the API, with a token if one is wanted."""
    token = token_for(target, subject, scopes)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = target.outputs["api_url"]
    return http_client(url, make, headers=headers)


def at_last(call: Callable[[], httpx.Response], *, clock: Clock = SYSTEM_CLOCK) -> httpx.Response:
    """The answer of an endpoint that may be so new that DNS does not know it; a Failure after two minutes."""

    def answer_or_error() -> httpx.Response | httpx.TransportError:
        try:
            return call()
        except httpx.TransportError as error:
            return error

    answer = until(
        answer_or_error,
        lambda seen: isinstance(seen, httpx.Response),
        seconds=NEW_ENDPOINT_SECONDS,
        poll=POLL_SECONDS,
        clock=clock,
    )
    if isinstance(answer, httpx.TransportError):
        raise Failure(
            f"the token endpoint cannot be reached: {answer}. If it is new, try again in a few minutes"
        ) from answer
    return answer


def _from_cognito(target: Target, auth: dict[str, Any], scopes: Sequence[Scope]) -> str:
    client_id = auth["clients"][OPERATOR]
    described = target.client("cognito-idp").describe_user_pool_client(
        UserPoolId=auth["user_pool_id"], ClientId=client_id
    )
    url = auth["token_url"]
    with http_client(url) as http:
        answer = at_last(
            lambda: http.post(
                url,
                auth=(client_id, described["UserPoolClient"]["ClientSecret"]),
                data={"grant_type": "client_credentials", "scope": " ".join(scopes)},
            )
        )
    if answer.is_error:
        raise Failure(f"{auth['token_url']} issued no token: {answer.status_code} {answer.text}")
    return str(answer.json()["access_token"])
