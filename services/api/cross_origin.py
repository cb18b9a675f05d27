"""What pages of other origins may see of an answer.

HTTP APIs add it to every answer by themselves. REST APIs pass on the functions' headers, so there Terraform
names the origins in CORS_ALLOWED_ORIGINS; the gateway answers preflight requests in both.
"""

from collections.abc import Collection, Mapping

EXPOSED_HEADERS = ("etag", "idempotency-replayed", "location", "x-correlation-id")


def cross_origin_headers(origin: str | None, allowed: Collection[str]) -> Mapping[str, str]:
    """The headers for a page of that origin: none if there is none, or it is not allowed."""
    if origin is None or not {origin, "*"}.intersection(allowed):
        return {}
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS)}
    if "*" not in allowed:
        # Caches must not give the answer for one origin to another.
        headers |= {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return headers
