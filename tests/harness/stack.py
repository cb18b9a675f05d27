"""The application, deployed to a cloud of the tests' own."""

from dataclasses import dataclass
from typing import Any

from scripts.clouds.clients import client
from scripts.clouds.cloud import Cloud
from scripts.deployments.stack import Stack


@dataclass(frozen=True)
class DeployedStack:
    """The application, deployed."""

    cloud: Cloud
    application: Stack
    outputs: dict[str, Any]

    @property
    def endpoint(self) -> str:
        return self.cloud.endpoint

    @property
    def api_url(self) -> str:
        return str(self.outputs["api_url"])

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud, with the rights of its root user."""
        return client(service, self.endpoint)
