"""Clients of AWS services: one for each, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from scripts.clouds.clients import one_for_each_service

THREADS = 8


def test_threads_that_ask_at_once_get_the_one_client() -> None:
    begin, made = Barrier(THREADS), []

    def make(service: str) -> object:
        made.append(service)
        return object()

    client = one_for_each_service(make)

    def ask(_: int) -> object:
        begin.wait()
        return client("iam")

    with ThreadPoolExecutor(THREADS) as pool:
        found = set(pool.map(ask, range(THREADS)))

    assert len(found) == 1
    assert made == ["iam"]
    assert client("lambda") not in found
