"""Deploying to AWS: which account, where the state lies, what changes, and back again."""
