"""Runs the console's server on the loopback interface."""

import contextlib
import secrets
import threading
from collections.abc import Iterator

import uvicorn

from scripts.base.failure import Failure
from scripts.base.ports import LOOPBACK
from scripts.base.waiting import until
from scripts.console.app import application
from scripts.console.subject import Subject
from scripts.console.watcher import watching

START_SECONDS = 10.0
TOKEN_BYTES = 18


def page_address(port: int, token: str) -> str:
    """The page's address, which holds the token."""
    return f"http://{LOOPBACK}:{port}/{token}/"


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def server_of(subject: Subject, port: int, token: str) -> uvicorn.Server:
    """The server, which does not run yet."""
    settings = uvicorn.Config(
        application(subject, token, port),
        host=LOOPBACK,
        port=port,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # pages follow the feed, and would hold it up
    )
    return uvicorn.Server(settings)


@contextlib.contextmanager
def serving(subject: Subject, port: int) -> Iterator[str]:
    """The page's address, while a thread serves it."""
    token = new_token()
    server = server_of(subject, port, token)
    thread = threading.Thread(target=server.run, daemon=True)
    with watching(subject.target, subject.index, subject.environment):
        thread.start()
        try:
            if not until(lambda: server.started, seconds=START_SECONDS, poll=0.01):
                raise Failure(f"the console did not start on port {port}")
            yield page_address(port, token)
        finally:
            subject.index.close()
            server.should_exit = True
            thread.join()
