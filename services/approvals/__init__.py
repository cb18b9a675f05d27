"""The approval workflow's Lambda functions."""
