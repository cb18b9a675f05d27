"""What pages of other origins may see of an answer.

HTTP APIs add it to every answer by themselves. REST APIs pass on the functions' headers, so there Terraform
names the origins in CORS_ALLOWED_ORIGINS; the gateway answers preflight requests in both.
"""

import os
from collections.abc import Mapping

EXPOSED_HEADERS = ("etag", "idempotency-replayed", "location", "x-correlation-id")


def cross_origin_headers(origin: str | None) -> Mapping[str, str]:
    """The headers for a page of that origin: none if there is none, or it is not allowed."""
    allowed = os.environ.get("CORS_ALLOWED_ORIGINS", "").split(",")
    if origin is None or not {origin, "*"} & set(allowed):
        return {}
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS)}
    if "*" not in allowed:
        # Caches must not give the answer for one origin to another.
        headers |= {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return headers
