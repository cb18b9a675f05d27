"""The part of DynamoDB that writing tasks and listing them by status needs."""

from threading import Lock
from typing import Any


class IndexedTable:
    """A client of one table, which answers `most` items at a time. `asked` holds the queried partitions."""

    def __init__(self, most: int = 1000) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self._most = most
        self._lock = Lock()

    def put_item(self, Item: dict[str, Any], **_: object) -> None:  # noqa: N803 - DynamoDB's names
        self.items[Item["taskId"]["S"]] = Item

    def update_item(self, **request: Any) -> None:
        item = self.items[request["Key"]["taskId"]["S"]]
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        set_to = {key: f":{key[1:]}" for key in names if key != "#current"}
        item |= {names[key]: values[value] for key, value in set_to.items() if value in values}

    def query(self, **request: Any) -> dict[str, Any]:
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        with self._lock:
            self.asked.append(values[":key"]["S"])
        before = values.get(":after", {"S": "~"})["S"]
        found = [
            item
            for task_id, item in sorted(self.items.items(), reverse=True)
            if item.get(names["#key"]) == values[":key"] and task_id < before
        ]
        page = found[: min(request["Limit"], self._most)]
        more = {"LastEvaluatedKey": {"taskId": page[-1]["taskId"]}} if found[len(page) :] else {}
        return {"Items": page} | more
