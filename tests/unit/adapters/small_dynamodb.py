"""DynamoDB behind a client's transport: the calls and expressions that the adapters use, and no others."""

import json
import re
from functools import cache
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.session import get_session

Item = dict[str, Any]
_KEYS = {
    "tasks": "taskId",
    "approvals": "taskId",
    "idempotency": "id",
    "statistics": "id",
    "feed": "position",
    "notes": "noteId",
}


@cache
def session() -> Any:
    """One session for all clients: it keeps the services' models, which take long to read."""
    return get_session()


class Refused(Exception):
    """A condition that does not hold."""


class SmallDynamoDB:
    """Replaces botocore's HTTP session. It ignores ClientRequestToken: each attempt is a new call."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Item]] = {name: {} for name in _KEYS}

    def client(self) -> Any:
        """A client whose far end this is."""
        client = session().create_client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client._endpoint.http_session = self
        return client

    def put(self, table: str, item: Item) -> None:
        """An item that is there already."""
        self.tables[table][str(item[_KEYS[table]]["S"])] = item

    def send(self, request: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        try:
            status, answer = 200, getattr(self, f"_{operation}")(json.loads(request.body))
        except Refused as refused:
            status, answer = 400, refused.args[0]
        return AWSResponse(request.url, status, {}, _Body(json.dumps(answer).encode()))

    def _GetItem(self, asked: Item) -> Item:  # noqa: N802 - DynamoDB's names
        held = self._held(asked)
        return {} if held is None else {"Item": held}

    def _PutItem(self, asked: Item) -> Item:  # noqa: N802
        self._check(asked)
        self._write(asked, asked["Item"])
        return {}

    def _DeleteItem(self, asked: Item) -> Item:  # noqa: N802
        self._check(asked)
        self.tables[asked["TableName"]].pop(_key(asked), None)
        return {}

    def _UpdateItem(self, asked: Item) -> Item:  # noqa: N802
        self._check(asked)
        held = self._held(asked) or dict(asked["Key"])
        sets, _, removes = asked["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        changed = dict(held)
        for target, path, value in re.findall(r"(#\w+) = (?:if_not_exists\((#\w+), )?([:#]\w+)", sets):
            given = values[value] if value[0] == ":" else held[names[value]]
            changed[names[target]] = held.get(names[path], given) if path else given
        for name in filter(None, removes.split(", ")):
            changed.pop(names[name], None)
        self._write(asked, changed)
        return {}

    def _TransactWriteItems(self, asked: Item) -> Item:  # noqa: N802
        puts = [write["Put"] for write in asked["TransactItems"]]
        held = [_holds(put, self._held(put)) for put in puts]
        if not all(held):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in held]
            raise Refused({"__type": "TransactionCanceledException", "CancellationReasons": reasons})
        for put in puts:
            self._write(put, put["Item"])
        return {}

    def _Query(self, asked: Item) -> Item:  # noqa: N802 - all of one partition, by its equality
        ((name, value),) = (asked["KeyConditionExpression"].split(" = "),)
        attribute = asked["ExpressionAttributeNames"][name]
        wanted = asked["ExpressionAttributeValues"][value]
        held = sorted(self.tables[asked["TableName"]].items(), reverse=not asked["ScanIndexForward"])
        return {"Items": [item for _, item in held if item.get(attribute) == wanted][: asked["Limit"]]}

    def _Scan(self, asked: Item) -> Item:  # noqa: N802
        name, held = _KEYS[asked["TableName"]], self.tables[asked["TableName"]]
        after = asked.get("ExclusiveStartKey", {name: {"S": ""}})[name]["S"]
        keys = sorted(key for key in held if key > after)
        page = keys[: asked["Limit"]]
        more = {"LastEvaluatedKey": {name: {"S": page[-1]}}} if len(keys) > len(page) else {}
        return {"Items": [held[key] for key in page], **more}

    def _held(self, asked: Item) -> Item | None:
        return self.tables[asked["TableName"]].get(_key(asked))

    def _write(self, asked: Item, item: Item) -> None:
        self.tables[asked["TableName"]][_key(asked)] = item

    def _check(self, asked: Item) -> None:
        if not _holds(asked, self._held(asked)):
            raise Refused({"__type": "ConditionalCheckFailedException"})


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Any:
        yield self._content


def _key(asked: Item) -> str:
    name = _KEYS[asked["TableName"]]
    return str((asked.get("Key") or asked["Item"])[name]["S"])


def _holds(asked: Item, item: Item | None) -> bool:
    """Whether the condition holds, by Python's own precedence, which is DynamoDB's: NOT, AND, OR."""
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})

    def value(path: str) -> Any:
        found: Any = {"M": item or {}}
        if path[0] == ":":
            found = values[path]
        for part in path.split(".") if path[0] != ":" else ():
            found = found.get("M", {}).get(names.get(part, part)) if found else None
        return next(iter(found.values())) if found else None

    def compare(left: str, operator: str, right: str) -> bool:
        a, b = value(left), value(right)
        if a is None or b is None:
            return False
        return bool(a == b if operator == "=" else a < b if operator == "<" else a <= b)

    condition = asked.get("ConditionExpression", "")
    condition = re.sub(r"attribute_(not_)?exists\(([\w#.]+)\)", r"exists('\2', bool('\1'))", condition)
    condition = re.sub(r"([#:][\w#.]+) (<=|<|=) ([#:][\w#.]+)", r"compare('\1', '\2', '\3')", condition)
    condition = condition.replace(" OR ", " or ").replace(" AND ", " and ")
    known = {"exists": lambda path, not_: (value(path) is None) is not_, "compare": compare, "bool": bool}
    return not condition or bool(eval(condition, {"__builtins__": {}}, known))  # noqa: S307 - our own words
