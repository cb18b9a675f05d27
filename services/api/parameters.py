"""Parameters and headers that operations have in common."""

from typing import Any

from services.api.operation import Header, Parameter
from services.core.task import MAX_USER_ID, USER_ID_PATTERN

TASK_ID = Parameter("taskId", "path", {"type": "string", "format": "uuid"}, "The task's id, a UUID.")
USER_ID = Parameter(
    "userId",
    "path",
    {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_USER_ID,
        "allOf": [{"pattern": USER_ID_PATTERN}, {"pattern": "^[^/?#%]+$"}],
    },
    "Without / ? # %, which not every front door takes in a path: see GET /users/stats.",
)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "Makes a retry safe for 24 hours: the same key and body get the first answer again.",
)

_TAG = r'(W/)?"[^\x00-\x20"\x7f]*"'
_ENTITY_TAGS: dict[str, Any] = {
    "type": "string",
    "format": "entity-tags",
    "pattern": rf"^(\*|[ \t,]*({_TAG}([ \t]*,[ \t,]*{_TAG})*)?[ \t,]*)$",
}
IF_MATCH = Parameter("If-Match", "header", _ENTITY_TAGS, "Only if the task is at this version; else 412.")
IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", _ENTITY_TAGS, "Only if the task is not at this version; else 304."
)
IF_READ = Parameter("If-Match", "header", _ENTITY_TAGS, "Only if the answer is this one; else 412.")
IF_NOT_READ = Parameter(
    "If-None-Match", "header", _ENTITY_TAGS, "Only if something has changed since; else 304."
)

ETAG = Header("ETag", "The task's version.", {"type": "string"})
BODY_ETAG = Header("ETag", "A digest of the body.", {"type": "string"})
LOCATION = Header(
    "Location", "The task, relative to the URL of the request.", {"type": "string", "format": "uri-reference"}
)
ACCEPT = Header("Accept", "The type that a body must have.", {"type": "string"})
RETRY_AFTER = Header("Retry-After", "After how many seconds to try again.", {"type": "integer"})
CORRELATION_ID = Header(
    "x-correlation-id",
    "Names the request in logs and events: what the caller gave, if it may pass, else a new one.",
    {"type": "string"},
)
IDEMPOTENCY_REPLAYED = Header(
    "Idempotency-Replayed",
    "true when this is the answer to an earlier request.",
    {"type": "string", "const": "true"},
)
