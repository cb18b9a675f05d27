"""Which jobs GitHub runs for an event, and which of them wait for each other."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts.base.paths import ROOT


def jobs(workflow: str) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow, by their ids."""
    text = (ROOT / f".github/workflows/{workflow}.yml").read_text(encoding="utf-8")
    content = YAML(typ="safe").load(text)
    # A group of the whole workflow would be held while any of its jobs waits.
    assert "concurrency" not in content
    return dict(content["jobs"])


class TestDeploy:
    def test_a_job_that_waits_for_reviewers_holds_up_no_other_job(self) -> None:
        groups = [job["concurrency"]["group"] for job in jobs("deploy").values()]
        assert sorted(groups) == ["deploy-dev", "deploy-prod", "plan-${{ github.ref }}"]

    @pytest.mark.parametrize("job", ["dev", "prod"])
    def test_a_deployment_is_never_cancelled(self, job: str) -> None:
        """It would leave the lock of the state."""
        assert jobs("deploy")[job]["concurrency"]["cancel-in-progress"] is False
