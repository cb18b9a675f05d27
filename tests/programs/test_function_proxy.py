"""A function on this machine reaches services here despite the user's proxy."""

import subprocess
import sys

from scripts.base.paths import ROOT
from tests.unit.scripts.test_loopback import DEAD, here

__all__ = ["here"]  # the fixture


def test_functions_use_no_proxy(here: str) -> None:
    program = (
        "from services.adapters.aws import client; print(client('dynamodb').list_tables()['TableNames'])"
    )
    own = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    surroundings = {**own, "AWS_ENDPOINT_URL": here, "http_proxy": DEAD, "https_proxy": DEAD}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=surroundings, capture_output=True, text=True
    )

    assert (done.stdout, done.returncode) == ("['here']\n", 0), done.stderr
