"""Numbers in environment variables."""

import math
from collections.abc import Mapping

from scripts.base.failure import Failure


def number(
    variables: Mapping[str, str], name: str, default: float, what: str, most: float = math.inf
) -> float:
    """A variable's number, from 0 to `most`, or the default where it is not set.

    Raises Failure that names the variable, and `what` it is: the unit, with an example.
    """
    text = variables.get(name)
    if not text:
        return default
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= most:
        raise Failure(f"{name}={text} is not {what}")
    return found
