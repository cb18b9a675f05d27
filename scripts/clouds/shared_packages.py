"""Saves work at the start of functions: a package is unpacked once, and workers of old versions end.

ministack 1.5.33 unpacks the package for each worker, half a second and 15 MB each, and keeps one worker of
each version that was ever called.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import hashlib
import importlib
import shutil
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

UNPACKED = "unpacked-"
WORKERS = "ministack-lambda-*"
RETIRING_SECONDS = 900.0  # as long as a function may run
POLL_SECONDS = 0.5


def start_faster(functions: Any) -> None:
    """Patch ministack's Lambda service and its runtime."""
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    unpack_once(runtime)
    retire_old_versions(functions, runtime)


def unpack_once(runtime: Any) -> None:
    """Have all workers of one package share a folder, as read-only on AWS as it is here by custom."""
    lock = threading.Lock()

    class SharedPackage(zipfile.ZipFile):
        def extractall(self, path: Any = None, *arguments: Any, **options: Any) -> None:
            place = Path(path)
            if place.name != "code":  # a layer
                super().extractall(path, *arguments, **options)
                return
            content = Path(str(self.filename)).read_bytes()
            shared = Path(tempfile.gettempdir()) / f"{UNPACKED}{hashlib.sha256(content).hexdigest()}"
            with lock:
                if not shared.exists():
                    _remove_unused()
                    draft = shared.with_suffix(".draft")
                    super().extractall(draft)
                    draft.rename(shared)
                place.rmdir()
                place.symlink_to(shared)

    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": SharedPackage})


def _remove_unused() -> None:
    """Remove the packages that no worker runs."""
    folder = Path(tempfile.gettempdir())
    used = {code.resolve() for code in folder.glob(f"{WORKERS}/code")}
    for unpacked in folder.glob(f"{UNPACKED}*"):
        if unpacked.resolve() not in used:
            shutil.rmtree(unpacked)


def retire_old_versions(functions: Any, runtime: Any) -> None:
    """Wrap UpdateAlias: once an alias names another version, the workers of the one before end."""
    update = functions._update_alias

    def update_and_retire(name: str, alias: str, data: dict[str, Any]) -> Any:
        aliases = (functions._functions.get(name) or {}).get("aliases", {})
        before = dict(aliases.get(alias) or {})
        answer = update(name, alias, data)
        now = aliases.get(alias) or {}
        if before.get("FunctionVersion") not in (None, now.get("FunctionVersion")):
            config = {"FunctionArn": before["AliasArn"]}
            key = runtime._worker_key(name, config, before["FunctionVersion"])
            threading.Thread(target=_retire, args=(runtime, key), daemon=True).start()
        return answer

    functions._update_alias = update_and_retire


def _retire(runtime: Any, key: str) -> None:
    """Take the workers with this key out of use, and end each when its call is done."""
    with runtime._lock:
        workers = runtime._workers.pop(key, [])
    end = time.monotonic() + RETIRING_SECONDS
    while workers:
        done = [worker for worker in workers if not worker.in_use or time.monotonic() > end]
        runtime.kill_workers(done)
        workers = [worker for worker in workers if worker not in done]
        time.sleep(POLL_SECONDS)
