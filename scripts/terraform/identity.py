"""The only call to AWS that a plan makes: GetCallerIdentity."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT_ID = "123456789012"

_ANSWER = f"""
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::{ACCOUNT_ID}:user/planner</Arn>
    <UserId>AIDAEXAMPLE</UserId>
    <Account>{ACCOUNT_ID}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
""".strip().encode()


class _Sts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer the one question."""
        body = self.rfile.read(int(self.headers["content-length"]))
        known = b"Action=GetCallerIdentity" in body
        self.send_response(200 if known else 501)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


@contextmanager
def identity_service() -> Iterator[str]:
    """A service that answers GetCallerIdentity and nothing else; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
