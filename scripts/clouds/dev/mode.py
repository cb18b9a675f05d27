"""Has the emulator's workers run the working tree while `make dev` runs, with the rights of their roles.

`make dev` holds a lock on a file that says what it wants (session.py). The lock ends with that process,
however it ends; from then on the next call of each function runs the deployed package again.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import fcntl
import importlib
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FILE = "dev.json"
# While a debugger may stop a function: its time-out, that of a state, and the visibility time-out of a queue.
DEBUG_SECONDS = 12 * 3600
FAILED = "task-manager/failed"  # as in worker.py
AT_ONCE = 2  # workers that start: each takes most of a core
ROOT = Path(__file__).resolve().parents[3]

Session = dict[str, Any]


def running_session(file: Path) -> Session | None:
    """What the `make dev` wants that holds the file; None if none does."""
    try:
        with file.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return dict(json.load(handle))
    except (OSError, ValueError):
        return None
    return None


def follow_working_tree(folder: Path, functions: Any, sqs: Any, stepfunctions: Any) -> None:
    """Patch ministack's services; `folder` is the cloud's."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    mode = _Mode(folder / FILE, runtime, functions)
    runtime._worker_class_for = mode.worker_class_for
    runtime._detect_runtime_binary = mode.program_of
    runtime.acquire_worker = functions.acquire_worker = mode.acquire
    _keep_messages_invisible(mode, functions, sqs)
    _suspend_time_outs_of_states(mode, stepfunctions)


class _Mode:
    """Which workers the emulator uses."""

    def __init__(self, file: Path, runtime: Any, functions: Any) -> None:
        self._file = file
        self._runtime = runtime
        self._functions = functions
        self._acquire = runtime.acquire_worker
        self._class_for = runtime._worker_class_for
        self._program_of = runtime._detect_runtime_binary
        self._live = _live_worker(runtime)
        self._last: str | None = None
        self._lock = threading.Lock()
        # Workers of another session that were in use when it ended.
        self._leaving: list[Any] = []

    def session(self) -> Session | None:
        """What the running `make dev` wants, if one runs."""
        return running_session(self._file)

    def acquire(
        self, name: str, config: Any, code: bytes, qualifier: str = "$LATEST", max_concurrency: Any = None
    ) -> Any:
        """A worker for one call; those of another session, or of none, are ended."""
        session = self.session()
        identity = session["id"] if session else None
        with self._lock:
            changed, self._last = identity != self._last, identity
        self._retire(identity, None if changed else name)
        if session and changed:
            self._start_workers(session)
        if session and name in session["ports"]:
            self._share(name, config, qualifier)
        return self._acquire(name, config, code, qualifier, max_concurrency)

    def worker_class_for(self, config: Any) -> Any:
        """Makes a worker: ours, where a session runs."""
        session = self.session()
        if session is None or not str(config.get("Runtime", "")).startswith("python"):
            return self._class_for(config)
        return lambda name, settings, code: self._live(session, name, settings, code)

    def program_of(self, runtime: str) -> tuple[str, str]:
        """The program and the script of a worker that is being started in this thread."""
        program, packaged = self._program_of(runtime)
        worker = getattr(_STARTING, "worker", None)
        if worker is None:
            return program, packaged
        # A debugger wants a process that nothing was imported in before it came.
        return sys.executable if worker.debugged else program, worker.script

    def _retire(self, identity: str | None, name: str | None) -> None:
        """Give no more calls to workers of another session, of a function or of all; end the idle ones."""
        with self._runtime._lock:
            for key, workers in self._runtime._workers.items():
                if name is None or key.split(":")[2] == name:
                    kept = [one for one in workers if getattr(one, "session", None) == identity]
                    self._leaving += [one for one in workers if one not in kept]
                    self._runtime._workers[key] = kept
            # One that is being started is not in use yet, but locked.
            busy = [one for one in self._leaving if one.in_use or one._lock.locked()]
            doomed = [one for one in self._leaving if one not in busy]
            self._leaving = busy
        self._runtime.kill_workers(doomed)

    def _share(self, name: str, config: Any, qualifier: str) -> None:
        """One worker for all calls of a debugged function, because it has one port: they take turns."""
        wanted = self._runtime._worker_key(name, config, qualifier)
        with self._runtime._lock:
            doomed = []
            for key, workers in self._runtime._workers.items():
                if key == wanted:
                    for worker in workers:
                        worker.in_use = False  # Worker.invoke has calls wait for each other
                elif key.split(":")[2] == name:  # an older version, which has the port
                    doomed += workers
                    self._runtime._workers[key] = []
        self._runtime.kill_workers(doomed)

    def _start_workers(self, session: Session) -> None:
        """Start a worker of each function before its first call; those to be debugged first."""
        find = self._functions._get_func_record_for_qualifier
        names = sorted(session["functions"], key=lambda name: name not in session["ports"])
        found = [(name, find(name, session["alias"])[0]) for name in names]
        pool = ThreadPoolExecutor(AT_ONCE)
        for name, function in found:
            if function is not None:
                pool.submit(self._start, name, function)
        pool.shutdown(wait=False)

    def _start(self, name: str, function: Any) -> None:
        config = function["config"]
        worker, _ = self.acquire(name, config, function["code_zip"], config.get("Version", "$LATEST"))
        # A call that comes meanwhile waits for this worker, instead of having another one started.
        self._runtime.release_worker(worker)
        self._runtime.ensure_spawned(worker)
        session = self.session()
        if getattr(worker, "session", None) != (session and session["id"]):  # it ended meanwhile
            self._runtime.kill_workers([worker])


