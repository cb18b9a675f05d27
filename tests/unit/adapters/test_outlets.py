"""SNS, S3 and Step Functions: requests that the services' own models accept."""

import json

import pytest
from botocore.exceptions import ClientError

from services.adapters.s3 import JsonBucket
from services.adapters.sns import NotificationTopic
from services.adapters.step_functions import ApprovalStateMachine
from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.status import Priority, Status
from services.core.task import Task
from services.core.verdicts import Verdict
from tests.harness.builders import a_task, an_approval, the_largest_change
from tests.unit.adapters.conftest import Stubbed

TOPIC = "arn:aws:sns:eu-central-1:000000000000:notifications"
MACHINE = "arn:aws:states:eu-central-1:000000000000:stateMachine:approval"
VERDICT = Verdict(kind="decided", approval=an_approval(), correlation_id="cause")


def created(task: Task) -> TaskEvent:
    return events_of(Write(None, task, "cause", task.updated_at))[0]


class TestTopic:
    def test_programs_get_json_and_people_text(self, stubbed: Stubbed) -> None:
        client, script = stubbed("sns")
        event = created(a_task(title="Grüße", user_id="ada"))
        text = (
            f"Task created: Grüße\n\n{'Task':10}{event.task_id}\nOwner     ada\n"
            "Priority  medium\nStatus    pending"
        )
        request = {
            "TopicArn": TOPIC,
            "Subject": "Task created",
            "Message": json.dumps({"default": event.as_json(), "email": text}),
            "MessageStructure": "json",
            "MessageAttributes": {
                "eventId": {"DataType": "String", "StringValue": event.event_id},
                "detailType": {"DataType": "String", "StringValue": "TaskCreated"},
            },
        }
        script.add_response("publish", {"MessageId": "1"}, request)

        NotificationTopic(client, TOPIC).notify("Task created", event)

    def test_a_long_subject_is_cut_to_the_limit_of_sns(self, stubbed: Stubbed) -> None:
        client, script = stubbed("sns")
        request = {
            "TopicArn": TOPIC,
            "Subject": "x" * 100,
            "Message": '{"default": "{}", "email": "text"}',
            "MessageStructure": "json",
            "MessageAttributes": {},
        }
        script.add_response("publish", {"MessageId": "1"}, request)

        NotificationTopic(client, TOPIC).publish("x" * 101, "{}", "text", {})

    def test_the_largest_change_by_the_api_fits_a_notification(self) -> None:
        requests = []

        class Sns:
            def publish(self, **request: str) -> None:
                requests.append(request)

        NotificationTopic(Sns(), TOPIC).notify("Task in progress", the_largest_change())

        # https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns
        assert len(requests[0]["Message"].encode()) < 256 * 1024

    @pytest.mark.parametrize(("over", "is_whole"), [(0, True), (1, False)])
    def test_the_limit_of_a_notification_is_met_to_the_byte(self, over: int, is_whole: bool) -> None:
        """8 KiB of SNS's limit are left to the attributes."""
        sent: list[dict[str, str]] = []

        class Sns:
            def publish(self, **request: str) -> None:
                sent.append(request)

        frame = len(json.dumps({"default": "", "email": "text"}))
        data = "x" * (248 * 1024 - frame + over)

        NotificationTopic(Sns(), TOPIC).publish("subject", data, "text", {"eventId": "1"})

        told = json.loads(sent[0]["Message"])["default"]
        assert told == (data if is_whole else '{"eventId": "1", "tooLarge": true}')

    def test_throttling_is_unavailability(self, stubbed: Stubbed) -> None:
        client, script = stubbed("sns")
        script.add_client_error("publish", "ThrottlingException")
        with pytest.raises(ServiceUnavailable):
            NotificationTopic(client, TOPIC).publish("subject", "{}", "text", {})


