"""Tests that need what is fetched: packages of npm and PyPI."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.base.failure import Failure


@contextmanager
def skipped_without(what: str) -> Iterator[None]:
    """Skip the test where this cannot be fetched; in CI that is a failure."""
    try:
        yield
    except Failure as failure:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no {what}: {failure}")
