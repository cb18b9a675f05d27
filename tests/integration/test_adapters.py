"""The adapters on the local cloud's services, held to the contracts that the fakes pass."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.base.waiting import Clock
from scripts.operators.backfill import Pages, Progress, backfill
from services.adapters.dynamodb.approvals import (
    DynamoDBApprovalStore,
    token_from_item,
    verdict_from_item,
)
from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.parts import DynamoDBPartStore
from services.adapters.dynamodb.shards import shard_of
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from services.core.ids import new_task_id
from services.core.listing import TaskFilter
from services.core.moments import system_clock
from services.core.status import Status
from services.core.task import Task, next_version
from services.core.verdicts import Verdict
from tests.contracts.approval_store import ApprovalStoreContract, Held
from tests.contracts.feed_store import FeedStoreContract
from tests.contracts.lost_answers import LostAnswersContract
from tests.contracts.part_store import Note, PartStoreContract
from tests.contracts.statistics_store import StatisticsStoreContract
from tests.contracts.task_store import TaskStoreContract
from tests.harness.builders import a_task
from tests.harness.fakes import NOON
from tests.harness.lost_answers import LossyTransport
from tests.harness.stack import DeployedStack

SECOND = timedelta(seconds=1)


class TestDynamoDBTaskStore(TaskStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBTaskStore:
        tasks, idempotency = (
            stack.outputs["table_names"]["tasks"],
            stack.outputs["table_names"]["idempotency"],
        )
        return DynamoDBTaskStore(stack.client("dynamodb"), tasks, idempotency)


@pytest.fixture(scope="module")
def notes_table(stack: DeployedStack) -> Iterator[str]:
    dynamodb = stack.client("dynamodb")
    dynamodb.create_table(
        TableName="notes",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "taskId", "KeyType": "HASH"},
            {"AttributeName": "noteId", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("taskId", "noteId")],
    )
    yield "notes"
    dynamodb.delete_table(TableName="notes")


class TestDynamoDBPartStore(PartStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack, notes_table: str) -> DynamoDBPartStore[Note]:
        return DynamoDBPartStore(stack.client("dynamodb"), notes_table, Note, "noteId")


@contextmanager
def table_like(stack: DeployedStack, deployed: str) -> Iterator[str]:
    """A table with the keys and indexes of a deployed one, and without its items; its name."""
    dynamodb, name = stack.client("dynamodb"), f"like-{deployed}"
    described = dynamodb.describe_table(TableName=stack.outputs["table_names"][deployed])["Table"]
    of_index = ("IndexName", "KeySchema", "Projection")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        GlobalSecondaryIndexes=[
            {key: index[key] for key in of_index} for index in described["GlobalSecondaryIndexes"]
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture(scope="module")
def like_tasks(stack: DeployedStack) -> Iterator[str]:
    """Readers of the deployed table know one shard, and would miss items in others."""
    with table_like(stack, "tasks") as name:
        yield name


@pytest.fixture(scope="module")
def like_feed(stack: DeployedStack) -> Iterator[str]:
    """In the deployed table, other tests' events hide older ones, and expired ones may be removed."""
    with table_like(stack, "feed") as name:
        yield name


class TestDynamoDBTaskStoreWithShards(TestDynamoDBTaskStore):
    """Statuses spread over three partitions each."""

    @pytest.fixture
    def store(self, stack: DeployedStack, like_tasks: str) -> DynamoDBTaskStore:
        idempotency = stack.outputs["table_names"]["idempotency"]
        return DynamoDBTaskStore(stack.client("dynamodb"), like_tasks, idempotency, status_shards=3)

    def test_tasks_written_before_sharding_are_listed(
        self, stack: DeployedStack, like_tasks: str, store: DynamoDBTaskStore
    ) -> None:
        before = DynamoDBTaskStore(stack.client("dynamodb"), like_tasks)
        # Other tests share the table: these tasks are the newest there are.
        start = datetime(2102, 1, 1, tzinfo=UTC)
        tasks = [
            a_task(task_id=id_in_shard(number % 3, start + number * SECOND), status=Status.APPROVED)
            for number in range(12)
        ]
        for number, task in enumerate(tasks):
            (before if number < 6 else store).put_new(task, "cause")

        first = store.newest(TaskFilter(Status.APPROVED), 5, None)
        second = store.newest(TaskFilter(Status.APPROVED), 7, first.last_seen)

        assert first.tasks + second.tasks == tuple(reversed(tasks))
        assert before.newest(TaskFilter(Status.APPROVED), 8, None).tasks == (
            *(tasks[number] for number in (9, 6)),
            *reversed(tasks[:6]),
        ), "what a reader of one shard sees"

        for task in tasks:
            store.delete(task, "cause")


