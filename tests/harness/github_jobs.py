"""Which jobs of a workflow GitHub would run for an event: the expressions of their `if`, evaluated.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from scripts.base.paths import ROOT

WORKFLOWS = ROOT / ".github/workflows"
_TOKEN = re.compile(r"\s*(?:('[^']*')|(&&|\|\||==|!=|[!(),])|([\w.*-]+))")


def workflow(name: str) -> dict[str, Any]:
    """A workflow's content."""
    return dict(YAML(typ="safe").load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")))


def jobs_that_run(name: str, contexts: Mapping[str, Any]) -> set[str]:
    """The jobs of a workflow that run if all of them succeed; a skipped one skips those that need it."""
    running = set[str]()
    for job, content in workflow(name)["jobs"].items():
        needed = content.get("needs", [])
        needs = {needed} if isinstance(needed, str) else set(needed)
        if needs <= running and evaluate(content.get("if", "'always'"), contexts):
            running.add(job)
    return running


def evaluate(expression: str, contexts: Mapping[str, Any]) -> bool:
    """Whether an expression holds; of the operators those on values alone, of the functions `contains`."""
    tokens = [match.group().strip() for match in _TOKEN.finditer(expression)]
    assert "".join(tokens) == re.sub(r"\s(?=(?:[^']*'[^']*')*[^']*$)", "", expression), expression
    reader = _Reader(tokens, contexts)
    value = reader.either()
    assert not reader.tokens, f"{expression}: what is {reader.tokens}?"
    return bool(value)


class _Reader:
    """Reads tokens from the left; each method reads what binds tighter than the one before it."""

    def __init__(self, tokens: list[str], contexts: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self._contexts = contexts

    def either(self) -> Any:
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._next("&&"):
            other = self._comparison()
            value = value and other
        return value

    def _comparison(self) -> Any:
        value = self._operand()
        if self._next("=="):
            return _same(value, self._operand())
        if self._next("!="):
            return not _same(value, self._operand())
        return value

    def _operand(self) -> Any:
        token = self.tokens.pop(0)
        if token == "!":
            return not self._operand()
        if token == "(":
            value = self.either()
            assert self._next(")")
            return value
        if token == "contains":
            assert self._next("(")
            values = self.either()
            assert self._next(",")
            wanted = self.either()
            assert self._next(")")
            return any(_same(value, wanted) for value in values or [])
        return token[1:-1] if token.startswith("'") else _looked_up(self._contexts, token.split("."))

    def _next(self, token: str) -> bool:
        found = self.tokens[:1] == [token]
        if found:
            self.tokens.pop(0)
        return found


def _same(one: Any, other: Any) -> bool:
    """Letters' case does not count, and what is missing equals the empty string."""
    return (one or "").lower() == (other or "").lower()


def _looked_up(value: Any, path: list[str]) -> Any:
    """What is missing is null."""
    if not path or value is None:
        return value
    name, *rest = path
    if name == "*":
        return [_looked_up(each, rest) for each in value]
    return _looked_up(value.get(name), rest)
