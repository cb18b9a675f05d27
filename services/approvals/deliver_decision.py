"""The stream of the approvals table → the workflow that waits.

A decision and a token come in either order; the record of the later one holds both.
"""

from services.adapters.dynamodb.approvals import AwaitedVerdict, awaited_verdict
from services.adapters.dynamodb.wire import UnreadableRecord
from services.adapters.telemetry import logger
from services.composition import Services
from services.streams import Record, record_id, stream


def deliver_decision(records: list[Record], services: Services) -> None:
    """Delivers the verdicts in the records. A transient failure raises: the stream then retries the batch.

    An unreadable record is logged and skipped, so it cannot block the shard; its item stays in the table.
    """
    for record in records:
        try:
            awaited = awaited_verdict(record)
        except UnreadableRecord as error:
            logger.error("unreadable", reason=str(error), record=record_id(record))
            continue
        if awaited is not None:
            _deliver(awaited, services)
    logger.set_correlation_id(None)


def _deliver(awaited: AwaitedVerdict, services: Services) -> None:
    logger.set_correlation_id(awaited.verdict.correlation_id)
    delivered = services.workflow.deliver(awaited.token, awaited.verdict)
    message = "delivered" if delivered else "no workflow waits for this verdict"
    logger.info(message, task_id=awaited.task_id, kind=awaited.verdict.kind)


handler = stream(deliver_decision, uses=("workflow",))
