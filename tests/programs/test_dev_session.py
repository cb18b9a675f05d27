"""A session of `make dev` that is killed."""

import signal
import subprocess
import sys
from pathlib import Path

from scripts.base.paths import ROOT
from scripts.clouds.dev.session import tree_in_use

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom scripts.clouds.dev.session import DevSession\n"
    "with DevSession(Path('tree'), Path(sys.argv[1]), 'live', ()).held():\n"
    "    print('held', flush=True)\n    sys.stdin.read()\n"
)


def test_a_killed_command_holds_none(tmp_path: Path) -> None:
    command_line = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command_line, cwd=ROOT, text=True, **pipes) as held:  # type: ignore[call-overload]
        assert held.stdout.readline() == "held\n"
        assert tree_in_use(tmp_path) == "tree"

        held.send_signal(signal.SIGKILL)
        held.wait()

    assert tree_in_use(tmp_path) is None
