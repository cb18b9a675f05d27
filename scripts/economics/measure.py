"""What calls take, from the reports of the functions on the running cloud.

Run it after `make load`: it reads what Lambda reported of each call, leaves out the first, which was
cold, and writes the medians into the repository.
"""

import json
import re
from datetime import UTC, datetime
from statistics import median
from typing import Any

from scripts.base.failure import Failure
from scripts.deployments.target import Target, chosen_target
from scripts.economics.month import MEASURED

REPORT = re.compile(r"Billed Duration: ([\d.]+) ms")
# Lines that Lambda writes itself; at the log level WARN, as deployed, AWS leaves them out.
LAMBDAS_OWN = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
MOST_LINES = 10_000
COLD = 1
# CloudWatch adds 26 bytes for each line.
LINE_BYTES = 26


def measure() -> None:
    """Measure all functions; those that were not called get the median of the others."""
    target = chosen_target()
    found = {name: measured(target, name) for name in target.outputs["function_names"]}
    called = {name: one for name, one in found.items() if one is not None}
    if not called:
        raise Failure("no function has been called yet: run `make load` first")
    rest = {key: round(median(one[key] for one in called.values()), 1) for key in ("billed_ms", "log_bytes")}
    functions = {name: one or {"calls": 0, **rest} for name, one in sorted(found.items())}
    content = {
        "date": datetime.now(UTC).date().isoformat(),
        "source": "median of warm calls on the embedded cloud, under `make load`; a whole processor each, "
        "shared with all the others",
        "functions": functions,
    }
    MEASURED.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{MEASURED.name}: {len(called)} of {len(functions)} functions had calls")


def measured(target: Target, function: str) -> dict[str, float] | None:
    """Calls, median milliseconds billed, and bytes logged a call; None for one that was not called."""
    lines = _lines(target.client("logs"), f"/aws/lambda/{target.outputs['function_names'][function]}")
    times = [float(match[1]) for line in lines if (match := REPORT.search(line))]
    if not times:
        return None
    own = [line for line in lines if not line.startswith(LAMBDAS_OWN)]
    logged = sum(len(line.encode()) + LINE_BYTES for line in own) / len(times)
    warm = times[COLD:] or times
    return {"calls": len(times), "billed_ms": median(warm), "log_bytes": round(logged, 1)}


def _lines(logs: Any, group: str) -> list[str]:
    lines: list[str] = []
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    for page in pages:
        lines += [event["message"] for event in page["events"]]
        if len(lines) >= MOST_LINES:
            break
    return lines
