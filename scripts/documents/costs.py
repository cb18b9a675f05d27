"""The figures of docs/costs.md, from what scripts/economics computes."""

from collections.abc import Sequence

from scripts.base.paths import ROOT
from scripts.economics.charges import NOT_CALLED, NOT_MEASURED
from scripts.economics.cost import TRAFFIC, at_traffic
from scripts.economics.month import Measured, bill, savings, total
from scripts.economics.prices import Prices
from scripts.economics.workload import LEAN, Options, alarm_metrics

DOCUMENT = ROOT / "docs/costs.md"
MILLION = 1e6
REQUESTS = sorted([MILLION, *TRAFFIC.values()])


def summary() -> str:
    """What a million requests cost, and what is paid without any."""
    prices, measured = Prices.read(), Measured.read()
    fixed = total(bill(0, Options(), prices, measured))
    lean = total(bill(0, Options(monitoring="lean"), prices, measured))
    rest = total(bill(MILLION, at_traffic(Options(), MILLION), prices, measured)) - fixed
    return (
        f"A million requests of the mix cost about ${rest:.0f}, our own metrics included.\n"
        f"Without any request a deployment costs about ${fixed:.0f} a month: alarms, a dashboard,\n"
        "a key, and queues that are polled while they are empty. With `monitoring` set to `lean`,\n"
        f"which dev and previews have, it costs about ${lean:.2f}."
    )


def months() -> str:
    """A month by service at each number of requests."""
    prices, measured = Prices.read(), Measured.read()
    bills = [bill(number, at_traffic(Options(), number), prices, measured) for number in (0.0, *REQUESTS)]
    rows = {service: [each[service] for each in bills] for service in bills[0]}
    return _table("service", (0.0, *REQUESTS), rows | {"**all**": [total(each) for each in bills]})


def choices() -> str:
    """What each choice saves a month; below zero it costs."""
    prices, measured = Prices.read(), Measured.read()
    saved = [savings(number, at_traffic(Options(), number), prices, measured) for number in REQUESTS]
    return _table("choice", REQUESTS, {choice: [each[choice] for each in saved] for choice in saved[0]})


def not_priced() -> str:
    """The functions that no request of the mix calls, or that were not measured, with the reasons."""
    reasons = sorted({**NOT_CALLED, **NOT_MEASURED}.items())
    return "\n".join(f"- `{function}`: {reason}." for function, reason in reasons)


def watched() -> str:
    """The alarms by section of the runbook: their price a month, and which of them lean monitoring keeps."""
    prices, lines = Prices.read(), ["| alarms | metrics | dollars | lean |", "|---|---:|---:|---|"]
    for section, metrics in alarm_metrics().items():
        dollars = prices.of("alarm_month", metrics)
        kept = "yes" if section in LEAN else ""
        lines.append(f"| [{section}](operations.md#{section}) | {metrics} | {dollars:.2f} | {kept} |")
    return "\n".join(lines)


TABLES = {
    "summary": summary,
    "months": months,
    "choices": choices,
    "watched": watched,
    "not priced": not_priced,
}


def _table(first: str, columns: Sequence[float], rows: dict[str, list[float]]) -> str:
    head = f"| {first} | {' | '.join(f'{number:,.0f}' for number in columns)} |"
    lines = [f"| {name} | {' | '.join(f'{amount:,.2f}' for amount in row)} |" for name, row in rows.items()]
    return "\n".join([head, "|---" + "|---:" * len(columns) + "|", *lines])
