"""Destroys the previews that no pull request asks for any more.

A pull request's own workflow destroys its preview. GitHub does not run it while the request has conflicts:
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.deployments.aws.account import Account, current_account
from scripts.deployments.aws.deployment import PREVIEW
from scripts.deployments.aws.state_bucket import bucket_name, state_bucket_is_there
from scripts.deployments.deploy import CALL_FAILED, destroy
from scripts.terraform import STATE_KEY

LABEL = "preview"
# GitHub Actions sets the first two.
API, REPOSITORY, TOKEN = "GITHUB_API_URL", "GITHUB_REPOSITORY", "GH_TOKEN"


def destroy_stale_previews() -> None:
    """`python -m scripts destroy-stale-previews`: for GitHub Actions, of the repository that runs it."""
    with github(os.environ) as client:
        sweep(current_account(), client, destroy)


def sweep(account: Account, client: httpx.Client, destroy: Callable[[str], None]) -> None:
    """Destroy each deployed preview that is not wanted. A Failure names those that may be left."""
    failed: list[str] = []
    for environment in list(deployed_previews(account)):
        try:
            wanted = is_wanted(client, environment)
            print(f"{environment}: {'its pull request asks for it' if wanted else 'nobody asks for it'}")
            if not wanted:
                destroy(environment)
        except CALL_FAILED as failure:
            failed.append(f"{environment}: {failure}")
    if failed:
        raise Failure("previews that may be left:\n  " + "\n  ".join(failed))


def deployed_previews(account: Account) -> Iterator[str]:
    """The previews whose state holds resources: `make destroy` leaves a state that holds none."""
    if not state_bucket_is_there(account):
        return
    s3, bucket = account.client("s3"), {"Bucket": bucket_name(account), "ExpectedBucketOwner": account.id}
    for page in s3.get_paginator("list_objects_v2").paginate(**bucket, Prefix="pr-"):
        for item in page.get("Contents", []):
            environment, _, name = item["Key"].partition("/")
            if name == STATE_KEY and PREVIEW.fullmatch(environment):
                state = json.load(s3.get_object(**bucket, Key=item["Key"])["Body"])
                if state.get("resources"):
                    yield environment


def is_wanted(client: httpx.Client, environment: str) -> bool:
    """Whether a preview's pull request is open and has the label; a Failure if GitHub does not say."""
    number = environment.removeprefix("pr-")
    answer = client.get(f"pulls/{number}")
    if answer.status_code != httpx.codes.OK:
        raise Failure(f"GitHub does not show pull request {number}: {answer.status_code} {answer.text[:200]}")
    request = answer.json()
    return request["state"] == "open" and LABEL in {label["name"].lower() for label in request["labels"]}


def github(variables: Mapping[str, str], **options: Any) -> httpx.Client:
    """A client of GitHub's API for one repository; a Failure if the environment does not name it."""
    missing = [name for name in (REPOSITORY, TOKEN) if not variables.get(name)]
    if missing:
        raise Failure(f"{' and '.join(missing)} must be set: to owner/name, and to a token of GitHub's")
    url = f"{variables.get(API) or 'https://api.github.com'}/repos/{variables[REPOSITORY]}/"
    headers = {"accept": "application/vnd.github+json", "authorization": f"Bearer {variables[TOKEN]}"}
    return http_client(url, headers=headers, follow_redirects=True, **options)
