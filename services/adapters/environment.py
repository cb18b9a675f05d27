"""The environment variables that Terraform gives each function."""

import os


class MissingSetting(RuntimeError):
    """The function was deployed without a setting that it needs."""


def required(name: str) -> str:
    """The value of an environment variable. Raises MissingSetting if there is none."""
    if not (value := os.environ.get(name, "")):
        raise MissingSetting(f"environment variable {name} is not set: see services/functions.json")
    return value
