"""The script of a function's worker, once marked, runs as before."""

import subprocess
import sys

from scripts.clouds.whole_logs import END_OF_CALL, marked
from tests.unit.scripts.test_whole_logs import SCRIPT


def test_a_marked_script_ends_each_call_with_the_mark() -> None:
    done = subprocess.run([sys.executable, "-c", marked(SCRIPT)], capture_output=True, text=True, check=True)

    assert done.stderr.splitlines() == ["line 0", END_OF_CALL, "line 1", END_OF_CALL]
    assert done.stdout == "an answer\nan answer\n"
