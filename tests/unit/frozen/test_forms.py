"""Every model that is stored or published has frozen forms, in every shape that it may have."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from scripts.base.paths import INFRA
from scripts.documents.frozen_forms import FOLDER, READERS, forms, unreadable
from scripts.terraform.hcl import parsed
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.core.aggregates import AGGREGATES, EVENTS
from services.core.approvals import ApprovalRequest, decide_approval
from services.core.callers import ANYONE
from services.core.event import Change, Write
from services.core.events import events_of
from services.core.feed import EntityEntry, FeedEntry, entry_of
from services.core.statistics import Completion
from services.core.status import Priority, Status
from services.core.task import NewTask, Stored, TaskChanges
from services.core.use_cases import create_task, update_task
from services.core.verdicts import Waiting
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, FakeServices
from tests.unit.adapters.small_dynamodb import SmallDynamoDB

FORMS = [(kind, name) for kind in READERS for name in forms(kind)]

REMEDY = "add a form to tests/frozen, as today's code writes it; tests/frozen/README.md says how"


@pytest.mark.parametrize(("kind", "name"), FORMS, ids="/".join)
def test_todays_code_reads_the_form(kind: str, name: str) -> None:
    assert unreadable(READERS[kind], forms(kind)[name]) is None


def test_every_folder_has_a_reader_and_every_reader_has_forms() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == READERS.keys()
    assert {kind for kind, _ in FORMS} == READERS.keys()


def test_every_table_has_forms() -> None:
    tables = parsed((INFRA / "tables.tf").read_text())["locals"][0]["tables"]

    assert tables.keys() <= READERS.keys(), REMEDY


def test_every_event_has_a_form() -> None:
    assert {name.partition("-")[0] for name in forms("events")} == EVENTS.keys(), REMEDY


# --- models


def stored_models(model: type[Stored] = Stored) -> Iterator[type[Stored]]:
    """The models of what is read back; envelopes are made by the consumer, and base classes never read."""
    for kind in model.__subclasses__():
        is_base = bool(kind.__subclasses__())
        # Entries of entities other than tasks are written where such are registered.
        is_idle = kind is EntityEntry and len(AGGREGATES) == 1
        if kind.__module__.startswith("services.core.") and not (is_base or is_idle):
            yield kind
        yield from stored_models(kind)


def models_in(value: object) -> Iterator[BaseModel]:
    """All models within a value that was read."""
    if isinstance(value, BaseModel):
        yield value
        yield from models_in(dict(value))
    elif isinstance(value, dict):
        for each in value.values():
            yield from models_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        yield from models_in(vars(value))


def read_models() -> dict[type[BaseModel], list[set[str]]]:
    """Model → the fields that each of its instances in the forms had."""
    found = defaultdict(list)
    for kind, name in FORMS:
        for model in models_in(READERS[kind](forms(kind)[name])):
            found[type(model)].append(model.model_fields_set)
    return found


def test_every_stored_or_published_model_is_in_a_form() -> None:
    models = set(stored_models())

    assert {FeedEntry, Change} <= models
    assert models <= read_models().keys(), REMEDY


def test_every_optional_field_is_in_one_form_and_missing_from_another() -> None:
    lacking = []
    for model, instances in read_models().items():
        for name, field in model.model_fields.items():
            if not field.is_required() and issubclass(model, Stored):
                lacking += [(model.__name__, name, "set")] * all(name not in given for given in instances)
                lacking += [(model.__name__, name, "missing")] * all(name in given for given in instances)

    assert lacking == [], REMEDY


# --- what today's code writes


def attributes(item: Any, place: str = "") -> set[str]:
    """The names of an item's attributes, within maps as well."""
    found = set()
    for name, value in item.items():
        found |= {f"{place}{name}"} | attributes(value.get("M", {}), f"{place}{name}.")
    return found


def write_everything(services: FakeServices, tables: SmallDynamoDB) -> None:
    """Each write of each adapter."""

    def create(priority: Priority, key: str | None) -> str:
        new = NewTask(title="a", user_id="ada", priority=priority)
        given = {"clock": services.clock, "new_id": services.new_id, "correlation_id": "cause"}
        return create_task(services.tasks, new, caller=ANYONE, idempotency_key=key, **given).task.task_id

    seen = {"clock": services.clock, "correlation_id": "cause", "caller": ANYONE}
    done, waits = create(Priority.LOW, "key"), create(Priority.HIGH, None)
    for title in ("b", "c"):
        update_task(services.tasks, done, TaskChanges(title=title), **seen)
    services.tasks.expire(done, 7)
    services.approvals.wait(
        Waiting(waits, 1, "token", "2026-01-31T12:00:00.000Z", "2026-02-01T12:00:00.000Z")
    )
    request = ApprovalRequest(decision="approve", reason="needed", approver="grace")
    decide_approval(services.tasks, services.approvals, waits, request, **seen)
    services.approvals.cancel(done, 3, "cause")
    task = a_task(status=Status.IN_PROGRESS)
    (event,) = events_of(Write(a_task(task_id=task.task_id, version=2), task, "cause", task.updated_at))
    services.feed.record(entry_of(event, datetime.now(UTC)))


def test_what_todays_adapters_write_is_in_a_form(services: FakeServices, tables: SmallDynamoDB) -> None:
    write_everything(services, tables)

    for table in ("tasks", "approvals", "idempotency", "feed"):
        written = set().union(*map(attributes, tables.tables[table].values()))
        frozen = set().union(*map(attributes, forms(table).values()))
        assert written, table
        assert written <= frozen, f"{table}: {REMEDY}"


def test_what_is_counted_is_in_a_form() -> None:
    class Client:
        """DynamoDB, which remembers what a transaction asks for."""

        def __init__(self) -> None:
            self.asked: set[str] = set()

        def transact_write_items(self, TransactItems: list[Any]) -> None:  # noqa: N803 - DynamoDB's name
            for write in TransactItems:
                put, update = write.get("Put", {}), write.get("Update", {})
                self.asked |= put.get("Item", update.get("Key", {})).keys()
                self.asked |= set(update.get("ExpressionAttributeNames", {}).values())

    client = Client()
    store = DynamoDBStatisticsStore(client, "statistics", timedelta(days=1), lambda: NOON)

    store.count_created("one", "ada")
    store.count_completed("two", "ada", Completion("2026-01-31T12:00:00.000Z", 7))

    frozen = set().union(*map(attributes, forms("statistics").values()))
    assert client.asked == frozen, REMEDY
