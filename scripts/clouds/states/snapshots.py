"""Snapshots of the emulator: taken on request, between two requests, and what it starts from.

A file has its manifest in the first line, as JSON; what follows is only read by the emulator that wrote such.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from .texts import other_port

FORM = 1
FILE = "snapshot"
"""In the emulator's folder: what the last request made."""
PATH = "/_task-manager/snapshot"
INSTANCE = b"x-instance"
"""The header that proves a request to come from who can read the emulator's record, not from a web page."""
PATIENCE_SECONDS = 20.0


def manifest_of(ministack: str) -> dict[str, Any]:
    """What has to be known of a snapshot before it is read, but for its port."""
    return {"form": FORM, "ministack": ministack, "python": ".".join(map(str, sys.version_info[:2]))}


def _here(port: int) -> dict[str, Any]:
    return manifest_of(importlib.metadata.version("ministack")) | {"port": port}


def unfit(found: dict[str, Any], here: dict[str, Any]) -> str | None:
    """Why a snapshot with this manifest cannot be read here; None if it can. Ports may differ."""
    for name, what in (("form", "form"), ("ministack", "ministack version"), ("python", "Python version")):
        if found.get(name) != here[name]:
            return f"it was saved with the {what} {found.get(name)}, and here it is {here[name]}"
    return None


class Snapshots:
    """An ASGI application that takes a snapshot when it is asked to, and opens the gate at first."""

    def __init__(self, application: Any, folder: Path, record: dict[str, Any], parts: Any) -> None:
        self._application = application
        self._folder = folder
        self._record = record
        self._stores, self._baseline = parts.stores, parts.baseline
        self._gate, self._executions = parts.gate, parts.executions
        self._held_lock = parts.lock
        self._one = asyncio.Lock()
        self._started = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not self._started:
            self._started = True
            self._gate.open()  # deliveries waited until their functions can make calls
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._answer(scope, send)
            return
        await self._application(scope, receive, send)

    async def _answer(self, scope: Any, send: Any) -> None:
        instance = dict(scope["headers"]).get(INSTANCE, b"").decode()
        if scope["method"] not in ("GET", "POST") or instance != self._record["instance"]:
            await _respond(send, 403, {"problem": "this is not for you"})
            return
        if scope["method"] == "GET":  # whoever started the emulator asks whether it is this one
            await _respond(send, 200, {})
            return
        async with self._one:
            started = time.monotonic()
            try:
                content = await self.take()
                held = time.monotonic() - started
                size = await asyncio.to_thread(self._write, content)
            except Exception as error:
                await _respond(send, 503, {"problem": str(error)})
                return
        await _respond(send, 200, {"held_seconds": round(held, 3), "bytes": size})

    async def take(self) -> bytes:
        """All that the emulator knows. Nothing is lost if it fails: what was held back goes on."""
        self._gate.close()
        try:
            begun = await self._gate.quiet(PATIENCE_SECONDS)
            if begun:
                raise TimeoutError(f"after {PATIENCE_SECONDS:.0f} s these are under way: {', '.join(begun)}")
            with self._held_lock:
                return bytes(self._stores.dump(self._baseline.changed(), self._executions.places))
        finally:
            self._gate.open()

    def _write(self, content: bytes) -> int:
        draft = self._folder / f"{FILE}.draft"
        try:
            with draft.open("wb") as file:
                file.write(json.dumps(_here(self._record["port"])).encode() + b"\n" + content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._folder / FILE)
        finally:
            draft.unlink(missing_ok=True)
        return len(content)


async def _respond(send: Any, status: int, answer: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def read_manifest(file: Path) -> dict[str, Any]:
    """The manifest of a snapshot."""
    with file.open("rb") as opened:
        return dict(json.loads(opened.readline()))


def read(file: Path) -> tuple[dict[str, Any], bytes]:
    """The manifest of a snapshot, and the rest."""
    first, _, content = file.read_bytes().partition(b"\n")
    return json.loads(first), content


def restore(file: Path, port: int, parts: Any) -> None:
    """Fill the stores from a snapshot, before anything is served, and let executions go on."""
    found, content = read(file)
    problem = unfit(found, _here(port))
    if problem:
        _give_up(f"cannot start from {file}: {problem}")
    try:
        places = parts.stores.load(content, other_port(found["port"], port))
    except Exception as error:
        _give_up(f"cannot start from {file}: it is damaged ({error})")
    parts.executions.places.update(places)
    parts.executions.resume()
    if parts.functions._esms.has_any():
        parts.functions._ensure_poller()


def _give_up(why: str) -> NoReturn:
    """End with that as the last line of the log: as usual, threads that wait would add to it."""
    print(why, flush=True)
    os._exit(1)