_STARTING = threading.local()


def _live_worker(runtime: Any) -> Any:
    """The class of workers that run the working tree; its base is ministack's."""

    class LiveWorker(runtime.Worker):  # type: ignore[misc]
        def __init__(self, session: Session, name: str, config: Any, code: bytes) -> None:
            port = session["ports"].get(name)
            super().__init__(name, {**config, "Timeout": DEBUG_SECONDS} if port else config, code)
            self.session = session["id"]
            self.debugged = port is not None
            settings = {key: session[key] for key in ("tree", "spare", "pages", "debugpy")} | {"port": port}
            # The path is removed again: functions must not find what is beside them in the tree.
            self.script = (
                f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
                f"from scripts.clouds.dev.worker import main\nsys.path.pop(0)\nmain({settings!r})\n"
            )

        def _spawn(self) -> None:
            _STARTING.worker = self
            try:
                super()._spawn()
            finally:
                _STARTING.worker = None

        def invoke(self, *given: Any, **options: Any) -> Any:
            answer = super().invoke(*given, **options)
            result = answer.get("result")
            if isinstance(result, dict) and FAILED in result:
                return {**answer, **result[FAILED], "status": "error", "result": None}
            return answer

    return LiveWorker


def _keep_messages_invisible(mode: _Mode, functions: Any, sqs: Any) -> None:
    """While a debugged function has messages, they are not delivered again; what it leaves is, as usual."""
    run = functions._run_sqs_batch

    def run_batch(mapping: Any, function: Any, event: Any, batch: Any, url: str, name: str) -> None:
        session = mode.session()
        if not session or mapping["FunctionName"] not in session["ports"]:
            return run(mapping, function, event, batch, url, name)  # type: ignore[no-any-return]
        for message in batch:
            message["visible_at"] = time.time() + DEBUG_SECONDS
        try:
            run(mapping, function, event, batch, url, name)
        finally:
            seconds = float(sqs._queues[url]["attributes"].get("VisibilityTimeout", "30"))
            for message in batch:
                message["visible_at"] = time.time() + seconds
        return None

    functions._run_sqs_batch = run_batch


def _suspend_time_outs_of_states(mode: _Mode, stepfunctions: Any) -> None:
    """A state of the workflow waits for its function, while any is debugged."""
    run = stepfunctions._invoke_resource_with_timeout

    def run_state(resource: Any, given: Any, seconds: float) -> Any:
        session = mode.session()
        return run(resource, given, DEBUG_SECONDS if session and session["ports"] else seconds)

    stepfunctions._invoke_resource_with_timeout = run_state
