"""Lines of a call are read up to its mark, however late they come."""

from queue import Queue
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.clouds.whole_logs import END_OF_CALL, lines_of_call, marked, read_whole_logs

LATE_SECONDS = 0.3  # ministack waits 0.05


class Worker:
    """A worker of a function, as far as its standard error goes."""

    def __init__(self, *lines: str, late: float = 0, ends: bool = False, runtime: str = "python3.13") -> None:
        self.config = {"Runtime": runtime}
        self._stderr_queue: Queue[str] = Queue()
        self._ended, self._late, self._lines, self._ends = Event(), late, lines, ends
        self._stderr_thread = Thread(target=self._read, daemon=True)
        self._stderr_thread.start()

    def _read(self) -> None:
        self._ended.wait(self._late)
        for line in self._lines:
            self._stderr_queue.put(line)
        if not self._ends:
            self._ended.wait()

    def _drain_stderr_bounded(self) -> str:
        return "ministack's own"


def test_a_line_that_comes_late_is_of_its_call() -> None:
    worker = Worker("a line", END_OF_CALL, "of the next call", late=LATE_SECONDS)

    assert lines_of_call(worker) == ["a line"]
    assert lines_of_call(worker, patience=0) == ["of the next call"]


def test_what_a_function_wrote_without_an_end_of_line_is_kept() -> None:
    assert lines_of_call(Worker("a line", f"half a line{END_OF_CALL}")) == ["a line", "half a line"]


def test_the_lines_of_a_worker_that_ended_are_read() -> None:
    assert lines_of_call(Worker("Segmentation fault", ends=True)) == ["Segmentation fault"]


def test_a_worker_without_a_mark_is_waited_for_no_longer_than_the_patience() -> None:
    assert lines_of_call(Worker("a line"), patience=0.1) == ["a line"]


SCRIPT = """
import sys
_real_stdout = sys.stdout
def run():
    for call in range(2):
        print(f"line {call}", file=sys.stderr)
        _real_stdout.write("an answer\\n")
        _real_stdout.flush()
run()
"""


def test_a_script_that_answers_in_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="whole_logs"):
        marked("print('ready')")


@pytest.mark.parametrize(("runtime", "log"), [("python3.13", "a line"), ("nodejs22.x", "ministack's own")])
def test_only_python_functions_are_read_up_to_the_mark(runtime: str, log: str) -> None:
    patched: Any = SimpleNamespace(_PYTHON_WORKER_SCRIPT=SCRIPT, Worker=type("Patched", (Worker,), {}))

    read_whole_logs(patched)

    worker = patched.Worker(END_OF_CALL, "a line", END_OF_CALL, runtime=runtime)
    worker._drain_stderr_bounded()
    assert worker._drain_stderr_bounded() == log
    assert marked(SCRIPT) == patched._PYTHON_WORKER_SCRIPT


COLD = "INIT_START Runtime Version: python3.13\na line"


@pytest.fixture
def patched() -> Any:
    runtime = SimpleNamespace(_PYTHON_WORKER_SCRIPT=SCRIPT, Worker=type("Patched", (Worker,), {}))
    read_whole_logs(runtime)
    return runtime


def test_the_first_call_of_each_process_is_a_cold_start(patched: Any) -> None:
    worker, other = (patched.Worker(*["a line", END_OF_CALL] * 3) for _ in range(2))

    logs = [worker._drain_stderr_bounded(), worker._drain_stderr_bounded()]
    worker._stderr_thread, worker._stderr_queue = other._stderr_thread, other._stderr_queue
    logs.append(worker._drain_stderr_bounded())

    assert logs == [COLD, "a line", COLD]


def test_a_call_that_raises_is_a_cold_start_if_it_is_the_first_of_its_process(patched: Any) -> None:
    worker, other = (patched.Worker(*["a line", END_OF_CALL] * 3) for _ in range(2))

    worker._proc = object()
    logs = [worker._drain_stderr_bounded()]
    worker._proc = None  # as ministack leaves it when a call has raised
    logs.append(worker._drain_stderr_bounded())
    worker._stderr_thread, worker._stderr_queue = other._stderr_thread, other._stderr_queue
    logs.append(worker._drain_stderr_bounded())

    assert logs == [COLD, "a line", COLD]
