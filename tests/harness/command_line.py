"""The commands as the command line runs them, in the tests' process."""

import load.__main__
from scripts.__main__ import NAME, application
from scripts.base.command import run_words


def task_manager(*words: str) -> int:
    """Run a command of `task-manager`; its exit code. Raises Failure, which the door prints."""
    return run_words(application(), NAME, words)


def load_tests(*words: str) -> int:
    """Run the load tests' command; its exit code. Raises Failure, which the door prints."""
    return run_words(load.__main__.app, load.__main__.NAME, words)
