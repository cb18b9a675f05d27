"""Probes of what runs functions, and of the front doors in front of them."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from scripts.base.local_account import REGION
from scripts.base.loopback import http_client
from scripts.base.pythons import runtime
from scripts.clouds.probing.scope import NeverSeen, NotSeen, Scope
from scripts.clouds.probing.services import role

# The first call may have to start a container.
START_SECONDS = 90.0
ANSWER = "probed"
CODE = f"""
import os, platform, socket, sys
from urllib.parse import urlsplit

def reaches(url):
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), 5).close()
        return True
    except (OSError, TypeError):
        return False

def handler(event, context):
    print("probed")
    if "seen" not in event:
        return {{"statusCode": 200, "body": "{ANSWER}"}}
    return {{
        "python": "%d.%d" % sys.version_info[:2],
        "machine": platform.machine(),
        "system": sys.platform,
        "libc": platform.libc_ver()[0],
        "reaches_cloud": reaches(os.environ.get("AWS_ENDPOINT_URL")),
    }}
"""


@dataclass(frozen=True)
class FunctionHost:
    """Where functions run: the probe function's ARN, and what it saw there."""

    arn: str
    seen: dict[str, Any]


def functions(probe: Scope, version: tuple[int, ...]) -> FunctionHost:
    """A Python function runs, and can reach the cloud at the address that it is given."""
    service = probe.client("lambda")
    probe.remove_later(probe.client("logs").delete_log_group, logGroupName=f"/aws/lambda/{probe.name}")
    probe.remove_later(service.delete_function, FunctionName=probe.name)
    made = service.create_function(
        FunctionName=probe.name,
        Runtime=runtime(version),
        Role=role(probe),
        Handler="probe.handler",
        Code={"ZipFile": _package()},
        Timeout=10,
    )

    def call() -> Any:
        now = service.get_function_configuration(FunctionName=probe.name)
        if now.get("State") == "Failed":
            raise NeverSeen(f"a function was not started: {now.get('StateReason')}")
        answer = service.invoke(FunctionName=probe.name, Payload=json.dumps({"seen": True}))
        seen = json.loads(answer["Payload"].read())
        return seen if isinstance(seen, dict) and "python" in seen else None

    seen = probe.wait("a function's answer", call, max(probe.seconds, START_SECONDS))
    return FunctionHost(made["FunctionArn"], seen)


def http_api(probe: Scope, function: str) -> str:
    """An HTTP API calls a function, at the address that local clouds have for it; gives the API's id."""
    gateway = probe.client("apigatewayv2")
    api = gateway.create_api(Name=probe.name, ProtocolType="HTTP")["ApiId"]
    probe.remove_later(gateway.delete_api, ApiId=api)
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    target = f"integrations/{integration}"
    gateway.create_route(ApiId=api, RouteKey="GET /open", Target=target)
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    _require_answer(probe, f"{api}/$default/open")
    return str(api)


def jwt_authorizers(probe: Scope, api: str) -> None:
    """A route with a JWT authorizer refuses a call without a token."""
    gateway = probe.client("apigatewayv2")
    authorizer = gateway.create_authorizer(
        ApiId=api,
        AuthorizerType="JWT",
        Name=probe.name,
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": f"{probe.endpoint}/{probe.name}", "Audience": [probe.name]},
    )["AuthorizerId"]
    target = gateway.get_routes(ApiId=api)["Items"][0]["Target"]
    gateway.create_route(
        ApiId=api, RouteKey="GET /closed", Target=target, AuthorizationType="JWT", AuthorizerId=authorizer
    )

    def closed() -> bool:
        return _status(probe, f"{api}/$default/closed") == 401

    probe.wait("the refusal of a call without a token", closed)


def rest_api(probe: Scope, function: str) -> None:
    """A REST API calls a function, at the address that local clouds have for it."""
    gateway = probe.client("apigateway")
    api = gateway.create_rest_api(name=probe.name)["id"]
    probe.remove_later(gateway.delete_rest_api, restApiId=api)
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    part = gateway.create_resource(restApiId=api, parentId=root, pathPart="open")["id"]
    method = {"restApiId": api, "resourceId": part, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
    gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="probe")
    _require_answer(probe, f"{api}/probe/open")


def _require_answer(probe: Scope, path: str) -> None:
    probe.wait("an answer through the API", lambda: _status(probe, path) == 200)


def _status(probe: Scope, path: str) -> int:
    with http_client(probe.endpoint, timeout=10) as http:
        answer = http.get(f"/_aws/execute-api/{path}")
    if answer.status_code == 200 and answer.text != ANSWER:
        raise NotSeen(f"the API's answer is {answer.text[:60]!r}")
    return int(answer.status_code)


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        file = zipfile.ZipInfo("probe.py")
        file.external_attr = 0o644 << 16  # containers run it as another user
        package.writestr(file, CODE)
    return content.getvalue()
