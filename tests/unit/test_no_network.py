"""Unit tests reach no other machine."""

import socket

import pytest


@pytest.mark.parametrize("name", ["connect", "connect_ex"])
def test_a_connection_to_another_machine_is_refused(name: str) -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match="no network"):
        getattr(client, name)(("192.0.2.1", 80))  # RFC 5737: for documentation


def test_a_connection_to_this_machine_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
