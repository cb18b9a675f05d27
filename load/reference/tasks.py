"""The same endpoints written as samples write them: boto3's resource API, and the event sent in the request.

No validation models, no powertools, no idempotency, no guard against lost updates; a task that is stored and
whose event is lost stays without one. Kept honest for `make bench`: nothing is slower than it must be.
"""

import json
import logging
import os
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

logger = logging.getLogger()
logger.setLevel(logging.INFO)

table = boto3.resource("dynamodb").Table(os.environ["TASKS_TABLE"])
events = boto3.client("events")

PRIORITIES = ("low", "medium", "high")
CHANGEABLE = ("title", "description", "status", "priority", "tags")


def create_task(event, context):
    """POST /tasks."""
    body = json.loads(event["body"])
    if not body.get("title") or not body.get("userId"):
        return answer(400, {"message": "title and userId are required"})
    if body.get("priority", "medium") not in PRIORITIES:
        return answer(400, {"message": "priority is low, medium or high"})
    now = moment()
    task = {
        "taskId": str(uuid.uuid4()),
        "title": body["title"],
        "description": body.get("description", ""),
        "priority": body.get("priority", "medium"),
        "status": "pending",
        "userId": body["userId"],
        "tags": body.get("tags", []),
        "createdAt": now,
        "updatedAt": now,
        "version": 1,
    }
    table.put_item(Item=task)
    publish("TaskCreated", task)
    logger.info("created %s", task["taskId"])
    return answer(201, task)


def get_task(event, context):
    """GET /tasks/{taskId}."""
    found = table.get_item(Key={"taskId": event["pathParameters"]["taskId"]}, ConsistentRead=True)
    if "Item" not in found:
        return answer(404, {"message": "no such task"})
    logger.info("read %s", found["Item"]["taskId"])
    return answer(200, found["Item"])


def list_tasks(event, context):
    """GET /tasks?userId=…"""
    query = event.get("queryStringParameters") or {}
    page = table.query(
        IndexName="by-user",
        KeyConditionExpression=Key("userId").eq(query["userId"]),
        Limit=int(query.get("limit", 20)),
        ScanIndexForward=False,
    )
    logger.info("listed %d", page["Count"])
    return answer(200, {"tasks": page["Items"], "count": page["Count"]})


def update_task(event, context):
    """PUT /tasks/{taskId}."""
    body = json.loads(event["body"])
    changes = {name: body[name] for name in CHANGEABLE if name in body}
    changes["updatedAt"] = moment()
    try:
        updated = table.update_item(
            Key={"taskId": event["pathParameters"]["taskId"]},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression="attribute_exists(taskId)",
            ExpressionAttributeNames={f"#{name}": name for name in changes},
            ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return answer(404, {"message": "no such task"})
        raise
    publish("TaskUpdated", updated["Attributes"])
    return answer(200, updated["Attributes"])


def delete_task(event, context):
    """DELETE /tasks/{taskId}."""
    key = {"taskId": event["pathParameters"]["taskId"]}
    removed = table.delete_item(Key=key, ReturnValues="ALL_OLD").get("Attributes")
    if removed is None:
        return answer(404, {"message": "no such task"})
    publish("TaskDeleted", removed)
    return {"statusCode": 204}


def publish(kind, task):
    """Send the event, and hope."""
    entry = {
        "Source": "task-manager",
        "DetailType": kind,
        "Detail": json.dumps(task, default=number),
        "EventBusName": os.environ["EVENT_BUS"],
    }
    events.put_events(Entries=[entry])


def answer(status, body):
    """An answer in JSON."""
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, default=number)}


def number(value):
    """boto3 gives every number as a Decimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def moment():
    """The time now."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
