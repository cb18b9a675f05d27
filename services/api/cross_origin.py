"""What pages of other origins may see of an answer.

HTTP APIs add it to every answer by themselves. REST APIs pass on what the functions say, so there Terraform
names the origins in CORS_ALLOWED_ORIGINS; the gateway answers preflight requests in both.
"""

import os

from aws_lambda_powertools.event_handler import CORSConfig

EXPOSED_HEADERS = ("etag", "idempotency-replayed", "location", "x-correlation-id")


def cross_origin() -> CORSConfig | None:
    """The headers for callers from allowed origins; None where there are none, or the gateway adds them."""
    first, *others = os.environ.get("CORS_ALLOWED_ORIGINS", "").split(",")
    if not first:
        return None
    return CORSConfig(allow_origin=first, extra_origins=others, expose_headers=list(EXPOSED_HEADERS))
