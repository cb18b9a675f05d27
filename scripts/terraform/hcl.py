"""Reading Terraform's files without running Terraform."""

from collections.abc import Iterator
from typing import Any

import hcl2

_PLAIN = hcl2.SerializationOptions(strip_string_quotes=True, with_comments=False, explicit_blocks=False)


def parsed(text: str) -> dict[str, Any]:
    """Attributes by name, and blocks by kind, each a list of `{label: body}`.

    Strings are without quotes and escapes; expressions, types among them, are text within `${}`.
    """
    return hcl2.loads(text, serialization_options=_PLAIN)


def blocks(text: str, kind: str) -> Iterator[tuple[str, Any]]:
    """Each block of a kind: its first label, and its body; a resource's body is `{name: attributes}`."""
    for block in parsed(text).get(kind, []):
        yield from block.items()
