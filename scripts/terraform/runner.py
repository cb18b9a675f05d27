"""Running Terraform on one root, with its data in a work folder so that several can share the root."""

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scripts.base.failure import Failure
from scripts.base.local_account import ACCESS_KEY, REGION, SECRET_KEY
from scripts.base.locks import locked
from scripts.base.loopback import without_proxy
from scripts.terraform.adoption import root_with_imports
from scripts.terraform.binary import terraform_command
from scripts.terraform.messages import Change, Progress, readable
from scripts.terraform.providers import PLUGIN_CACHE, borrow, cli_settings, note_fetched
from scripts.terraform.shared_provider import WITHOUT, shared_provider
from scripts.terraform.stray import remembered

INTERRUPT_SECONDS = 30
PARALLELISM = 30
STATE_KEY = "task-manager.tfstate"
"""The state's key in its bucket."""
_DATA_SOURCE = re.compile(r"(module\.\w+(\[[^]]*\])?\.)*data\.")
OnProgress = Callable[[Progress], None]


class TerraformFailed(Failure):
    """Terraform failed; `progress` is how far it came."""

    def __init__(self, command: str, exit_code: int, progress: Progress) -> None:
        ended = f"it ended with exit code {exit_code}"
        trouble = progress.errors or progress.other[-8:] or [ended]
        super().__init__(f"terraform {command} failed:\n  " + "\n  ".join(trouble))
        self.progress = progress


def ignore(_: Progress) -> None:
    """Ignore progress."""


