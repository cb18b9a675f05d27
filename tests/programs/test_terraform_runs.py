"""Reading Terraform's output while it runs, and ending it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.processes import alive_in_group
from scripts.terraform import Progress, Terraform, end_stray
from tests.harness.terraform_messages import hook, message

# --- its output


def fake_terraform(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr("scripts.terraform.runner.terraform_command", lambda: ("sh", "-c", script))


def test_a_failed_apply_names_its_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = message("diagnostic", diagnostic={"severity": "error", "summary": "it is full", "detail": ""})
    fake_terraform(monkeypatch, f"echo '{error}'; exit 1")

    with pytest.raises(Failure, match=r"^terraform apply failed:\n  it is full$"):
        Terraform(tmp_path, tmp_path / "work").apply()


def test_a_missing_provider_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_terraform(monkeypatch, "echo 'Error: Failed to query available provider packages' >&2; exit 1")

    with pytest.raises(Failure, match="could not be fetched: check the network, or put a provider mirror"):
        Terraform(tmp_path, tmp_path / "work").init(None)


def test_outputs_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_terraform(monkeypatch, """echo '{"api_url": {"type": "string", "value": "http://here"}}'""")

    assert Terraform(tmp_path, tmp_path / "work").output() == {"api_url": "http://here"}


def test_an_apply_gives_the_outputs_that_are_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = {
        "api_url": {"sensitive": False, "type": "string", "value": "http://here"},
        "password": {"sensitive": True, "type": "string"},
    }
    fake_terraform(monkeypatch, f"echo '{message('outputs', outputs=outputs)}'")

    assert Terraform(tmp_path, tmp_path / "work").apply().outputs == {"api_url": "http://here"}


def test_addresses_are_those_of_resources_without_data_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [
        "data.aws_region.here",
        'module.function["on_data.x"].data.aws_arn.one',
        'aws_sqs_queue.one["a"]',
    ]
    fake_terraform(monkeypatch, f"printf '%s\\n' {' '.join(map(shlex.quote, listed))}")

    assert Terraform(tmp_path, tmp_path / "work").addresses() == ['aws_sqs_queue.one["a"]']


def test_no_state_has_no_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_terraform(monkeypatch, "echo 'No state file was found!' >&2; exit 1")

    assert Terraform(tmp_path, tmp_path / "work").addresses() == []


# --- interrupted

# Ends when interrupted, as Terraform does; unless it is to be stubborn.
SLOW = """
import signal, sys, time
{prelude}
print("started", flush=True)
time.sleep(60)
"""


def slow_terraform(folder: Path, prelude: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SLOW.format(prelude=prelude), "terraform"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    (folder / "terraform.pid").write_text(str(process.pid))
    return process


def test_an_interrupt_is_passed_on_once_and_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "saved"
    # Not by print: the signal may come while that is still writing the line before.
    on_interrupt = f"os.write(1, b'{{}}\\n'); open({str(saved)!r}, 'a').write('once'); sys.exit(1)"
    prelude = f"import os\nsignal.signal(signal.SIGINT, lambda *_: exec({on_interrupt!r}))"
    line = message("apply_start", hook=hook("aws_sqs_queue.one"))
    script = SLOW.format(prelude=prelude).replace('"started"', repr(line))
    monkeypatch.setattr("scripts.terraform.runner.terraform_command", lambda: (sys.executable, "-c", script))

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Terraform(tmp_path, tmp_path / "work").apply(on_progress=interrupt)
    assert saved.read_text() == "once"
    assert not (tmp_path / "work/terraform.pid").exists()


@pytest.mark.parametrize("prelude", ["", "signal.signal(signal.SIGINT, signal.SIG_IGN)"])
def test_a_leftover_terraform_is_ended(tmp_path: Path, prelude: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.terraform.stray.PATIENCE_SECONDS", 0.2)
    process = slow_terraform(tmp_path, prelude)

    assert end_stray(tmp_path)

    assert process.wait(5) != 0
    assert not end_stray(tmp_path)


def test_the_provider_of_a_killed_terraform_is_ended(tmp_path: Path) -> None:
    provider = [sys.executable, "-c", "import time; time.sleep(60)", "terraform-provider-aws"]
    process = slow_terraform(tmp_path, f"import subprocess\nsubprocess.Popen({provider!r})")
    left_over = [pid for pid in alive_in_group(process.pid, "") if pid != process.pid]
    process.kill()
    process.wait(5)

    assert end_stray(tmp_path)

    assert len(left_over) == 1
    assert alive_in_group(process.pid, "") == []


def test_a_pid_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "terraform.pid").write_text(str(os.getpid()))

    assert not end_stray(tmp_path)
