"""The question before anything changes on AWS, or is lost anywhere."""

import os
import sys

from scripts.base.failure import Failure

APPROVED = "AUTO_APPROVE"
CHANGES_AWS = "this changes AWS"


def confirm(question: str, answer: str, why: str = CHANGES_AWS) -> None:
    """Ask, unless AUTO_APPROVE=1; a Failure if that is not the answer."""
    require_answer(why)
    if os.environ.get(APPROVED) == "1":
        return
    if ask(f"{question} Type {answer!r} to continue: ") != answer:
        raise Failure("nothing was changed")


def ask(question: str) -> str:
    """The answer to a question on the terminal; empty where Ctrl-D ends it."""
    try:
        return input(question).strip()
    except EOFError:
        print()  # what follows is not in the question's line
        return ""


def require_answer(why: str = CHANGES_AWS) -> None:
    """Fail where the question could not be answered: no terminal, and no AUTO_APPROVE=1."""
    if os.environ.get(APPROVED) != "1" and not sys.stdin.isatty():
        raise Failure(f"{why} and there is no terminal to confirm it on: set {APPROVED}=1")
