"""The flavours of a deployment on AWS that the variables allow: what scanners and tests look at.

Together they hold every resource that a plan can have.
"""

from dataclasses import dataclass

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0123abcd"
# A REST API checks no tokens.
OPEN_REST_API = {"api_type": "rest", "auth_mode": "none", "i_accept_an_open_api": "true"}
DOMAIN = {"api_domain_name": "api.example.com", "api_certificate_arn": CERTIFICATE}


@dataclass(frozen=True)
class Flavour:
    """An environment's variables, and those that are set beside them."""

    environment: str
    variables: dict[str, str]

    @property
    def arguments(self) -> list[str]:
        """For `terraform plan`, beside the environment's file."""
        return [f"-var={name}={value}" for name, value in self.variables.items()]


FLAVOURS = {
    # An HTTP API, tokens of Cognito, canaries, backups, traces.
    "prod": Flavour("prod", {}),
    # Calls move at once, nothing is backed up.
    "dev": Flavour("dev", {}),
    # Nothing is protected; people sign in at a page.
    "preview": Flavour(
        "preview",
        {"environment": "pr-12", "cognito_callback_urls": '["https://tasks.example.com/back"]'},
    ),
    # In a fresh account, which has no role for the logs of REST APIs.
    "rest": Flavour("dev", {**OPEN_REST_API, "api_access_logs": "false"}),
    # Every option in front of a REST API, and calls that stay at a version.
    "rest-waf-domain": Flavour(
        "prod",
        {
            **OPEN_REST_API,
            **DOMAIN,
            "waf_rate_limit": "2000",
            "api_hosted_zone_id": "Z0123456789",
            "live_versions": '{get_task="7"}',
        },
    ),
    # Tokens of another issuer, a custom domain, roles within a boundary, every other option.
    "options": Flavour(
        "prod",
        {
            **DOMAIN,
            "auth_mode": "jwt",
            "jwt_issuer": "https://issuer.example",
            "jwt_audience": '["tasks"]',
            "deployment_preference": "linear",
            "lambda_snap_start": "true",
            "log_level": "ERROR",
            "permissions_boundary": "github-task-manager-prod-boundary",
            "lambda_reserved_concurrency": "{create_task=20,on_created=5,on_updated=0}",
            "alarm_email": "on-call@example.com",
            "notification_email": "team@example.com",
            "cors_allowed_origins": '["https://tasks.example.com"]',
            "cors_allowed_headers": '["b3"]',
        },
    ),
}
