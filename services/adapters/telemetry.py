"""Structured logs, by Powertools: one JSON object a line, with the correlation id of the work at hand."""

import json
import os
from functools import partial

from aws_lambda_powertools.logging import Logger

# ASCII: JSON escapes line breaks, but would leave those of Unicode, and what no encoding can write.
_to_json = partial(json.dumps, default=str, separators=(",", ":"))

logger = Logger(
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "task-manager"),
    utc=True,
    json_serializer=_to_json,
    log_record_order=["timestamp", "level", "service", "correlation_id", "message"],
)
