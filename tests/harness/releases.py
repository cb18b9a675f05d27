"""Releases as AWS stores them: published versions, the alias, and the record in the bucket of the code."""

import json
from typing import Any

from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, is_call

OUTPUTS: dict[str, Any] = {
    "api_url": "https://tasks.example.com",
    "auth": {"mode": "none"},
    "code_bucket": "code",
    "deployment_application": "app",
    "deployment_preference": "all-at-once",
    "function_names": {"get": "tm-get", "put": "tm-put"},
}
FUNCTIONS = "/2015-03-31/functions"
NOT_FOUND = Answer.refusal("ResourceNotFoundException", 404)


class Releases:
    """The versions of two functions, in pages of which the first is empty, and the record of releases."""

    def __init__(
        self, aws: FaultProxy, newest: int, live: int, *, weights: dict[str, float] | None = None
    ) -> None:
        self.newest = newest
        self.versions = {name: [str(one) for one in range(1, newest + 1)] for name in ("tm-get", "tm-put")}
        self.live = str(live)
        self.weights = weights or {}
        throttled = answer_with(Answer.refusal("TooManyRequestsException", 429))
        aws.add(is_call("lambda", "DELETE .*"), throttled, times=1)
        aws.add(is_call("lambda", ".*"), self)
        aws.add(is_call("s3", ".*"), self.record)

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        path, _, query = call.path.removeprefix(FUNCTIONS + "/").partition("?")
        function, _, what = path.partition("/")
        alias = {
            "Name": "live",
            "FunctionVersion": self.live,
            "RoutingConfig": {"AdditionalVersionWeights": self.weights},
        }
        match call.method, what:
            case "DELETE", "":
                version = query.removeprefix("Qualifier=")
                assert version not in (self.live, *self.weights)
                self.versions[function].remove(version)
                return Answer(204, {}, b"")
            case "GET", "aliases":
                return Answer.of_json({"Aliases": [alias]})
            case "GET", "aliases/live":
                return Answer.of_json(alias)
            case "PUT", "aliases/live":
                self.live = call.json["FunctionVersion"]
                return Answer.of_json(alias)
            case "GET", "versions":
                if "Marker" not in query:
                    return Answer.of_json({"Versions": [], "NextMarker": "more"})
                found = [{"Version": one} for one in ["$LATEST", *self.versions[function]]]
                return Answer.of_json({"Versions": found})
            case "GET", "configuration":
                known = query.removeprefix("Qualifier=") in self.versions[function]
                return Answer.of_json({"Version": "1"}) if known else NOT_FOUND
        raise AssertionError(str(call))

    def record(self, call: Call, _forward: Forward) -> Answer:
        """The bucket's versions of the record: release n is version n of each function."""
        if "versionId" in call.path:
            number = call.path.partition("versionId=")[2].partition("&")[0]
            release = {"versions": {"get": number, "put": number}}
            return Answer(200, {"content-type": "application/json"}, json.dumps(release).encode())
        listed = "".join(
            f"<Version><Key>releases/newest.json</Key><VersionId>{number}</VersionId>"
            f"<LastModified>2026-01-{number:02d}T00:00:00Z</LastModified></Version>"
            for number in range(1, self.newest + 1)
        )
        content = f"<ListVersionsResult><IsTruncated>false</IsTruncated>{listed}</ListVersionsResult>"
        return Answer(200, {"content-type": "application/xml"}, content.encode())
