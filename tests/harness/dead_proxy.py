"""A proxy that nobody listens at: where everything is on this machine, no call may go through one."""

import os

_DEAD_PROXY = "http://127.0.0.1:9"


def set_dead_proxy() -> None:
    """Set it for this process and those that it starts, without exceptions."""
    os.environ |= {"http_proxy": _DEAD_PROXY, "HTTP_PROXY": _DEAD_PROXY}
    for name in ("no_proxy", "NO_PROXY"):
        os.environ.pop(name, None)
