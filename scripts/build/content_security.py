"""Content-Security-Policies of the pages that the build makes."""

from base64 import b64encode
from hashlib import sha256

_NOTHING_ELSE = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")


def policy(*allowed: str) -> str:
    """Allow what these directives allow, and nothing else."""
    return "; ".join(("default-src 'none'", *allowed, "img-src data:", *_NOTHING_ELSE))


def source(content: str) -> str:
    """This style or script, and no other."""
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def tag(html: str) -> str:
    """The ETag of a page's content."""
    return sha256(html.encode()).hexdigest()[:16]
