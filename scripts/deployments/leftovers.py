"""What an interrupted deployment has left in a local cloud, and whether users have anything in it."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.clouds.clients import client


def holds_tasks(endpoint: str) -> bool:
    """Whether a tasks table there has an item; also where that cannot be found out."""
    dynamodb = client("dynamodb", endpoint)
    try:
        tables = [
            name for page in dynamodb.get_paginator("list_tables").paginate() for name in page["TableNames"]
        ]
        scan = dynamodb.get_paginator("scan")
        pages = (
            page
            for table in tables
            if table.endswith("-tasks")
            for page in scan.paginate(TableName=table, Limit=1, Select="COUNT")
        )
        return any(page["Count"] for page in pages)
    except (BotoCoreError, ClientError):
        return True


def remove_unknown_functions(endpoint: str, prefix: str, state: dict[str, Any]) -> list[str]:
    """Remove the functions with this prefix that Terraform's state does not know; their names.

    Terraform's provider tries for many minutes to make a function whose name is taken, so they cannot be
    adopted once an apply has met them. A function holds nothing that is not made again.
    """
    functions = client("lambda", endpoint)
    known = _functions_in(state)
    pages = functions.get_paginator("list_functions").paginate()
    found = [function["FunctionName"] for page in pages for function in page["Functions"]]
    unknown = [name for name in found if name.startswith(prefix) and name not in known]
    for name in unknown:
        functions.delete_function(FunctionName=name)
    return unknown


def _functions_in(state: dict[str, Any]) -> set[str]:
    resources = [found for found in state["resources"] if found["type"] == "aws_lambda_function"]
    return {
        instance["attributes"]["function_name"]
        for resource in resources
        for instance in resource["instances"]
    }
