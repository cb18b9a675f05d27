"""The question before anything changes on AWS."""

import os
import sys

from scripts.base.failure import Failure

APPROVED = "AUTO_APPROVE"


def confirm(question: str, answer: str) -> None:
    """Ask, unless AUTO_APPROVE=1; a Failure if that is not the answer."""
    require_answer()
    if os.environ.get(APPROVED) == "1":
        return
    if input(f"{question} Type {answer!r} to continue: ").strip() != answer:
        raise Failure("nothing was changed")


def require_answer() -> None:
    """Fail where the question could not be answered: no terminal, and no AUTO_APPROVE=1."""
    if os.environ.get(APPROVED) != "1" and not sys.stdin.isatty():
        raise Failure(f"this changes AWS and there is no terminal to confirm it on: set {APPROVED}=1")
