"""Saved states of a local cloud, with all that belongs to the deployment on it: a folder each.

`save` while the application is deployed, `start` on any port and from any work folder, as often as wanted:

    states.save(cloud, record, folder)
    record = states.start(another_cloud, another_work_folder, folder)

A Stack that is given `Snapshots` does both by itself: see Stack.deploy.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from scripts.base.failure import Failure
from scripts.base.locks import locked
from scripts.base.paths import REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.base.processes import exists
from scripts.base.progress import Steps
from scripts.clouds.clients import client
from scripts.clouds.cloud import Cloud
from scripts.clouds.states.snapshots import manifest_of, read_manifest
from scripts.clouds.states.texts import other_port, replaced_strings
from scripts.deployments.issuer import BUCKET, Issuer
from scripts.deployments.record import StackRecord
from scripts.terraform import STATE_KEY

SNAPSHOTS = WORK_FOLDER / "snapshots"
KEPT_SNAPSHOTS = 8
_CLOUD, _RECORD = "cloud.snapshot", "stack.json"


@dataclass(frozen=True)
class SavedState:
    """One folder, as `save` has written it."""

    folder: Path
    record: StackRecord
    manifest: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> "SavedState":
        """What is in a folder; a Failure if it is no saved state."""
        record = StackRecord.load(folder)
        try:
            manifest = read_manifest(folder / _CLOUD)
        except (OSError, ValueError) as error:
            raise Failure(f"{folder} is not a saved state: {error}") from error
        if record is None:
            raise Failure(f"{folder} is not a saved state: it has no readable {_RECORD}")
        return cls(folder, record, manifest)

    @property
    def port(self) -> int:
        """The port that the cloud had."""
        return int(self.manifest["port"])

    @property
    def file(self) -> Path:
        """What the cloud starts from."""
        return self.folder / _CLOUD


def here() -> dict[str, Any]:
    """What a state's manifest has to say, apart from the port, so that it can be loaded here."""
    pinned = re.search(r"^ministack==(\S+)", (REQUIREMENTS / "embedded-cloud.txt").read_text(), re.MULTILINE)
    return manifest_of(pinned[1] if pinned else "unknown")


