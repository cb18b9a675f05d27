"""The embedded cloud: ministack, a Python program, in an environment of its own. Needs no Docker.

Nothing it holds survives a stop.
"""

import shutil
import uuid
from pathlib import Path

from scripts.base.detached import Detached
from scripts.base.environment import ensure_environment, require_disk_space
from scripts.base.failure import Failure
from scripts.base.loopback import answers, http_client
from scripts.base.paths import REQUIREMENTS, ROOT
from scripts.base.ports import LOOPBACK, describe_holder, is_taken
from scripts.base.waiting import until
from scripts.build.platforms import Platform
from scripts.clouds.clients import client
from scripts.clouds.states.snapshots import FILE, INSTANCE, PATH, PATIENCE_SECONDS

ENVIRONMENT = ROOT / ".local/embedded-cloud/environment"
LAUNCHER = Path(__file__).with_name("embedded_launcher.py")
START_SECONDS = 30.0
STOP_SECONDS = 5.0
SAVE_SECONDS = PATIENCE_SECONDS + 30.0
# Simultaneous function runs: each is a process.
CONCURRENCY = 16


class EmbeddedCloud:
    """One embedded cloud, on one port, keeping its files in one folder.

    When tied, it ends with the process that started it, whatever ends that. With tls it speaks nothing else,
    under a certificate that it makes for itself.
    """

    name = "embedded"
    api_type = "http"
    keeps_states = True
    is_ours = True

    def __init__(self, port: int, folder: Path, *, tied: bool = False, tls: bool = False) -> None:
        self.port = port
        self._folder = folder
        self._tied = tied
        self._temporary = folder / "tmp"
        self.certificate = self._temporary / "ministack-tls/server.crt" if tls else None
        self._program = Detached(folder / "process.json", folder / "cloud.log", marker=str(ENVIRONMENT))

    @classmethod
    def find(cls, folder: Path) -> "EmbeddedCloud | None":
        """The embedded cloud that was started with this folder and has not been stopped, if any."""
        record = Detached(folder / "process.json", folder / "cloud.log", marker=str(ENVIRONMENT)).record()
        return cls(record.port, folder) if record else None

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients are pointed at."""
        return f"{'https' if self.certificate else 'http'}://{LOOPBACK}:{self.port}"

    @property
    def instance(self) -> str | None:
        """Identifies this run of the cloud; None if it does not run on this port."""
        running = self._program.running()
        return running.instance if running and running.port == self.port else None

    def platform(self) -> Platform:
        """Its functions run on the Python that runs this."""
        return Platform.local()

    def prepare(self) -> None:
        """Make sure that its port is free, that no other runs, and that its packages are installed."""
        running = self._program.running()
        if running and running.port == self.port:
            return
        if running:
            raise Failure(f"a cloud is already up on port {running.port}: run `make down` first")
        self.stop()  # the remains of a crash
        self._require_port()
        require_disk_space(ROOT)
        # Functions run on this environment's Python, so it must be the one that the package is built for.
        ensure_environment(ENVIRONMENT, REQUIREMENTS / "embedded-cloud.txt", same_python=True)

    def start(self, state: Path | None = None) -> None:
        """Start it unless it runs, and return when it answers and works.

        From a `state`, a file that `save` wrote on whatever port, it goes on where that was taken; that needs
        a cloud that does not run.
        """
        if self.instance:
            if state:
                raise Failure("the cloud is up: a state is loaded when it starts, so stop it first")
            self._require_answer()
            return
        self.prepare()
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._launch(state)
            self._wait_until_healthy()
            if state is None:
                self._probe()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, the workers of its functions, and remove its temporary files."""
        self._program.stop(STOP_SECONDS)
        shutil.rmtree(self._temporary, ignore_errors=True)

    def healthy(self) -> bool:
        """Whether it answers."""
        return answers(f"{self.endpoint}/_ministack/health", 2, self.certificate)

    def save(self, file: Path) -> float:
        """Write all that it knows to a file that `start` takes; gives for how long it held calls back, in s.

        The snapshot is taken while nothing is under way: calls and deliveries that began before are waited
        for, those that come meanwhile wait. A Failure if that takes too long.
        """
        running = self._program.running()
        if running is None or running.port != self.port:
            raise Failure("the cloud is not up: run `make up`")
        with http_client(self.endpoint, timeout=SAVE_SECONDS) as http:
            answer = http.post(PATH, headers={INSTANCE.decode(): running.instance})
        if answer.status_code != 200:
            raise Failure(f"the cloud cannot be saved now: {answer.json()['problem']}")
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self._folder / FILE, file)
        return float(answer.json()["held_seconds"])

    def _launch(self, state: Path | None) -> None:
        self._temporary.mkdir()
        command = [str(ENVIRONMENT / "bin/python"), "-I", str(LAUNCHER)]
        command += [str(self._program.record_path), str(self.port), *(["--tied"] if self._tied else [])]
        command += ["--state", str(state.resolve())] if state else []
        # Without the caller's environment: functions would inherit it, credentials and proxies included.
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._temporary),
            "TMPDIR": str(self._temporary),
            "LANG": "C.UTF-8",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": LOOPBACK,  # its default is every interface
            "AUTH": "true",  # each function has only the rights of its own role
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": str(CONCURRENCY),
            "USE_SSL": "1" if self.certificate else "0",
        }
        self._program.start(command, environment, tied=self._tied)

    def _wait_until_healthy(self) -> None:
        def started() -> bool:
            if self._program.died():
                self._require_port()  # free before, it may have been taken since
                raise Failure(self._trouble("ended while starting"))
            return self.healthy() and self._is_itself()

        if not until(started, seconds=START_SECONDS):
            raise Failure(self._trouble(f"did not answer within {START_SECONDS:.0f} s"))

    def _require_port(self) -> None:
        if is_taken(self.port):
            holder = describe_holder(self.port)
            raise Failure(f"port {self.port} is taken by {holder}: stop it, or choose another with PORT=")

    def _is_itself(self) -> bool:
        """Whether its own program answers: of two that start at once, the later one meets the other's."""
        own = {INSTANCE.decode(): self.instance or ""}
        return answers(f"{self.endpoint}{PATH}", 2, self.certificate, own)

    def _require_answer(self) -> None:
        """Wait for the answer of one that runs, late on a busy machine: it holds tasks, so it goes on."""
        if not until(self.healthy, seconds=START_SECONDS):
            raise Failure(
                self._trouble(f"runs and did not answer within {START_SECONDS:.0f} s")
                + "\n  `make down` stops it, with all that it holds; then `make up` starts it empty."
            )

    def _probe(self) -> None:
        """Make a table and remove it: a health endpoint proves only that a server listens."""
        dynamodb = client("dynamodb", self.endpoint, self.certificate)
        table = f"probe-{uuid.uuid4().hex}"
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        described = dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
        dynamodb.delete_table(TableName=table)
        if described != "ACTIVE":
            raise Failure(self._trouble(f"created a table with the status {described}"))

    def _trouble(self, what: str) -> str:
        log = self._program.log_path
        shown = log.relative_to(ROOT) if log.is_relative_to(ROOT) else log
        tail = self._program.log_tail().replace("\n", "\n  ")
        return f"the embedded cloud {what}; its log ({shown}) ends:\n  {tail}"
