"""`make verify`: what it records, how it reports, and what it refuses before anything is created."""

import base64
import json
from io import StringIO
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from rich.console import Console

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import verify
from scripts.operators.verification import client as client_module
from scripts.operators.verification.client import CheckingClient
from scripts.operators.verification.made import Made, journal
from scripts.operators.verification.report import EXIT_FAILED, EXIT_NOT_VERIFIED, Check, Outcome, Report
from services.core.callers import Scope
from tests.harness.command_line import task_manager

OWNER = f"verify-{uuid4().hex[:12]}"
THROTTLED = httpx.Response(429, json={"message": "Too Many Requests"})
UNAVAILABLE = httpx.Response(503, json={"message": "Service Unavailable"})


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "made.jsonl")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "WAITS", (0.0, 0.0))


def task_of(owner: str, **fields: str) -> dict[str, str]:
    return {"taskId": str(uuid4()), "userId": owner, "status": "pending"} | fields


def answering(
    made: Made, *answers: httpx.Response | Exception, known: tuple[str, ...] = ("ada",)
) -> tuple[CheckingClient, list[httpx.Request]]:
    """A client whose server gives these answers, one after the other, and the requests that it sends.

    The users in `known` have tasks or statistics already.
    """
    waiting, sent = list(answers), []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        given = waiting.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    transport = httpx.MockTransport(answer)
    api = CheckingClient(
        made, lambda user: user not in known, base_url="http://tasks.test", transport=transport
    )
    return api, sent


class TestThrottles:
    @pytest.mark.parametrize(
        ("method", "answers"),
        [("POST", [THROTTLED]), ("GET", [THROTTLED, UNAVAILABLE]), ("PUT", [UNAVAILABLE])],
    )
    def test_the_gateways_refusal_is_retried(
        self, made: Made, method: str, answers: list[httpx.Response]
    ) -> None:
        api, sent = answering(made, *answers, httpx.Response(200, json={}))
        assert api.request(method, "/tasks").status_code == 200
        assert len(sent) == len(answers) + 1

    def test_a_creation_with_an_idempotency_key_is_retried(self, made: Made) -> None:
        api, sent = answering(made, UNAVAILABLE, httpx.Response(201, json=task_of(OWNER)))
        created = api.post("/tasks", json={"userId": OWNER}, headers={"Idempotency-Key": "monday"})
        assert (created.status_code, len(sent)) == (201, 2)

    def test_a_creation_that_may_have_happened_is_not_retried(self, made: Made) -> None:
        api, sent = answering(made, UNAVAILABLE)
        assert api.post("/tasks", json={"userId": OWNER}).status_code == 503
        assert len(sent) == 1

    def test_an_answer_of_the_application_is_not_retried(self, made: Made) -> None:
        own = httpx.Response(503, json={}, headers={"X-Correlation-Id": "a"})
        api, sent = answering(made, own)

        assert api.get("/tasks").status_code == 503
        assert len(sent) == 1

    def test_endless_throttling_is_the_answer(self, made: Made) -> None:
        api, sent = answering(made, THROTTLED, THROTTLED, THROTTLED)
        assert api.get("/tasks").status_code == 429
        assert len(sent) == 3


class TestJournal:
    def test_a_task_its_owner_and_its_archive_are_recorded(self, made: Made) -> None:
        task = task_of(OWNER, status="completed", updatedAt="2026-01-31T12:00:00.000Z")
        api, _ = answering(made, httpx.Response(201, json=task), httpx.Response(200, json=task))

        api.post("/tasks", json={"userId": OWNER})
        api.put(f"/tasks/{task['taskId']}", json={"status": "completed"})

        assert (made.users, made.tasks) == ({OWNER}, {task["taskId"]: OWNER})
        assert made.archived == {f"tasks/2026/01/31/{task['taskId']}.json"}

    def test_an_owner_is_recorded_even_if_the_answer_is_lost(self, made: Made) -> None:
        api, _ = answering(made, httpx.ReadTimeout("lost"))
        with pytest.raises(httpx.ReadTimeout):
            api.post("/tasks", json={"userId": OWNER})
        assert made.users == {OWNER}

    def test_an_owner_with_earlier_data_fails_the_check_and_keeps_their_statistics(self, made: Made) -> None:
        task = task_of("ada")
        api, _ = answering(made, httpx.Response(201, json=task))

        with pytest.raises(AssertionError, match="'ada', who has tasks or statistics"):
            api.post("/tasks", json={"userId": "ada"})

        assert (made.users, made.tasks) == (set(), {task["taskId"]: "ada"})

    def test_an_owner_without_earlier_data_is_recorded(self, made: Made) -> None:
        tasks = [task_of("auth0|5f7c"), task_of("auth0|5f7c")]
        api, _ = answering(made, *(httpx.Response(201, json=task) for task in tasks), httpx.Response(422))

        for _ in tasks:
            api.post("/tasks", json={"userId": "auth0|5f7c"})

        assert api.post("/tasks", json={"userId": "grace"}).status_code == 422
        assert made.users == {"auth0|5f7c"}

    def test_the_next_run_reads_what_a_killed_one_recorded(self, made: Made, tmp_path: Path) -> None:
        made.user(OWNER)
        made.task("1", OWNER)
        made.message("feed", "poison")
        made.tap("tap-1")
        with (tmp_path / "made.jsonl").open("a") as file:
            file.write('\n["task", "2"')  # an unfinished line

        again = Made(tmp_path / "made.jsonl")

        assert (again.users, again.tasks, again.messages) == ({OWNER}, {"1": OWNER}, {"feed": {"poison"}})
        assert again.taps == {"tap-1"}

        again.message_gone("feed", "poison")
        assert Made(tmp_path / "made.jsonl").messages == {"feed": set()}

        again.forget()
        assert not again
        assert not Made(tmp_path / "made.jsonl")

    def test_two_runs_at_once_are_refused(self, tmp_path: Path) -> None:
        refused = pytest.raises(Failure, match="another `make verify` of dev-1")
        with journal(tmp_path, "dev-1"), journal(tmp_path, "dev-2"), refused, journal(tmp_path, "dev-1"):
            pass
        with journal(tmp_path, "dev-1"):
            pass


