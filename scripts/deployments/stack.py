"""The application on a local cloud: package, cloud and Terraform."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from scripts.base.failure import Failure
from scripts.base.files import digest_of
from scripts.base.local_account import ACCESS_KEY, REGION, SECRET_KEY
from scripts.base.paths import FUNCTIONS, INFRA
from scripts.base.progress import Steps
from scripts.build.package import OUT, Manifest, build
from scripts.clouds.clients import client, one_for_each_service
from scripts.clouds.cloud import Cloud
from scripts.deployments.code import put_code, runs_code
from scripts.deployments.issuer import AUDIENCE, Issuer
from scripts.deployments.leftovers import holds_tasks, remove_unknown_functions
from scripts.deployments.record import StackRecord, alone, forget
from scripts.deployments.states import Snapshots, key_of
from scripts.deployments.states import start as start_from
from scripts.terraform import STATE_KEY, Change, OnProgress, Progress, Terraform, TerraformFailed, end_stray
from scripts.terraform.repair import apply_and_repair, is_of_the_cloud


class Stack:
    """The application on one local cloud, with its files in one work folder."""

    def __init__(
        self,
        cloud: Cloud,
        work_folder: Path,
        *,
        environment: str = "local",
        auth_mode: str = "none",
        snapshots: Snapshots | None = None,
        on_progress: OnProgress = lambda _: None,
    ) -> None:
        self.cloud = cloud
        self._on_progress = on_progress
        self._snapshots = snapshots if snapshots and cloud.keeps_states else None
        self._folder = work_folder
        self._environment = environment
        self._auth_mode = auth_mode
        self._issuer = Issuer(work_folder, cloud.endpoint)
        self._terraform = Terraform(INFRA, terraform_folder(work_folder), endpoint=cloud.endpoint)
        self._client = one_for_each_service(lambda service: client(service, cloud.endpoint))

    def deploy(self, steps: Steps, may_discard: Callable[[], bool] = lambda: False) -> StackRecord:
        """Build, start the cloud unless it runs, and apply the changes since the last deployment.

        What an interrupted deployment has left behind is repaired; where that fails, the cloud is started
        empty, once. If it holds tasks, `may_discard` is asked first: without its consent, a Failure.

        With snapshots, a cloud that is down starts from that of the same deployment, if there is one; else
        the first deployment to it is kept as one.
        """
        if self._auth_mode != "none" and self.cloud.api_type != "http":
            raise Failure(f"{self.cloud.name} checks no tokens: AUTH={self._auth_mode} needs CLOUD=embedded")
        self._folder.mkdir(parents=True, exist_ok=True)
        with alone(self._folder):
            end_stray(terraform_folder(self._folder))
            with steps.step("Package of the functions") as update:
                manifest = build(self.cloud.platform(), report=update)
            digest = self._digest(manifest)
            if self._snapshots and self.cloud.instance is None:
                return self._deploy_to_new(self._snapshots, digest, manifest, steps, may_discard)
            with steps.step(f"Cloud: {self.cloud.name} on {self.cloud.endpoint}"):
                self.cloud.start()
            last = StackRecord.load(self._folder)
            if last and (last.instance, last.digest) == (self.cloud.instance, digest):
                if last.package == manifest.sha256:
                    return last
                with contextlib.suppress(ClientError, WaiterError):  # a function is missing, say
                    return self._put_code(last, manifest, steps)
            if self.cloud.is_ours and self._was_interrupted() and not holds_tasks(self.cloud.endpoint):
                # Faster and more reliable than adopting what is there.
                self._start_from_nothing("An earlier deployment was interrupted", steps)
            return self._apply_or_begin_again(digest, manifest, steps, may_discard)

    def _apply_or_begin_again(
        self, digest: str, manifest: Manifest, steps: Steps, may_discard: Callable[[], bool]
    ) -> StackRecord:
        try:
            return self._apply(digest, manifest, steps)
        except TerraformFailed as failure:
            if not self.cloud.is_ours or not is_of_the_cloud(failure):
                raise
            self._require_consent(failure, may_discard)
            self._start_from_nothing(f"Not repairable: {_first_line(failure)}", steps)
        return self._apply(digest, manifest, steps)

    def _deploy_to_new(
        self,
        snapshots: Snapshots,
        digest: str,
        manifest: Manifest,
        steps: Steps,
        may_discard: Callable[[], bool],
    ) -> StackRecord:
        """Deploy to a cloud that is down."""
        self.cloud.prepare()  # what keeps it from starting is not the snapshot's fault
        what = f"Cloud: {self.cloud.name} on {self.cloud.endpoint}"

        def start(snapshot: Path) -> StackRecord:
            with steps.step(f"{what}, from its last snapshot"):
                record = start_from(self.cloud, self._folder, snapshot)
            return record if record.package == manifest.sha256 else self._put_code(record, manifest, steps)

        def deploy() -> StackRecord:
            with steps.step(what):
                self.cloud.start()
            return self._apply_or_begin_again(digest, manifest, steps, may_discard)

        return snapshots.deployment(key_of(digest, manifest.sha256), self.cloud, start, deploy, steps)

    def is_current(self, record: StackRecord) -> bool:
        """Whether that is what would be deployed now, code included."""
        manifest = build(self.cloud.platform())
        return (record.digest, record.package) == (self._digest(manifest), manifest.sha256)

    def plan(self) -> list[Change]:
        """What another apply would change: nothing, if the configuration is sound."""
        self._require_init()
        return self._terraform.plan(self._variables())

    def mend(self) -> Progress:
        """Apply again, which creates what is missing."""
        self._require_init()
        return self._terraform.apply(self._variables())

    def destroy(self) -> Progress:
        """Remove everything that was deployed."""
        self._require_init()
        return self._terraform.destroy(self._variables())

    def resources(self) -> list[str]:
        """The addresses of all resources in the state, data sources left out."""
        self._require_init()
        return self._terraform.addresses()

    def _require_init(self) -> None:
        """Init, where a deployment came from a saved state: Terraform has not seen that cloud yet."""
        if not self._terraform.is_for(self._backend()):
            self._terraform.init(self._backend())

    def _apply(self, digest: str, manifest: Manifest, steps: Steps) -> StackRecord:
        self._mark_as_changing()
        with steps.step("Terraform: init"):
            self._prepare_state()
            if self._auth_mode == "jwt":
                self._issuer.publish()
            self._terraform.init(self._backend())
        repairs: list[str] = []
        with steps.step("Terraform: apply") as update:

            def report(progress: Progress) -> None:
                update(progress.summary)
                self._on_progress(progress)

            progress = apply_and_repair(self._terraform, self._variables(), report, repairs.append)
        for repair in repairs:
            steps.say(f"  {repair}")
        record = StackRecord(
            cloud=self.cloud.name,
            endpoint=self.cloud.endpoint,
            instance=self.cloud.instance or "",
            environment=self._environment,
            digest=digest,
            outputs=progress.outputs,
            timings=progress.done,
        )
        record.save(self._folder)
        self._beginning.unlink(missing_ok=True)
        if runs_code(self._client, record.outputs["function_names"], manifest):
            record = replace(record, package=manifest.sha256)
            record.save(self._folder)
            return record
        # The state named this package already, and another was put by _put_code meanwhile.
        return self._put_code(record, manifest, steps)

    def _put_code(self, last: StackRecord, manifest: Manifest, steps: Steps) -> StackRecord:
        replace(last, package="").save(self._folder)
        names = last.outputs["function_names"]
        with steps.step(f"Code of {len(names)} functions"):
            put_code(self._client, names, last.outputs["code_bucket"], manifest, OUT / manifest.file)
        record = replace(last, package=manifest.sha256)
        record.save(self._folder)
        return record

    def _mark_as_changing(self) -> None:
        """Have the next deployment apply again if this one fails; its outputs stay of use meanwhile."""
        last = StackRecord.load(self._folder)
        if last and last.instance == self.cloud.instance:
            replace(last, digest="").save(self._folder)
        else:
            forget(self._folder)
            self._beginning.write_text(self.cloud.instance or "")

    @property
    def _beginning(self) -> Path:
        """Holds the instance of a cloud from the begin of the first deployment to it to its end."""
        return self._folder / "beginning"

    def _was_interrupted(self) -> bool:
        """Whether a first deployment to this run of the cloud has begun and was never completed."""
        return self._beginning.exists() and self._beginning.read_text() == self.cloud.instance

    def _require_consent(self, failure: TerraformFailed, may_discard: Callable[[], bool]) -> None:
        if holds_tasks(self.cloud.endpoint) and not may_discard():
            kept = "The tasks in this cloud were kept. `make export FILE=tasks.json` writes them to a file"
            raise Failure(
                f"{failure}\n  {kept}; `make down` discards them, then `make up` starts with an empty cloud."
            )

    def _start_from_nothing(self, reason: str, steps: Steps) -> None:
        steps.say(f"{reason}: restarting with an empty cloud.")
        with steps.step(f"Cloud: {self.cloud.name} on {self.cloud.endpoint}, empty"):
            self.cloud.stop()
            self.cloud.start()

    def _variables(self, *, anywhere: bool = False) -> list[str]:
        """What Terraform gets; `anywhere`, without what differs from one port to another."""
        values = {
            "target": "local",
            "aws_endpoint": self.cloud.endpoint,
            "api_type": self.cloud.api_type,
            "environment": self._environment,
            "auth_mode": self._auth_mode,
        }
        if self._auth_mode == "jwt":
            values |= {"jwt_issuer": self._issuer.url, "jwt_audience": json.dumps([AUDIENCE])}
        if anywhere:
            values = {name: value.replace(self.cloud.endpoint, "") for name, value in values.items()}
        return ["-var-file=env/local.tfvars", *(f"-var={name}={value}" for name, value in values.items())]

    @property
    def _bucket(self) -> str:
        return f"task-manager-{self._environment}-terraform-state"

    def _backend(self) -> Mapping[str, Any]:
        return {
            "bucket": self._bucket,
            "key": STATE_KEY,
            "region": REGION,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "endpoints": {"s3": self.cloud.endpoint, "sts": self.cloud.endpoint, "iam": self.cloud.endpoint},
            "use_path_style": True,
            "use_lockfile": True,
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": True,
        }

    def _prepare_state(self) -> None:
        """Make the bucket of the state, in the cloud that the state describes: both are lost together."""
        s3 = client("s3", self.cloud.endpoint)
        try:
            s3.head_bucket(Bucket=self._bucket)
        except ClientError:
            s3.create_bucket(Bucket=self._bucket)
        # Only one deployment runs at a time (`alone`), so a lock in the state is left from a killed one.
        s3.delete_object(Bucket=self._bucket, Key=f"{STATE_KEY}.tflock")
        try:
            state = json.loads(s3.get_object(Bucket=self._bucket, Key=STATE_KEY)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return
        except ValueError as error:
            raise TerraformFailed("init", 1, Progress(errors=["the state file is damaged"])) from error
        remove_unknown_functions(self.cloud.endpoint, f"task-manager-{self._environment}-", state)

    def _digest(self, manifest: Manifest) -> str:
        """Of all that Terraform gets, but for the code: what that holds concerns the functions only."""
        runs_on = (manifest.file, manifest.runtime, manifest.architecture)
        files = (path for path in INFRA.rglob("*") if path.is_file() and ".terraform" not in path.parts)
        return digest_of(sorted([*files, FUNCTIONS]), f"{runs_on} {self._variables(anywhere=True)}")


def terraform_folder(work_folder: Path) -> Path:
    """Where a stack's Terraform keeps its files."""
    return work_folder / "stack"


def _first_line(failure: TerraformFailed) -> str:
    errors = failure.progress.errors or str(failure).splitlines()
    return errors[0].splitlines()[0]
