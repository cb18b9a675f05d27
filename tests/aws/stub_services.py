"""Stub AWS services that answer each function with success or a refusal, to test what functions log."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.adapters.dynamodb.tasks import task_to_item
from tests.aws.occasions import TASK

# A request that contains this word is refused.
REFUSING = "refusing"

_EMPTY: dict[str, Any] = {}
_ANSWERS: dict[str, dict[str, Any]] = {
    "PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]},
    "SendMessage": {"MessageId": "1", "MD5OfMessageBody": ""},
    "StartExecution": {
        "executionArn": "arn:aws:states:eu-central-1:000000000000:execution:x:1",
        "startDate": 0,
    },
}
_PUBLISHED = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"


@contextmanager
def stub_services() -> Iterator[str]:
    """The address of all of them, until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Services)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Services(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_PUT(self) -> None:
        """S3."""
        self._body()
        self._send(200, "", "application/xml")

    def do_POST(self) -> None:
        """Services with a target speak JSON; SNS speaks XML."""
        body = self._body()
        if (target := self.headers.get("X-Amz-Target")) is None:
            self._send(200, _PUBLISHED, "text/xml")
            return
        kind = self.headers["Content-Type"]
        if REFUSING in body:
            code = {"__type": "AccessDeniedException", "message": "User is not authorized to do this"}
            self._send(400, json.dumps(code), kind)
            return
        self._send(200, json.dumps(_answer(target.rpartition(".")[2], json.loads(body))), kind)

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def _send(self, status: int, content: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content.encode())))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing."""


def _answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    found = [task_to_item(TASK, "cause")] if request.get("TableName") == "tasks" else []
    match operation:
        case "GetItem":
            return {"Item": found[0]} if found else _EMPTY
        case "Query":
            return {"Items": found, "Count": len(found), "ScannedCount": len(found)}
    return _ANSWERS.get(operation, _EMPTY)