class TestReport:
    PASSED = Check("api", "creates a task", Outcome.PASSED, 0.5)
    FAILED = Check("events", "statistics follow", Outcome.FAILED, 2.0, "3 created", "0 created", "a.py:7")
    UNKNOWN = Check("rights", "relay", Outcome.NOT_VERIFIED, came="not available here: no simulator")

    @pytest.mark.parametrize(
        ("checks", "exit_code"),
        [
            ([PASSED], 0),
            ([PASSED, UNKNOWN], EXIT_NOT_VERIFIED),
            ([PASSED, UNKNOWN, FAILED], EXIT_FAILED),
            ([], EXIT_FAILED),
        ],
    )
    def test_only_if_all_passed_the_exit_code_is_0(self, checks: list[Check], exit_code: int) -> None:
        assert self.report(checks).exit_code == exit_code

    def test_a_failure_names_the_expected_and_the_actual_result(self, tmp_path: Path) -> None:
        report = self.report([self.PASSED, self.UNKNOWN, self.FAILED])

        report.write(tmp_path)
        screen = StringIO()
        report.show(Console(file=screen, width=100))

        shown, markdown = screen.getvalue(), (tmp_path / "report.md").read_text()
        assert "failed events: statistics follow\n  expected: 3 created\n  actual:   0 created" in shown
        assert "not verified rights: relay: not available here: no simulator" in shown
        assert "dev: 1 passed, 1 failed, 1 not verified" in shown
        assert "- expected: 3 created\n- actual: 0 created" in markdown
        assert "| api | 1 |  |  | 0.5 |" in markdown
        kept = json.loads((tmp_path / "report.json").read_text())
        assert [check["outcome"] for check in kept["checks"]] == ["passed", "not verified", "failed"]
        assert kept["exitCode"] == EXIT_FAILED

    def report(self, checks: list[Check]) -> Report:
        return Report("dev", "https://tasks.test", "none", checks=list(checks))


class TestRefusals:
    @pytest.fixture
    def target(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Target:
        outputs = {
            "api_url": "https://tasks.test",
            "api_id": "a1",
            "kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/1",
            "auth": {"mode": "none"},
        }
        target = Target(outputs, lambda service: pytest.fail(f"{service} was asked"))
        monkeypatch.setattr(verify, "chosen_target", lambda *_, **__: target)
        monkeypatch.setattr(verify, "WORK_FOLDER", tmp_path)
        monkeypatch.delenv("API_TOKEN", raising=False)
        for name in verify.RETRIES:
            monkeypatch.setenv(name, "3")
        return target

    def test_on_aws_nothing_is_created_before_a_confirmation(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", StringIO("prod\n"))
        monkeypatch.delenv("AUTO_APPROVE", raising=False)
        for name in verify.RETRIES:
            monkeypatch.setenv(name, "3")

        with pytest.raises(Failure, match="set AUTO_APPROVE=1"):
            task_manager("verify", "--env=prod")

        told = capsys.readouterr().out
        assert "creates some 150 tasks" in told
        assert "removes all of it" in told

    def test_an_unknown_section_is_refused(self, target: Target) -> None:
        with pytest.raises(Failure, match="no section moon"):
            task_manager("verify", "--only=api,moon")

    @pytest.mark.parametrize("wait", ["long", "-1"])
    def test_an_unusable_wait_is_refused(
        self, target: Target, capsys: pytest.CaptureFixture[str], wait: str
    ) -> None:
        assert task_manager("verify", f"--wait={wait}") == 2

        assert "'--wait'" in capsys.readouterr().err

    @pytest.mark.parametrize("claim", ["scope", "scp"])
    @pytest.mark.parametrize("more", ["", "tasks/administrator"], ids=["none", "one that begins alike"])
    def test_a_token_that_lacks_a_scope_is_refused(
        self, target: Target, monkeypatch: pytest.MonkeyPatch, claim: str, more: str
    ) -> None:
        target.outputs["auth"] = {"mode": "jwt", "issuer": "https://issuer.example"}
        given = f"{Scope.READ} {Scope.WRITE} {Scope.APPROVE} {more}"
        payload = base64.urlsafe_b64encode(json.dumps({"sub": "ada", claim: given}).encode()).decode()
        monkeypatch.setenv("API_TOKEN", f"e30.{payload.rstrip('=')}.c2ln")

        with pytest.raises(Failure, match="the token lacks tasks/admin"):
            task_manager("verify", "--env=prod")
