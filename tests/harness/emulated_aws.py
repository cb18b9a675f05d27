"""The embedded cloud in the place of AWS: with TLS, and deployed to with AWS's own variables."""

import dataclasses
import ssl
from pathlib import Path
from typing import Any

import httpx

from scripts.base.loopback import http_client
from scripts.base.progress import Steps
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.aws.account import Account
from scripts.deployments.aws.deployment import Deployment
from scripts.deployments.deploy import Delivery

ENVIRONMENT = "dev"
VARIABLES = {
    # The emulator does not return a workflow's tracing, so every plan would show it as changed.
    "enable_xray_tracing": False,
    # The emulator's certificate is its own, not one of Amazon's.
    "aws_ca_bundle": "default",
    # Authentication has its own tests: test_authentication.py.
    "auth_mode": "none",
    "i_accept_an_open_api": True,
}


@dataclasses.dataclass(frozen=True)
class Aws:
    """The emulator as if it were AWS."""

    cloud: EmbeddedCloud
    account: Account
    folder: Path

    def api(self, outputs: dict[str, Any]) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.cloud.certificate)
        return http_client(self.api_url(outputs), verify=trusted)

    def api_url(self, outputs: dict[str, Any]) -> str:
        """The API's URL on the emulator: names under AWS's domain lead elsewhere."""
        return f"{self.cloud.endpoint}/_aws/execute-api/{outputs['api_id']}/$default"

    def deployment(self, manifest: Path, **variables: Any) -> Deployment:
        return Deployment(
            self.account,
            ENVIRONMENT,
            manifest=manifest,
            folder=self.folder,
            variables={**VARIABLES, **variables},
        )

    def delivery(self, manifest: Path) -> Delivery:
        return Delivery(self.account, self.deployment(manifest), Steps(quiet=True), self.api)
