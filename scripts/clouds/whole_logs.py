"""Has the emulator log all that a call of a Python function wrote.

ministack 1.5.33 waits 50 ms for the first line of a call. On a busy machine one comes later, and is logged
with the worker's next call, or never. So a worker ends each call with a mark on standard error, before it
answers, and lines are read up to the mark. The log of a process's first call has the line INIT_START, as on
AWS, by which `make console` knows a cold start.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import time
from queue import Empty
from typing import Any

END_OF_CALL = "\x04"
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, "INIT_START"
COLD_START = "INIT_START Runtime Version: {runtime}"
# A worker that closed its standard error, say, writes no mark.
PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.05

_ANSWER = "        _real_stdout.flush()\n"
_MARK = f"        print({END_OF_CALL!r}, file=sys.stderr, flush=True)\n"


def read_whole_logs(runtime: Any) -> None:
    """Patch ministack's runtime."""
    runtime._PYTHON_WORKER_SCRIPT = marked(runtime._PYTHON_WORKER_SCRIPT)
    drain = runtime.Worker._drain_stderr_bounded

    def drain_whole(self: Any, *arguments: Any, **options: Any) -> str:
        if not str(self.config.get("Runtime", "")).startswith("python"):
            return str(drain(self, *arguments, **options))
        return "\n".join([*cold_start(self), *lines_of_call(self)])

    runtime.Worker._drain_stderr_bounded = drain_whole


def cold_start(worker: Any) -> list[str]:
    """The line on a cold start, if this was the first call of the worker's process."""
    # Begun with each process, and kept; ministack drops a process, `_proc`, whose call has raised.
    process = worker._stderr_thread
    called, worker.called_process = getattr(worker, "called_process", None), process
    return [] if called is process else [COLD_START.format(runtime=worker.config["Runtime"])]


def marked(script: str) -> str:
    """The script of a worker, with the mark before the last answer in it, which is that to a call."""
    before, answer, after = script.rpartition(_ANSWER)
    if not answer:
        raise ValueError("this ministack's worker answers in another way: see scripts/clouds/whole_logs.py")
    return before + _MARK + answer + after


def lines_of_call(worker: Any, patience: float = PATIENCE_SECONDS) -> list[str]:
    """The lines on a worker's standard error, up to the mark; or to the worker's end."""
    lines: list[str] = []
    end = time.monotonic() + patience
    while True:
        # Asked before the queue is read: a thread that ended has left all of its lines there.
        reads = worker._stderr_thread.is_alive()
        try:
            line = worker._stderr_queue.get(timeout=POLL_SECONDS)
        except Empty:
            if not reads or time.monotonic() > end:
                return lines
            continue
        if line.endswith(END_OF_CALL):
            last = line.removesuffix(END_OF_CALL)
            return [*lines, last] if last else lines
        lines.append(line)
