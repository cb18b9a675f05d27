"""HTTP clients for what listens on this machine: they never read proxy settings, which lead elsewhere.

Clients of AWS's own endpoints and downloads of packages go on honouring them.
"""

import contextlib
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from scripts.base.failure import Failure

if TYPE_CHECKING:
    import httpx

HOSTS = ("127.0.0.1", "localhost", "::1")
TIMEOUT_SECONDS = 30.0
_NAMES = ("NO_PROXY", "no_proxy")


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def http_client(
    url: str, make: "Callable[..., httpx.Client] | None" = None, **options: Any
) -> "httpx.Client":
    """An HTTP client with this base URL, of httpx's class by default.

    On this machine it reads no proxy settings, and trusts a certificate that SSL_CERT_FILE names. Raises
    Failure if that names none; for another machine httpx reads it.
    """
    import httpx

    settings: dict[str, Any] = {"timeout": TIMEOUT_SECONDS}
    try:
        if is_loopback(url):
            settings |= {"trust_env": False, "verify": _trusted(url)}
        settings |= {"base_url": url, **options}
        return make(**settings) if make else httpx.Client(**settings)
    except OSError as error:
        named = os.environ.get("SSL_CERT_FILE")
        raise Failure(f"SSL_CERT_FILE={named} is no file of certificates: {error}: unset it") from error


def _trusted(url: str) -> ssl.SSLContext:
    if urlsplit(url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nobody: reading the system's certificates takes long
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))


def http_parts(url: str) -> SplitResult | None:
    """The parts of an HTTP URL with a host, and a port from 1 on if it names one; None for what is none."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port is none, or a bracket is open
        return None
    return parts if sound else None


def answers(
    url: str,
    seconds: float,
    certificate: Path | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Whether a URL on this machine answers 200 in time; a certificate is then the only one trusted."""
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        # A cloud that is starting may not have made its certificate yet.
        trusted = ssl.create_default_context(cafile=certificate) if certificate else None
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted)]
        with urllib.request.build_opener(*handlers).open(request, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def is_proxied(surroundings: Mapping[str, str]) -> bool:
    """Whether curl, which reads proxy settings, would look for this machine behind a proxy."""
    named = any(surroundings.get(name) for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"))
    excepted = next((surroundings[name] for name in _NAMES if surroundings.get(name)), "").split(",")
    return named and not {"127.0.0.1", "*"} & set(excepted)


def without_proxy(surroundings: Mapping[str, str]) -> dict[str, str]:
    """An environment for other programs, in which proxies are not for this machine."""
    given = next((surroundings[name] for name in _NAMES if surroundings.get(name)), "")
    hosts = [host for host in HOSTS if host not in given.split(",")]
    told = given if given == "*" else ",".join([*filter(None, [given]), *hosts])
    return {**surroundings, **dict.fromkeys(_NAMES, told)}


@contextlib.contextmanager
def no_proxy_here() -> Iterator[None]:
    """The same for this process, where a library reads its environment and takes no settings."""
    before = {name: os.environ.get(name) for name in _NAMES}
    os.environ.update(without_proxy(os.environ))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
