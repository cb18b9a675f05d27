"""The HTTP API: one Lambda function an endpoint."""
