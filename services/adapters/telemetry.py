"""Structured logs, by Powertools: one JSON object a line, with the correlation id of the work at hand."""

import json
import logging

from aws_lambda_powertools.logging import Logger

# ASCII: JSON escapes line breaks, but neither Unicode's nor surrogates, which no encoding can write.
_ENCODER = json.JSONEncoder(default=str, separators=(",", ":"))

logger = Logger(
    utc=True,
    use_rfc3339=True,
    json_serializer=_ENCODER.encode,
    json_deserializer=str,  # a message is text, even one that happens to be JSON
    location=None,  # a failure has its trace
    log_record_order=["timestamp", "level", "service", "correlation_id", "message"],
)


def configure(level: str) -> None:
    """Sets the log levels of a function's process, `level` for our own lines; skips what no line shows."""
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # With JSON logs, Lambda's runtime sets the root logger to the function's log level (awslambdaric,
    # `bootstrap.py`). At DEBUG, botocore then logs every request with its body and its session token.
    # Libraries take their level from the root logger, and none of them logs a request at WARNING or above.
    logging.getLogger().setLevel(logging.WARNING)
    # Powertools prefers the level that Lambda filters by, which is never above INFO: a stricter filter would
    # drop metrics (infra/modules/function/main.tf).
    logging.getLogger(logger.name).setLevel(level)
