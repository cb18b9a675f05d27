"""A cloud that somebody else started: which URLs are taken, what probes find, and what they leave behind."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.base.ports import free_port
from scripts.clouds.choice import choose, started
from scripts.clouds.endpoint import EndpointCloud
from scripts.clouds.probing import services
from scripts.clouds.probing.findings import CAPABILITIES, Findings
from scripts.clouds.probing.probes import probe
from scripts.clouds.probing.scope import NeverSeen, NotSeen, scope

URL = "http://127.0.0.1:4599"
REQUIRED = [name for name, capability in CAPABILITIES.items() if capability.required]


class Service:
    """One service of an emulator that refuses every operation, or those that make something go unanswered."""

    def __init__(self, calls: list[str], refused: tuple[str, ...]) -> None:
        self._calls, self._refused = calls, refused

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> dict[str, Any]:
            self._calls.append(operation)
            if operation in self._refused or "*" in self._refused:
                raise ClientError({"Error": {"Code": "501", "Message": "not here"}}, operation)
            return {"QueueUrl": "http://queue", "EventBusArn": "arn:bus", "ArchiveName": "another"}

        return call


class Emulator:
    """Its clients, and the operations that were called."""

    def __init__(self, *refused: str) -> None:
        self.calls: list[str] = []
        self._refused = refused

    def client(self, _: str) -> Any:
        return Service(self.calls, self._refused)


class TestUrls:
    @pytest.mark.parametrize(
        "url", ["", "4566", "ftp://here", "http://", "http://h:x", "http://[", "http://h:1/path"]
    )
    def test_what_is_no_address_is_refused_with_an_example(self, tmp_path: Path, url: str) -> None:
        with pytest.raises(Failure, match="ENDPOINT=http://127"):
            choose("endpoint", 4566, tmp_path, url)

    @pytest.mark.parametrize("host", ["s3.amazonaws.com", "dynamodb.eu-west-1.api.aws"])
    def test_aws_itself_is_refused(self, tmp_path: Path, host: str) -> None:
        with pytest.raises(Failure, match="is AWS itself"):
            choose("endpoint", 4566, tmp_path, f"https://{host}")

    def test_an_endpoint_is_for_that_cloud_only(self, tmp_path: Path) -> None:
        with pytest.raises(Failure, match="is for CLOUD=endpoint"):
            choose("embedded", 4566, tmp_path, URL)

    def test_nothing_that_answers_is_said_with_what_to_do(self, tmp_path: Path) -> None:
        cloud = EndpointCloud(f"http://127.0.0.1:{free_port()}", tmp_path)

        with pytest.raises(Failure, match="start the emulator"):
            cloud.probe()


class TestProbes:
    def test_an_emulator_that_refuses_everything_lacks_everything(self) -> None:
        found = probe(URL, Emulator("*").client, seconds=0)

        assert set(found.lacks) == set(CAPABILITIES)
        assert found.lacks["jwt"] == "not tried, for it needs HTTP API"

    def test_what_was_made_is_removed_where_a_probe_fails(self) -> None:
        emulator = Emulator("put_rule")

        with scope(URL, emulator.client, 0) as opened, pytest.raises(ClientError):
            services.bus(opened)

        assert emulator.calls[-3:] == ["delete_rule", "delete_event_bus", "delete_queue"]

    def test_what_was_made_is_removed_after_an_interrupt(self) -> None:
        emulator = Emulator()

        def interrupted() -> None:
            with scope(URL, emulator.client, 0) as opened:
                opened.remove_later(opened.client("sqs").delete_queue, QueueUrl="one")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()

        assert emulator.calls == ["delete_queue"]

    def test_a_removal_that_is_refused_keeps_no_other(self) -> None:
        emulator = Emulator("delete_rule")

        with scope(URL, emulator.client, 0) as opened:
            opened.remove_later(opened.client("sqs").delete_queue)
            opened.remove_later(opened.client("events").delete_rule)

        assert emulator.calls == ["delete_rule", "delete_queue"]

    def test_an_accepted_call_without_effect_is_a_lack(self) -> None:
        with scope(URL, Emulator().client, 0) as opened, pytest.raises(NotSeen, match="is not there"):
            services.archives(opened)

    def test_waiting_ends_at_the_deadline_with_the_last_refusal(self) -> None:
        def look() -> None:
            raise ValueError("not yet")

        with scope(URL, Emulator().client, 0) as opened, pytest.raises(NotSeen, match="within 0 s: not yet"):
            opened.wait("it", look)

    def test_nobody_waits_for_what_will_not_come(self) -> None:
        def look() -> None:
            raise NeverSeen("it failed")

        with scope(URL, Emulator().client, 999) as opened, pytest.raises(NotSeen, match=r"^it failed$"):
            opened.wait("it", look)

    def test_a_refusal_is_told_in_one_line_with_its_code(self) -> None:
        found = probe(URL, Emulator("*").client, seconds=0)

        assert found.lacks["streams"] == "501: not here"

    def test_two_scopes_share_no_name(self) -> None:
        with scope(URL, Emulator().client) as one, scope(URL, Emulator().client) as other:
            assert one.name != other.name


class TestFindings:
    @pytest.mark.parametrize("name", REQUIRED)
    def test_what_the_application_cannot_do_without_refuses(self, name: str) -> None:
        with pytest.raises(Failure, match=r"(?s)cannot run on .*501.*CLOUD=embedded"):
            Findings({name: "501"}).require(URL)

    def test_either_api_is_enough(self) -> None:
        Findings({"http_api": "501", "jwt": "501", "iam_enforcement": "501"}).require(URL)
        Findings({"rest_api": "501"}).require(URL)

        with pytest.raises(Failure, match="HTTP API"):
            Findings({"http_api": "501", "rest_api": "501"}).require(URL)

    def test_terraform_gets_the_api_that_is_there(self) -> None:
        assert Findings().api_type == "http"
        assert Findings({"http_api": "501"}).api_type == "rest"

    def test_the_package_is_for_where_functions_run(self) -> None:
        host = {"python": "3.12", "machine": "aarch64", "system": "linux", "libc": "glibc"}

        assert Findings(host=host).platform.label == "python3.12-linux-arm64"
        assert Findings(host=host | {"libc": ""}).platform.label == "python3.12-linux-musl-arm64"

    def test_a_lack_is_told_with_what_follows(self) -> None:
        (line,) = Findings({"jwt": "501"}).lines()

        assert line == "missing: JWT authorizers; no token is checked: only AUTH=none is possible (501)"


class TestRuns:
    @pytest.fixture
    def marks(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The mark that lies in the emulator."""
        marks = ["one"]
        monkeypatch.setattr(EndpointCloud, "instance", property(lambda _: marks[-1]))
        monkeypatch.setattr(EndpointCloud, "healthy", lambda _: True)
        return marks

    def test_findings_are_kept_for_a_run_of_the_emulator(
        self, tmp_path: Path, marks: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [Findings({"jwt": "one"}), Findings({"jwt": "two"})]
        monkeypatch.setattr("scripts.clouds.probing.probes.probe", lambda *_: made.pop(0))
        choose("endpoint", 4566, tmp_path, URL).start()

        again = EndpointCloud(URL, tmp_path / "endpoint").findings
        marks.append("two")
        restarted = EndpointCloud(URL, tmp_path / "endpoint").findings

        assert (again.lacks, restarted.lacks) == ({"jwt": "one"}, {"jwt": "two"})

    def test_stopping_forgets_it(
        self, tmp_path: Path, marks: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scripts.clouds.probing.probes.probe", lambda *_: Findings())
        choose("endpoint", 4566, tmp_path, URL).start()
        assert [cloud.endpoint for cloud in started(tmp_path)] == [URL]
        assert choose("endpoint", 4566, tmp_path).endpoint == URL

        for cloud in started(tmp_path):
            cloud.stop()

        assert started(tmp_path) == []