def test_a_backfill_keeps_what_others_write_meanwhile(stack: DeployedStack, like_tasks: str) -> None:
    client = stack.client("dynamodb")
    before = DynamoDBTaskStore(client, like_tasks, status_shards=3)
    today = DynamoDBTaskStore(client, like_tasks, status_shards=1)
    pages, table = Pages(client, like_tasks), TaskTable(client, like_tasks, status_shards=1)
    tasks = [a_task(user_id="backfilled", status=Status.APPROVED) for _ in range(40)]
    for task in tasks:
        before.put_new(task, "cause")

    def live(task: Task) -> Task:
        for version in range(2, 6):
            status = Status.IN_PROGRESS if version % 2 else Status.APPROVED
            newer = next_version(task, datetime.now(UTC), status=status, title=f"version {version}")
            today.replace(task, newer, "live")
            task = newer
        return task

    rounds = []
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(live, task) for task in tasks[:20]]
        while not rounds or not all(write.done() for write in writes):
            rounds.append(Progress())
            backfill(pages, table, rounds[-1], 7, clock=Clock(sleep=lambda _: None))

    last = [write.result() for write in writes] + tasks[20:]
    assert [today.get(task.task_id) for task in tasks] == last
    assert sum(each.written for each in rounds) > 0, "the tasks of shards that are no more"
    for status in (Status.APPROVED, Status.IN_PROGRESS):
        wanted = {task.task_id for task in last if task.status is status}
        listed = today.newest(TaskFilter(status), 100, None).tasks
        assert wanted <= {task.task_id for task in listed}


def id_in_shard(shard: int, moment: datetime) -> str:
    """A new id that lies in this one of three shards."""
    while shard_of(task_id := new_task_id(moment), 3) != shard:
        pass
    return task_id


class TestLostAnswers(LostAnswersContract):
    """Answers are lost between the SDK and the cloud's DynamoDB."""

    @pytest.fixture
    def client(self, stack: DeployedStack) -> Any:
        return stack.client("dynamodb")

    @pytest.fixture
    def transport(self, client: Any) -> Iterator[LossyTransport]:
        lossy = LossyTransport(client)
        yield lossy
        lossy.close()

    @pytest.fixture
    def tasks(self, stack: DeployedStack, client: Any) -> DynamoDBTaskStore:
        names = (stack.outputs["table_names"]["tasks"], stack.outputs["table_names"]["idempotency"])
        return DynamoDBTaskStore(client, *names)

    @pytest.fixture
    def approvals(self, stack: DeployedStack, client: Any) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(client, stack.outputs["table_names"]["approvals"], system_clock)

    @pytest.fixture
    def expiry(self, stack: DeployedStack, client: Any) -> Callable[[str], int]:
        def expiry(task_id: str) -> int:
            table, key = stack.outputs["table_names"]["tasks"], {"taskId": {"S": task_id}}
            item = client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
            return int(item["expiresAt"]["N"])

        return expiry


class TestDynamoDBStatisticsStore(StatisticsStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBStatisticsStore:
        table = stack.outputs["table_names"]["statistics"]
        return DynamoDBStatisticsStore(stack.client("dynamodb"), table, timedelta(days=1), system_clock)


class TestDynamoDBFeedStore(FeedStoreContract):
    @pytest.fixture(params=[1, 3], ids=["one shard", "three shards"])
    def store(
        self, request: pytest.FixtureRequest, stack: DeployedStack, like_feed: str
    ) -> DynamoDBFeedStore:
        return DynamoDBFeedStore(stack.client("dynamodb"), like_feed, request.param, lambda: NOON)


class TestDynamoDBApprovalStore(ApprovalStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(
            stack.client("dynamodb"), stack.outputs["table_names"]["approvals"], system_clock
        )

    @pytest.fixture
    def held(self, stack: DeployedStack) -> Held:
        def held(task_id: str) -> tuple[str | None, Verdict | None]:
            table, key = stack.outputs["table_names"]["approvals"], {"taskId": {"S": task_id}}
            item = stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
            return token_from_item(item), verdict_from_item(item)

        return held
