"""Reading Terraform's output while it runs."""

from scripts.terraform import Change, Progress
from tests.harness.terraform_messages import hook, message


def planned(address: str, action: str) -> str:
    return message("planned_change", change={"resource": {"addr": address}, "action": action})


def test_progress_follows_an_apply() -> None:
    progress = Progress()

    assert progress.feed(planned("aws_sqs_queue.one", "create"))
    progress.feed(planned("aws_sqs_queue.two", "replace"))
    progress.feed(planned("data.aws_region.here", "read"))
    progress.feed(message("apply_start", hook=hook("data.aws_region.here", "read")))
    progress.feed(message("apply_complete", hook=hook("data.aws_region.here", "read")))
    progress.feed(message("apply_start", hook=hook("aws_sqs_queue.one")))
    progress.feed(message("apply_start", hook=hook("aws_sqs_queue.two")))

    assert progress.planned == [Change("aws_sqs_queue.one", "create"), Change("aws_sqs_queue.two", "replace")]
    assert progress.oldest == "aws_sqs_queue.one"
    progress.feed(message("apply_complete", hook=hook("aws_sqs_queue.one") | {"id_value": "http://one"}))
    assert progress.oldest == "aws_sqs_queue.two"
    assert [(one.address, one.id) for one in progress.done] == [("aws_sqs_queue.one", "http://one")]


def test_messages_of_unknown_kinds_change_nothing() -> None:
    progress = Progress()

    assert not progress.feed(message("log", note="something new"))
    assert not progress.feed("no JSON at all\n")
    assert progress == Progress(other=["no JSON at all"])


def test_errors_are_readable() -> None:
    progress = Progress()
    diagnostic = {
        "severity": "error",
        "summary": "creating SQS Queue",
        "detail": "operation error\nno such host",
        "address": "aws_sqs_queue.one",
        "range": {"filename": "queues.tf", "start": {"line": 12}},
    }

    progress.feed(message("diagnostic", diagnostic=diagnostic))
    progress.feed(message("diagnostic", diagnostic={"severity": "warning", "summary": "deprecated"}))

    assert progress.errors == [
        "creating SQS Queue (aws_sqs_queue.one, queues.tf:12)\n    operation error\n    no such host"
    ]
