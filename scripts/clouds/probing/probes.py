"""All probes, one after the other: what a cloud can do, and why it cannot do the rest."""

import sys
import textwrap
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from scripts.clouds.probing import functions, services
from scripts.clouds.probing.findings import CAPABILITIES, Findings
from scripts.clouds.probing.scope import DEADLINE_SECONDS, REFUSALS, Scope, scope

# So many characters of a reason are shown.
LINE = 160


def probe(
    endpoint: str,
    make_client: Callable[[str], Any],
    say: Callable[[str], None] = lambda _: None,
    seconds: float = DEADLINE_SECONDS,
) -> Findings:
    """Try everything, each with a deadline of so many seconds; what was made for it is removed again."""
    with scope(endpoint, make_client, seconds) as opened:
        return _probe_all(opened, say)


def _probe_all(opened: Scope, say: Callable[[str], None]) -> Findings:
    lacks: dict[str, str] = {}

    def attempt(name: str, look: Callable[[], Any], needs: str = "") -> Any:
        say(CAPABILITIES[name].title)
        if needs in lacks:
            lacks[name] = f"not tried, for it needs {CAPABILITIES[needs].title}"
            return None
        try:
            return look()
        except REFUSALS as error:
            lacks[name] = _short(error)
            return None

    host = attempt("functions", lambda: functions.functions(opened, sys.version_info[:2]))
    attempt("reaches_cloud", lambda: _require_reach(host), "functions")
    attempt("streams", lambda: services.streams(opened))
    attempt("bus", lambda: services.bus(opened))
    attempt("task_tokens", lambda: services.task_tokens(opened))
    attempt("archives", lambda: services.archives(opened))
    api = attempt("http_api", lambda: functions.http_api(opened, host.arn), "functions")
    attempt("jwt", lambda: functions.jwt_authorizers(opened, api), "http_api")
    attempt("rest_api", lambda: functions.rest_api(opened, host.arn), "functions")
    attempt("iam_enforcement", lambda: services.iam_enforcement(opened))
    return Findings(lacks, host.seen if host else {})


def _require_reach(host: functions.FunctionHost) -> None:
    if not host.seen.get("reaches_cloud"):
        raise ValueError("AWS_ENDPOINT_URL in a function leads nowhere")


def _short(error: Exception) -> str:
    """A line; of an error that the service answered, its code and message."""
    told = str(error)
    if isinstance(error, ClientError):
        told = "{Code}: {Message}".format(**{"Code": "", "Message": "", **error.response.get("Error", {})})
    return textwrap.shorten(told or type(error).__name__, LINE, placeholder=" …")
