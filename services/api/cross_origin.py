"""What pages of other origins may see of an answer.

HTTP APIs add it to every answer by themselves. REST APIs pass on the functions' headers, so there Terraform
names the origins in CORS_ALLOWED_ORIGINS; the gateway answers preflight requests in both.
"""

from collections.abc import Collection, Mapping

# Besides those that every page may read (Fetch, "CORS-safelisted response-header name"). For HTTP APIs they
# are in infra/api.tf.
EXPOSED_HEADERS = (
    "allow",
    "etag",
    "idempotency-replayed",
    "location",
    "retry-after",
    "www-authenticate",
    "x-correlation-id",
)


def cross_origin_headers(origin: str | None, allowed: Collection[str]) -> Mapping[str, str]:
    """The headers for a page of that origin: none if it is not allowed."""
    # Where all are allowed, also for requests without an origin: a cache may give a page the answer to one
    # (Fetch, "CORS protocol and HTTP caches"). Where some are, `Vary: Origin` in every answer prevents that.
    if "*" in allowed:
        allowed_origin = "*"
    elif origin in allowed:
        allowed_origin = str(origin)
    else:
        return {}
    return {
        "Access-Control-Allow-Origin": allowed_origin,
        "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS),
    }
