"""The console's server: the page's files, and what the page reads and does, as JSON."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from scripts.base.failure import Failure
from scripts.console import browse, letters, live, system_map, traces, trying, workflows
from scripts.console.arguments import Arguments
from scripts.console.guard import Guard
from scripts.console.subject import Subject

STATIC = Path(__file__).parent / "static"

Answer = Callable[[Subject, Arguments], Any]
"""Works in a thread of its own: it may call AWS."""

READS: dict[str, Answer] = {
    "about": lambda subject, _: _about(subject),
    "trace": lambda subject, given: traces.trace_of(subject, given.text("id"), given.text("task")),
    "trace/otlp": lambda subject, given: traces.otlp_of(subject, given.text("id"), given.text("task")),
    "letters": lambda subject, _: {"letters": letters.listed(subject.target, subject.index)},
    "workflows": lambda subject, _: workflows.shown(subject),
    "map": lambda subject, _: system_map.shown(subject),
    "function": lambda subject, given: system_map.function(subject, given.text("name")),
    "try": lambda subject, _: trying.shown(subject),
    "letters/count": lambda subject, _: {"count": letters.counted(subject.target)},
}
WRITES: dict[str, Answer] = {
    # Changes nothing, but a body is too long for an address.
    "letters/problem": lambda _, given: {
        "problem": letters.problem_of(given.text("queue"), given.text("body"))
    },
    "try/send": lambda subject, given: trying.send(subject, given.text("kind"), given.text("task")),
    "try/invoke": lambda subject, given: trying.invoke(
        subject, given.text("name"), given.text("kind"), given.text("task")
    ),
    "try/break": lambda subject, given: trying.break_(
        subject, given.text("name"), given.text("how"), given.number("amount"), given.text("action")
    ),
    "try/mend": lambda subject, _: trying.mend(subject),
    "workflows/decide": lambda subject, given: workflows.decide(
        subject, given.text("taskId"), given.text("decision"), given.number("version"), given.text("reason")
    ),
    "letters/redrive": lambda subject, given: {
        "letters": letters.moved_back(subject.target, [_chosen(one) for one in given.parts("letters")])
    },
}


def application(subject: Subject, token: str, port: int) -> ASGIApp:
    """The server's application, for the page at `/token/` of this port."""

    async def follow(request: Request) -> Response:
        return live.feed(request, subject.index)

    routes = [
        Route("/api/feed", follow, methods=["GET"]),
        *(Route(f"/api/{path}", _reading(subject, ask), methods=["GET"]) for path, ask in READS.items()),
        *(Route(f"/api/{path}", _writing(subject, act), methods=["POST"]) for path, act in WRITES.items()),
        Mount("/", StaticFiles(directory=STATIC, html=True)),
    ]
    failures: dict[Any, Any] = {
        Failure: _refused,
        ClientError: _not_answered,
        BotoCoreError: _not_answered,
        httpx.HTTPError: _not_answered,
    }
    app = Starlette(routes=routes, exception_handlers=failures)
    return Guard(app, token=token, port=port, read_only=subject.read_only)


def _reading(subject: Subject, answer: Answer) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(answer, subject, Arguments(dict(request.query_params))))

    return endpoint


def _writing(subject: Subject, answer: Answer) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        given = Arguments.from_json(await request.body())
        return JSONResponse(await run_in_threadpool(answer, subject, given))

    return endpoint


async def _refused(_: Request, failure: Exception) -> Response:
    return JSONResponse({"detail": _sentence(failure)}, 422)


async def _not_answered(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f"The deployment did not do it: {error}"}, 502)


def _sentence(failure: Exception) -> str:
    text = str(failure)
    return text[:1].upper() + text[1:]


def _chosen(one: Arguments) -> letters.Chosen:
    return letters.Chosen(one.text("queue"), one.text("messageId"), one.optional("body"))


def _about(subject: Subject) -> dict[str, Any]:
    return {
        "environment": subject.environment,
        "cloud": subject.cloud,
        "readOnly": subject.read_only,
        "apiUrl": subject.target.outputs["api_url"],
        "user": subject.user,
        "opened": subject.opened.isoformat(),
        "resources": None if subject.read_only else browse.running(),
    }
