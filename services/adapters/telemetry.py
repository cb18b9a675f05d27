"""Structured logs, by Powertools: one JSON object a line, with the correlation id of the work at hand."""

import os

from aws_lambda_powertools.logging import Logger

# Powertools escapes what it logs as JSON does: no value can forge a line of its own.
logger = Logger(
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "task-manager"),
    utc=True,
    log_record_order=["timestamp", "level", "service", "correlation_id", "message"],
)
