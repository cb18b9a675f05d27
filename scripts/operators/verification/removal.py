"""Removes what the checks made: tasks, executions, statistics, feed, archived objects, dead letters, taps."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.waiting import until
from scripts.deployments.taps import remove_tap
from scripts.deployments.target import Target
from scripts.operators import dead_letters
from scripts.operators.queues import depth
from scripts.operators.verification.made import Made
from services.adapters.dynamodb.statistics import totals_from_item, user_key
from services.adapters.dynamodb.wire import item_from_wire
from services.core.reactions import archive_key

Update = Callable[[str], None]

WORKERS = 5
POLL_SECONDS = 1.0
LOOK_SECONDS = 5.0


class Removal:
    """Removes everything in a journal from a deployment, as far as possible; what is left is reported.

    Tasks go through the API, so that every deletion is an event and ends its approval; where the API does not
    delete, from the table. `seconds` bounds the wait for those events: a broken deployment brings none.
    """

    def __init__(self, target: Target, made: Made, api: httpx.Client | None, seconds: float) -> None:
        self._target = target
        self._made = made
        self._api = api
        self._seconds = seconds
        self._left: list[str] = []

    def run(self, update: Update) -> list[str]:
        """Remove; gives what could not be removed, and why. The journal is emptied if nothing is left."""
        made = self._made
        update(f"{len(made.tasks)} tasks")
        self._try("tasks whose creation got no answer", self._find_tasks)
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda task_id: self._try(f"task {task_id}", self._delete, task_id), made.tasks))
        update("waiting for the events of the deletions")
        self._try("the events of the deletions", self._await_deletions)
        update("executions, archive, dead letters, statistics")
        if made.tasks:
            self._try("archived tasks", self._await_archived)
            self._try("executions of the approval workflow", self._stop_executions)
        for key in made.archived:
            self._try(f"archived {key}", self._delete_archived, key)
        for queue, texts in made.messages.items():
            self._try(f"dead letters of {queue}", self._delete_letters, queue, texts)
        for name in made.taps:
            self._try(f"queue and rule {name}", self._remove_tap, name)
        self._try("statistics and feed", self._delete_rows)
        if not self._left:
            made.forget()
        return self._left

    def _try(self, what: str, remove: Callable[..., None], *arguments: Any) -> None:
        try:
            remove(*arguments)
        except (BotoCoreError, ClientError, httpx.HTTPError) as error:
            self._left.append(f"{what}: {error}")

    def _find_tasks(self) -> None:
        for user in self._made.users:
            for item in self._by_user(self._target.outputs["table_names"]["tasks"], user):
                self._made.task(item["taskId"], user)

    def _delete(self, task_id: str) -> None:
        if self._api is not None:
            try:
                if self._api.delete(f"/tasks/{task_id}").status_code in (204, 404):
                    return
            except httpx.HTTPError:
                pass  # the API may be broken, which is what is checked: delete from the table instead
        table = self._target.outputs["table_names"]["tasks"]
        self._client("dynamodb").delete_item(TableName=table, Key={"taskId": {"S": task_id}})

    def _await_deletions(self) -> None:
        """Waits until the feed has them all, and the totals what came before: later effects would come back.

        No longer than the bound.
        """
        waiting = {user for user in self._made.users if self._tasks_of(user)}

        def arrived() -> bool:
            waiting.difference_update([user for user in waiting if self._is_settled(user)])
            return not waiting

        until(arrived, seconds=self._seconds, poll=POLL_SECONDS)

    def _is_settled(self, user: str) -> bool:
        """Whether every task's end is in the feed, and its creation and completion in the totals."""
        tasks, events = self._tasks_of(user), defaultdict(set)
        for row in self._feed(user):
            events[row["detailType"]].add(row["taskId"])
        table = self._target.outputs["table_names"]["statistics"]
        item = self._client("dynamodb").get_item(TableName=table, Key=user_key(user), ConsistentRead=True)
        totals = totals_from_item(user, item.get("Item", {}))
        counted = totals.created >= len(tasks) and totals.completed >= len(events["TaskCompleted"])
        return tasks <= events["TaskDeleted"] and counted

    def _await_archived(self) -> None:
        """Waits for every completed task's object, including those that a killed run did not note."""
        for user in self._made.users:
            for row in self._feed(user):
                if row["detailType"] == "TaskCompleted":
                    self._made.archive(archive_key(row["taskId"], row["occurredAt"]))
        s3, bucket = self._client("s3"), self._target.outputs["archive_bucket"]
        pages = s3.get_paginator("list_object_versions").paginate
        missing = set(self._made.archived)

        def arrived() -> bool:
            found = [
                key for key in missing for page in pages(Bucket=bucket, Prefix=key) if "Versions" in page
            ]
            missing.difference_update(found)
            return not missing

        until(arrived, seconds=self._seconds, poll=POLL_SECONDS)

    def _stop_executions(self) -> None:
        states, machine = self._client("stepfunctions"), self._target.outputs["approval_state_machine_arn"]
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="RUNNING"
        )
        for execution in (found for page in pages for found in page["executions"]):
            if execution["name"].rpartition("-")[0] in self._made.tasks:
                states.stop_execution(executionArn=execution["executionArn"], cause="make verify is done")

    def _remove_tap(self, name: str) -> None:
        bus = self._target.outputs["event_bus_name"]
        remove_tap(self._client("events"), self._client("sqs"), bus, name)

    def _delete_archived(self, key: str) -> None:
        s3, bucket = self._client("s3"), self._target.outputs["archive_bucket"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])

    def _delete_letters(self, queue: str, texts: set[str]) -> None:
        """Looks several times: a short poll of SQS does not ask every server that holds messages."""
        missing = set(texts)

        def all_deleted() -> bool:
            missing.difference_update(self._delete_letters_seen(queue, texts))
            return not missing

        if not until(all_deleted, seconds=LOOK_SECONDS, poll=POLL_SECONDS) and self._on_its_way(queue):
            self._left.append(
                f"a message of queue {queue} is still being retried: the next `make verify` removes it"
            )

    def _delete_letters_seen(self, queue: str, texts: set[str]) -> set[str]:
        """Deletes our own among the dead letters that a look shows; others' are shown again at once."""
        found, others = set(), []
        for letter in dead_letters.read(self._target, queue):
            own = {text for text in texts if text in letter.body}
            if own:
                self._client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
                found |= own
            else:
                others.append(letter)
        dead_letters.release(self._target, others)
        return found

    def _on_its_way(self, queue: str) -> bool:
        """Whether the queue holds anything: a message that is hidden between two tries shows no other way."""
        return depth(self._client("sqs"), self._target.outputs["queue_urls"][queue]) > 0

    def _delete_rows(self) -> None:
        """Totals and feed of each user; looks again until none came back, since reactions may be behind."""

        def none_came_back() -> bool:
            with ThreadPoolExecutor(WORKERS) as pool:
                return not any(list(pool.map(self._delete_rows_of, self._made.users)))

        until(none_came_back, seconds=LOOK_SECONDS, poll=POLL_SECONDS)

    def _delete_rows_of(self, user: str) -> bool:
        dynamodb, outputs = self._client("dynamodb"), self._target.outputs
        totals = dynamodb.delete_item(
            TableName=outputs["table_names"]["statistics"],
            Key=user_key(user),
            ReturnValues="ALL_OLD",
        )
        rows = list(self._feed(user))
        for row in rows:
            key = {name: {"S": row[name]} for name in ("feed", "position")}
            dynamodb.delete_item(TableName=outputs["table_names"]["feed"], Key=key)
        return bool(totals.get("Attributes") or rows)

    def _tasks_of(self, user: str) -> set[str]:
        return {task_id for task_id, owner in self._made.tasks.items() if owner == user}

    def _feed(self, user: str) -> Iterator[dict[str, Any]]:
        return self._by_user(self._target.outputs["table_names"]["feed"], user)

    def _by_user(self, table: str, user: str) -> Iterator[dict[str, Any]]:
        pages: Iterable[Any] = (
            self._client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName="by-user",
                KeyConditionExpression="userId = :user",
                ExpressionAttributeValues={":user": {"S": user}},
            )
        )
        for page in pages:
            yield from map(item_from_wire, page["Items"])

    def _client(self, service: str) -> Any:
        return self._target.client(service)
