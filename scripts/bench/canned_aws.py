"""DynamoDB and EventBridge that always answer the same, over TLS, with an authority of their own."""

import json
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

# More than a page, for callers that read one item more to see whether there is a next page.
ITEMS = 40

# What the table holds besides the task itself: a plain sample stores nothing more.
KEPT_BESIDE = {
    "tasks": {"correlationId": "5f68c4f1a0b14a2f8d3f3f6e0d0c9b7a", "statusShard": "pending#0"},
}


@dataclass(frozen=True)
class CannedAws:
    """Where it listens, and the certificate of the authority to trust."""

    endpoint: str
    authority: Path


@contextmanager
def canned_aws(folder: Path) -> Iterator[CannedAws]:
    """Answers until the end of the block."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)  # as on AWS
    trusted, context = folder / "authority.pem", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(trusted)
    authority.issue_cert("localhost", key_type=trustme.KeyType.RSA).configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield CannedAws(f"https://localhost:{server.server_address[1]}", trusted)
    finally:
        server.shutdown()
        server.server_close()


def item(table: str, number: int) -> dict[str, Any]:
    """A task as the table holds it."""
    fields = {
        "taskId": f"01980000-0000-7000-8000-{number:012d}",
        "title": f"Water the plants of room {number}",
        "description": "All of them, and the one on the window sill twice.",
        "priority": "medium",
        "status": "pending",
        "userId": "ada",
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z",
        **KEPT_BESIDE.get(table, {}),
    }
    attributes: dict[str, Any] = {name: {"S": value} for name, value in fields.items()}
    return attributes | {"version": {"N": "1"}, "tags": {"L": [{"S": "home"}, {"S": "green"}]}}


def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What the service would answer."""
    match operation:
        case "PutItem":
            return {}
        case "GetItem":
            return {"Item": item(request["TableName"], 0)}
        case "Query":
            items = [item(request["TableName"], number) for number in range(min(request["Limit"], ITEMS))]
            last = {name: items[-1][name] for name in ("taskId", "userId")}
            return {"Items": items, "Count": len(items), "ScannedCount": len(items), "LastEvaluatedKey": last}
        case "PutEvents":
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}]}
    raise LookupError(operation)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Each answer is one packet: with several, each call would wait for the acknowledgement of the first.
    wbufsize = -1

    def do_POST(self) -> None:
        """One call."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service, _, operation = self.headers["X-Amz-Target"].rpartition(".")
        content = json.dumps(answer(operation, json.loads(body))).encode()
        version = "1.0" if service.startswith("DynamoDB") else "1.1"
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-amz-json-{version}")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amzn-RequestId", "A" * 52)
        if version == "1.0":
            self.send_header("x-amz-crc32", str(zlib.crc32(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing."""