class Terraform:
    """Terraform on `root`; local, it sees test credentials only and can never reach a real account.

    A local cloud is at `endpoint`.
    """

    def __init__(
        self, root: Path, work_folder: Path, *, local: bool = True, endpoint: str | None = None
    ) -> None:
        self._root = root
        self._folder = work_folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._backend = work_folder / "backend.hcl"
        self._environment = surroundings(root, work_folder, local=local, endpoint=endpoint)
        self._local = local
        self._shares_provider = local and endpoint is not None

    def init(self, backend: Mapping[str, Any] | None) -> None:
        """Fetch modules and the provider; None leaves the backend out, which is enough to validate."""
        command = ["init", "-input=false", "-no-color", "-lockfile=readonly"]
        if backend is None:
            command.append("-backend=false")
        else:
            self._backend.write_text(_as_hcl(backend))
            command += ["-reconfigure", f"-backend-config={self._backend}"]
        PLUGIN_CACHE.mkdir(parents=True, exist_ok=True)
        # The plugin cache is not safe for several inits at once.
        with locked(PLUGIN_CACHE.parent / "plugins.lock"):
            borrowed = self._local and borrow(self._root, Path(self._environment["TF_DATA_DIR"]))
            done = self._capture(command, WITHOUT if borrowed else {})
            if done.returncode:
                raise Failure(_init_trouble(done.stdout + done.stderr))
            note_fetched(self._root)

    def is_for(self, backend: Mapping[str, Any]) -> bool:
        """Whether the last init was for this backend."""
        return self._backend.exists() and self._backend.read_text() == _as_hcl(backend)

    def apply(
        self,
        arguments: Sequence[str] = (),
        on_progress: OnProgress = ignore,
        imports: Mapping[str, str] | None = None,
    ) -> Progress:
        """Make the resources what the configuration says; `arguments` name its variables.

        `imports` (address → id) are taken into the state first.
        """
        command = ["apply", "-auto-approve", *_operation(), *arguments]
        if not imports:
            return self._watch(command, on_progress)
        with root_with_imports(self._root, self._folder, imports) as root:
            return self._watch(command, on_progress, root)

    def destroy(self, arguments: Sequence[str] = (), on_progress: OnProgress = ignore) -> Progress:
        """Remove all resources."""
        return self._watch(["destroy", "-auto-approve", *_operation(), *arguments], on_progress)

    def plan(self, arguments: Sequence[str] = (), on_progress: OnProgress = ignore) -> list[Change]:
        """What an apply would change."""
        return self._watch(["plan", *_operation(), *arguments], on_progress).planned

    def planned_values(self, arguments: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
        """What the configuration wants of each resource, by address; what is not known yet is missing."""
        file = self._folder / "values.tfplan"
        try:
            self.plan([*arguments, f"-out={file}"])
            changes = self._json(["show", "-json", "-no-color", str(file)])["resource_changes"]
        finally:
            file.unlink(missing_ok=True)
        return {change["address"]: change["change"]["after"] or {} for change in changes}

    def output(self) -> dict[str, Any]:
        """The root's outputs, by name."""
        outputs = self._json(["output", "-json", "-no-color"])
        return {name: output["value"] for name, output in outputs.items()}

    def show_json(self) -> dict[str, Any]:
        """The state, as Terraform's documented JSON."""
        return self._json(["show", "-json", "-no-color"])

    def addresses(self) -> list[str]:
        """The addresses of all resources in the state, data sources left out."""
        done = self._capture(["state", "list"])
        if done.returncode and "No state file was found" not in done.stderr:
            raise Failure(f"terraform state list failed: {done.stderr.strip()}")
        return sorted(address for address in done.stdout.splitlines() if not _DATA_SOURCE.match(address))

    def show_plan(self, file: Path) -> str:
        """A plan that was kept with `-out`, for people."""
        done = self._capture(["show", "-no-color", str(file)])
        if done.returncode:
            raise Failure(f"terraform show failed: {done.stderr.strip()}")
        return done.stdout

    def forget(self, address: str) -> None:
        """Take a resource out of the state and leave it as it is; nothing if it is not there."""
        done = self._capture(["state", "rm", "-no-color", address])
        if done.returncode and "No matching objects" not in done.stderr + done.stdout:
            raise Failure(f"terraform state rm failed: {done.stderr.strip()}")

    def validate(self) -> None:
        """Raise a Failure that lists every mistake in the configuration."""
        report = self._json(["validate", "-json", "-no-color"], may_fail=True)
        errors = [readable(found) for found in report["diagnostics"] if found["severity"] == "error"]
        if errors:
            raise Failure("the configuration is invalid:\n  " + "\n  ".join(errors))

    def format(self, *, check: bool) -> list[str]:
        """Bring the files into canonical form, or only name those that are not."""
        done = self._capture(["fmt", "-recursive", "-no-color", *(["-check"] if check else [])])
        if done.returncode and not done.stdout:
            raise Failure(done.stderr.strip())
        return done.stdout.split()

    def _json(self, command: list[str], *, may_fail: bool = False) -> dict[str, Any]:
        done = self._capture(command)
        if done.returncode and not (may_fail and done.stdout):
            raise Failure(f"terraform {command[0]} failed: {done.stderr.strip()}")
        return dict(json.loads(done.stdout))

    def _capture(
        self, command: list[str], variables: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*terraform_command(), *command],
            cwd=self._root,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def _watch(self, command: list[str], on_progress: OnProgress, root: Path | None = None) -> Progress:
        root = root or self._root
        if not self._shares_provider:
            return self._run(command, on_progress, root, self._environment)
        with shared_provider(self._environment, root) as environment:
            return self._run(command, on_progress, root, environment)

    def _run(
        self, command: list[str], on_progress: OnProgress, root: Path, environment: Mapping[str, str]
    ) -> Progress:
        progress = Progress()
        process = subprocess.Popen(
            [*terraform_command(), *command],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,  # it gets Ctrl-C from us only, and once: a second one would lose state
        )
        with remembered(self._folder, process.pid):
            try:
                for line in process.stdout or ():
                    if progress.feed(line):
                        on_progress(progress)
            except BaseException:
                process.send_signal(signal.SIGINT)
                raise
            finally:
                _wait_or_kill(process)
        if process.returncode < 0:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(
                    process.pid, signal.SIGKILL
                )  # its provider, which outlives a Terraform that was killed
        if process.returncode:
            raise TerraformFailed(command[0], process.returncode, progress)
        return progress


def surroundings(
    root: Path, work_folder: Path, *, local: bool = True, endpoint: str | None = None
) -> dict[str, str]:
    """The environment Terraform runs in.

    Locally nothing of the user's AWS or Terraform settings gets through: no profile, no real
    credentials, no TF_VAR_ or TF_CLI_ARGS that would change what is applied.
    """
    dropped = ("TF_", "AWS_") if local else ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    settings = {
        "TF_DATA_DIR": str(work_folder / "terraform-data"),
        "TF_PLUGIN_CACHE_DIR": str(PLUGIN_CACHE),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",  # no check for newer versions
        # Terraform and its provider are Go: collecting garbage less often saves a fifth of a plan's
        # computing, for 200 MB more (https://go.dev/doc/gc-guide).
        "GOGC": os.environ.get("GOGC", "400"),
    }
    credentials = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if endpoint:
        credentials["AWS_ENDPOINT_URL"] = endpoint
    own = {**settings, **cli_settings(root, work_folder), **(credentials if local else {})}
    return {**without_proxy(kept), **own}


def to_hcl(value: Any) -> str:
    """A value as HCL: JSON is a subset of it, except for the keys of maps."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {to_hcl(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)


def _as_hcl(backend: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {to_hcl(value)}\n" for name, value in backend.items())


def _operation() -> list[str]:
    return ["-input=false", "-no-color", "-json", f"-parallelism={PARALLELISM}"]


def _wait_or_kill(process: subprocess.Popen[str]) -> None:
    """Wait for Terraform, which saves its state when interrupted; a time-out or a second Ctrl-C ends it."""
    try:
        process.communicate(timeout=INTERRUPT_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _init_trouble(output: str) -> str:
    lines = [line.strip(" ╷│╵") for line in output.splitlines()]
    told = "\n  ".join(line for line in lines[-20:] if line)
    if "Failed to query available provider packages" in output or "Failed to install provider" in output:
        return (
            "Terraform's AWS provider could not be fetched: check the network, or put a provider mirror "
            f"into ~/.terraform.d/plugins (`terraform providers mirror`)\n  {told}"
        )
    return f"terraform init failed:\n  {told}"
