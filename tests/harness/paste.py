"""Pastes lines of the documentation into a shell, with the real commands on the tests' own stack.

`make` in this shell takes the commands from the Makefile and runs them on the work folder of the tests,
because that of the checkout may hold another cloud.
"""

import os
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from scripts.base import paths
from scripts.base.paths import ROOT

SECONDS = 300
# Commands that run until Ctrl-C, which they get.
ENDLESS = ("scripts events", "scripts logs")
ENDLESS_SECONDS = 5

PRELUDE = f"""
curl() {{
  command curl --dump-header "$FOLDER/headers" "$@"; local code=$?
  sed -n 's/^HTTP[^ ]* \\([0-9]*\\).*/\\1/p' "$FOLDER/headers" >> "$FOLDER/statuses"
  return $code
}}
make() {{
  local line
  command make --no-print-directory -n -C {str(ROOT)!r} "$@" > "$FOLDER/commands" || return
  line=$(sed -n 's/^.* -m \\(scripts\\|load\\) /\\1 /p' "$FOLDER/commands" | tail -n 1)
  case "$line " in
    {"|".join(f'"{words} "*' for words in ENDLESS)})
      eval "timeout --preserve-status -s INT {ENDLESS_SECONDS} $HERE $line" || [ $? = 130 ];;
    *) eval "$HERE $line";;
  esac
}}
cd {str(ROOT)!r}
"""


@dataclass(frozen=True)
class Pasted:
    """What came of the lines. `failed` holds those that ended with an error."""

    printed: str
    statuses: list[int]
    failed: list[str]


def paste(lines: list[str], work_folder: Path, scratch: Path) -> Pasted:
    """Paste lines into bash, one after the other; a line that fails does not stop the next."""
    told = [f'{{ {line}\n}} || echo {_quoted(line)} >> "$FOLDER/failed"' for line in lines]
    here = f"{_quoted(sys.executable)} -m {__name__} {_quoted(str(work_folder))}"
    surroundings = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "FOLDER": str(scratch),
        "HERE": here,
        "MAKEFLAGS": "",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"],
        input=PRELUDE + "\n".join(told) + "\n",
        cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    return Pasted(
        done.stdout + done.stderr,
        [int(status) for status in _lines(scratch / "statuses")],
        _lines(scratch / "failed"),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def main() -> None:
    """`python -m tests.harness.paste FOLDER MODULE …`: run a script's module on this work folder."""
    folder, module, *arguments = sys.argv[1:]
    paths.WORK_FOLDER = Path(folder)  # before any command imports it

    from scripts.clouds import choice
    from scripts.deployments import record as records

    record = records.StackRecord.load(Path(folder))
    if record and record.cloud == "localstack":
        # Testcontainers started it, and keeps no file by which it could be found.
        running = SimpleNamespace(
            name=record.cloud,
            instance=record.instance,
            endpoint=record.endpoint,
            healthy=lambda: True,
            is_ours=True,
        )
        choice.started = records.started = lambda _: [running]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
