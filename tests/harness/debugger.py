"""A client of the Debug Adapter Protocol, as an editor is: https://microsoft.github.io/debug-adapter-protocol/."""

import json
import socket
from pathlib import Path
from typing import Any

Message = dict[str, Any]
SECONDS = 60.0


class Debugger:
    """Attached to a port that debugpy listens on; any wait ends after a minute."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._stream = self._socket.makefile("rb")
        self._sequence = 0
        self._events: list[Message] = []

    def __enter__(self) -> "Debugger":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.request("disconnect", terminateDebuggee=False)
        finally:
            self._socket.close()

    def attach(self, breakpoints: dict[Path, list[int]], **options: Any) -> list[Message]:
        """Attach as launch.json does; gives the breakpoints as the adapter took them."""
        self.request("initialize", adapterID="debugpy", clientID="test", pathFormat="path")
        attached = self._send("attach", options)
        self.event("initialized")
        taken: list[Message] = []
        for file, lines in breakpoints.items():
            wanted = [{"line": line} for line in lines]
            answer = self.request("setBreakpoints", source={"path": str(file)}, breakpoints=wanted)
            taken += answer["breakpoints"]
        self.request("configurationDone")
        self._answer(attached)
        return taken

    def request(self, command: str, **arguments: Any) -> Message:
        """The body of the answer; an AssertionError if it is refused."""
        return self._answer(self._send(command, arguments))

    def event(self, name: str) -> Message:
        """The body of the next event of that name."""
        for known in self._events:
            if known["event"] == name:
                self._events.remove(known)
                return dict(known.get("body") or {})
        while True:
            message = self._receive()
            if message["type"] == "event" and message["event"] == name:
                return dict(message.get("body") or {})
            if message["type"] == "event":
                self._events.append(message)

    def evaluate(self, frame: Message, expression: str) -> str:
        """An expression's value in a frame, as its repr."""
        return str(self.request("evaluate", frameId=frame["id"], expression=expression)["result"])

    def _send(self, command: str, arguments: Message) -> int:
        self._sequence += 1
        message = {
            "seq": self._sequence,
            "type": "request",
            "command": command,
            "arguments": arguments,
        }
        content = json.dumps(message).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        return self._sequence

    def _answer(self, sequence: int) -> Message:
        while True:
            message = self._receive()
            if message["type"] == "response" and message["request_seq"] == sequence:
                assert message["success"], message
                return dict(message.get("body") or {})
            if message["type"] == "event":
                self._events.append(message)

    def _receive(self) -> Message:
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        content = self._stream.read(length)
        assert content, "the debugger's connection was closed"
        return dict(json.loads(content))