class TestBucket:
    def test_keeps_json_under_its_key(self, stubbed: Stubbed) -> None:
        client, script = stubbed("s3")
        request = {
            "Bucket": "archive",
            "Key": "tasks/2026/01/31/1.json",
            "Body": '{"title":"Grüße"}'.encode(),
            "ContentType": "application/json",
        }
        script.add_response("put_object", {}, request)

        JsonBucket(client, "archive").keep("tasks/2026/01/31/1.json", '{"title":"Grüße"}')

    def test_slow_down_is_unavailability(self, stubbed: Stubbed) -> None:
        client, script = stubbed("s3")
        script.add_client_error("put_object", "SlowDown", http_status_code=503)
        with pytest.raises(ServiceUnavailable):
            JsonBucket(client, "archive").keep("key", "{}")


class TestApprovalStateMachine:
    EVENT = created(a_task(priority=Priority.HIGH, status=Status.PENDING_APPROVAL))

    def test_starts_under_a_name_made_of_task_and_version(self, stubbed: Stubbed) -> None:
        client, script = stubbed("stepfunctions")
        given = {"taskId": self.EVENT.task_id, "version": 1, "correlationId": "cause"}
        request = {
            "stateMachineArn": MACHINE,
            "name": f"{self.EVENT.task_id}-1",
            "input": json.dumps(given),
        }
        answer = {"executionArn": "arn:aws:states:execution", "startDate": 0}
        script.add_response("start_execution", answer, request)

        ApprovalStateMachine(client, MACHINE).start(self.EVENT)

    def test_a_second_start_is_no_error(self, stubbed: Stubbed) -> None:
        client, script = stubbed("stepfunctions")
        script.add_client_error("start_execution", "ExecutionAlreadyExists")
        ApprovalStateMachine(client, MACHINE).start(self.EVENT)

    @pytest.mark.parametrize(
        ("code", "error"),
        [("ThrottlingException", ServiceUnavailable), ("StateMachineDoesNotExist", ClientError)],
    )
    def test_a_start_that_fails_raises(self, stubbed: Stubbed, code: str, error: type[Exception]) -> None:
        client, script = stubbed("stepfunctions")
        script.add_client_error("start_execution", code)
        with pytest.raises(error):
            ApprovalStateMachine(client, MACHINE).start(self.EVENT)

    def test_delivers_the_verdict_as_the_output_of_the_wait(self, stubbed: Stubbed) -> None:
        client, script = stubbed("stepfunctions")
        output = VERDICT.model_dump_json(by_alias=True)
        script.add_response("send_task_success", {}, {"taskToken": "token", "output": output})

        assert ApprovalStateMachine(client).deliver("token", VERDICT)
        assert Verdict.model_validate(json.loads(output), strict=False) == VERDICT

    def test_the_output_leaves_out_what_a_cancelled_approval_has_not(self, stubbed: Stubbed) -> None:
        client, script = stubbed("stepfunctions")
        output = '{"kind":"cancelled","correlationId":"cause"}'
        script.add_response("send_task_success", {}, {"taskToken": "token", "output": output})

        assert ApprovalStateMachine(client).deliver(
            "token", Verdict(kind="cancelled", correlation_id="cause")
        )

    @pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
    def test_delivering_to_an_ended_wait_is_no_error(self, stubbed: Stubbed, code: str) -> None:
        client, script = stubbed("stepfunctions")
        script.add_client_error("send_task_success", code)
        assert not ApprovalStateMachine(client).deliver("token", VERDICT)

    @pytest.mark.parametrize(
        ("code", "error"), [("ThrottlingException", ServiceUnavailable), ("AccessDenied", ClientError)]
    )
    def test_a_delivery_that_fails_raises(self, stubbed: Stubbed, code: str, error: type[Exception]) -> None:
        client, script = stubbed("stepfunctions")
        script.add_client_error("send_task_success", code)
        with pytest.raises(error):
            ApprovalStateMachine(client).deliver("token", VERDICT)
