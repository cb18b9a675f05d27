"""Serves the emulator with uvicorn and its compiled parser, in half the computing that hypercorn takes.

Runs in the emulator's own environment, whose packages these are.
"""

from typing import Any

import uvicorn

# How long a connection may be idle: longer than an apply takes. AWS's SDK for Go keeps one for 90 s, and a
# call may meet one that the server is about to close.
IDLE_SECONDS = 3600
# On a cold machine imports hold the server up for seconds, in which bursts of connections pile up.
BACKLOG = 1024
# Waits of calls, 20 s at most, are not waited for at the end.
END_SECONDS = 1


async def serve(application: Any, config: Any) -> None:
    """What `hypercorn.asyncio.serve` does, with its configuration: serve until a signal ends it.

    Only the first address is bound, and HTTP/1.1 spoken, as by AWS's own endpoints.
    """
    host, _, port = config.bind[0].rpartition(":")
    settings = uvicorn.Config(
        application,
        host=host,
        port=int(port),
        http="httptools",
        ssl_certfile=config.certfile,
        ssl_keyfile=config.keyfile,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
        # The emulator writes both headers itself, and reads X-Forwarded-For as what a client sent.
        server_header=False,
        date_header=False,
        proxy_headers=False,
        log_config=None,
        access_log=False,
    )
    await uvicorn.Server(settings).serve()
