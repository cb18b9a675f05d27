"""Which log events the dashboard's widget of recent errors shows: its query, read from Terraform, applied."""

import ast
import re
from typing import Any

from scripts.base.paths import ROOT

_OPERATORS: dict[type[ast.boolop], Any] = {ast.And: all, ast.Or: any}


def error_filter() -> str:
    """The filter of the query, as CloudWatch Logs Insights gets it."""
    source = (ROOT / "infra/dashboard.tf").read_text(encoding="utf-8")
    (found,) = re.findall(r'^\s*"filter ((?:[^"\\]|\\.)*)",$', source, re.MULTILINE)
    return str(found.replace('\\"', '"'))


def matches(condition: str, event: dict[str, Any]) -> bool:
    """Whether a filter of `field in [texts]`, `and`, `or` and parentheses holds for a JSON log event.

    Such a condition happens to be a Python expression as well. A field that is missing is in no list.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
    """
    return _holds(ast.parse(condition, mode="eval").body, event)


def _holds(node: ast.expr, event: dict[str, Any]) -> bool:
    match node:
        case ast.BoolOp(op, values):
            return bool(_OPERATORS[type(op)](_holds(value, event) for value in values))
        case ast.Compare(field, [ast.In()], [ast.List(texts)]):
            return _value(field, event) in [text.value for text in texts if isinstance(text, ast.Constant)]
    raise ValueError(f"not understood: {ast.unparse(node)}")


def _value(node: ast.expr, event: Any) -> Any:
    match node:
        case ast.Name(name):
            return event.get(name)
        case ast.Attribute(parent, name):
            return (_value(parent, event) or {}).get(name)
    raise ValueError(f"no field: {ast.unparse(node)}")