def save(cloud: Cloud, record: StackRecord, folder: Path) -> float:
    """Save a cloud and the deployment on it; gives for how many seconds calls were held back.

    What the folder held is replaced, in the end: an interrupted save leaves it as it was. A Failure if it
    cannot be written.
    """
    draft = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        held = cloud.save(draft / _CLOUD)
        replace(record, timings=[]).save(draft)
        _put(draft, folder)
    except OSError as error:
        raise Failure(f"nothing can be written to {folder}, so see that there is room: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _remove_unfinished(folder)
    return held


def _put(draft: Path, folder: Path) -> None:
    """Rename a draft to the folder; what that held is removed last, so that a kill leaves either."""
    before = draft.with_name(f"{draft.name}-before")
    try:
        if folder.exists():
            folder.rename(before)
        draft.rename(folder)
    except BaseException:
        if before.exists() and not folder.exists():
            before.rename(folder)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left of their saves to this folder."""
    for stale in folder.parent.glob(f".{folder.name}-*"):
        found = re.fullmatch(rf"\.{re.escape(folder.name)}-(\d+)(-before)?", stale.name)
        if found and not exists(int(found[1])):
            shutil.rmtree(stale, ignore_errors=True)


def start(cloud: Cloud, work_folder: Path, folder: Path) -> StackRecord:
    """Start a cloud, which is down, from a saved state; the work folder's record is then of that deployment.

    The cloud may be on another port than the saved one: endpoints and queues' URLs are then of this port,
    also in Terraform's state.
    """
    saved = SavedState.load(folder)
    work_folder.mkdir(parents=True, exist_ok=True)
    cloud.start(saved.file)
    moved = other_port(saved.port, cloud.port)
    s3 = client("s3", cloud.endpoint)
    if cloud.port != saved.port:
        _move_terraform_state(s3, f"task-manager-{saved.record.environment}-terraform-state", moved)
    if _has_issuer(s3):
        Issuer(work_folder, cloud.endpoint).publish()  # with the key that tokens are signed with here
    record = replace(
        saved.record,
        endpoint=cloud.endpoint,
        instance=cloud.instance or "",
        outputs=replaced_strings(saved.record.outputs, moved),
    )
    record.save(work_folder)
    return record


class Snapshots:
    """States of empty deployments, which `make up` starts from when nothing has changed since.

    A key has two parts: of the infrastructure, and of the code. With `other_code`, a snapshot with the same
    infrastructure is found as well; the code has to be put there then.
    """

    def __init__(self, folder: Path = SNAPSHOTS, *, other_code: bool = False) -> None:
        self._folder = folder
        self._other_code = other_code

    def deployment(
        self,
        key: str,
        cloud: Cloud,
        start: Callable[[Path], StackRecord],
        deploy: Callable[[], StackRecord],
        steps: Steps,
    ) -> StackRecord:
        """The deployment with this key: from its snapshot; or made from nothing, with a snapshot of it.

        Of several processes that want the same, one makes it, and the others wait for its snapshot.
        """
        lock = self._folder / f"{key}.lock"
        with locked(lock):
            found = self.find(key)
            if not found:
                return self._made(key, cloud, deploy, steps)
        try:
            return start(found)
        except (Failure, ClientError, WaiterError) as failure:
            steps.say(f"The snapshot is of no use, so it is deployed from nothing: {failure}")
            shutil.rmtree(found, ignore_errors=True)
            cloud.stop()
        with locked(lock):
            return self._made(key, cloud, deploy, steps)

    def find(self, key: str) -> Path | None:
        """The folder of the snapshot with this key, or of the newest that may stand in for it."""
        exact = self._folder / key
        if exact.exists() or not self._other_code:
            return exact if exact.exists() else None
        found = [folder for folder in self._folder.glob(f"{key.split('-')[0]}-*") if folder.is_dir()]
        return max(found, key=lambda one: one.stat().st_mtime, default=None)

    def keep(self, key: str, cloud: Cloud, record: StackRecord) -> None:
        """Make a snapshot; the oldest of many are removed."""
        save(cloud, record, self._folder / key)
        self._remove_old()

    def _remove_old(self) -> None:
        kept = [folder for folder in self._folder.iterdir() if folder.is_dir()]
        for folder in sorted(kept, key=lambda one: -one.stat().st_mtime)[KEPT_SNAPSHOTS:]:
            shutil.rmtree(folder, ignore_errors=True)

    def _made(self, key: str, cloud: Cloud, deploy: Callable[[], StackRecord], steps: Steps) -> StackRecord:
        record = deploy()
        try:
            with steps.step("Snapshot, from which the next `make up` starts"):
                self.keep(key, cloud, record)
        except (Failure, OSError) as error:
            steps.say(f"There is no snapshot, so the next `make up` deploys from nothing: {error}")
        return record


def key_of(infrastructure: str, package: str) -> str:
    """Names a snapshot by what was deployed, and by the emulator that it was deployed to."""
    seen = hashlib.sha256(infrastructure.encode())
    emulator = [REQUIREMENTS / "embedded-cloud.txt", *sorted((ROOT / "scripts/clouds").rglob("*.py"))]
    for file in emulator:
        seen.update(file.read_bytes())
    return f"{seen.hexdigest()[:20]}-{package[:20]}"


def _move_terraform_state(s3: Any, bucket: str, moved: Callable[[str], str]) -> None:
    state = s3.get_object(Bucket=bucket, Key=STATE_KEY)["Body"].read().decode()
    s3.put_object(Bucket=bucket, Key=STATE_KEY, Body=moved(state).encode(), ContentType="application/json")


def _has_issuer(s3: Any) -> bool:
    try:
        s3.head_bucket(Bucket=BUCKET)
    except ClientError:
        return False
    return True
