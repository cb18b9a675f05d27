"""`make cost`: what a month on AWS costs, by service, and what each choice saves."""

from dataclasses import replace

from rich.console import Console
from rich.table import Table

from scripts.economics.mix import MIX
from scripts.economics.month import Measured, bill, savings, total
from scripts.economics.prices import Prices
from scripts.economics.workload import Options

TRAFFIC = {"low": 1e5, "mid": 1e7, "high": 1e9}
# Records per call of the relay or of a reaction, by traffic.
BATCHES = {1e8: 8.0, 1e6: 2.0}


def show(requests: float = 1e6, options: Options = Options(), milliseconds: float | None = None) -> None:  # noqa: B008 - frozen
    """`make cost`: what a month costs, and what each choice saves.

    `milliseconds` replaces the measured duration of a call.
    """
    prices, measured = Prices.read(), Measured.read()
    if milliseconds is not None:
        measured = measured.given(milliseconds)
    console = Console(highlight=False)
    console.print(assumptions(options, prices, measured, milliseconds), soft_wrap=True)
    console.print(months(requests, options, prices, measured))
    console.print(choices(requests, options, prices, measured))


def at_traffic(options: Options, requests: float) -> Options:
    """The options with as many records a call as so much traffic brings."""
    return replace(options, batch=next((size for least, size in BATCHES.items() if requests >= least), 1.0))


def months(requests: float, options: Options, prices: Prices, measured: Measured) -> Table:
    """Service by service, for what was asked and for low, mid and high traffic."""
    columns = {"asked": requests, **TRAFFIC}
    bills = {
        name: bill(number, at_traffic(options, number), prices, measured) for name, number in columns.items()
    }
    titles = [f"{name}\n{_count(number)}" for name, number in columns.items()]
    table = _table("A month, in dollars", "service", titles)
    for service in bills["asked"]:
        table.add_row(service, *(_dollars(each[service]) for each in bills.values()))
    table.add_section()
    table.add_row("all", *(_dollars(total(each)) for each in bills.values()))
    table.add_row("fixed, without any request", *[_dollars(total(bill(0, options, prices, measured)))] * 4)
    per_million = (
        _dollars(total(bills[name]) / number * 1e6) if number else "" for name, number in columns.items()
    )
    table.add_row("a million requests", *per_million)
    return table


def choices(requests: float, options: Options, prices: Prices, measured: Measured) -> Table:
    """What each choice saves."""
    columns = {"asked": requests, **TRAFFIC}
    found = {
        name: savings(number, at_traffic(options, number), prices, measured)
        for name, number in columns.items()
    }
    table = _table("What is saved a month, in dollars", "by", list(columns))
    for choice in found["asked"]:
        table.add_row(choice, *(_dollars(each[choice]) for each in found.values()))
    return table


def assumptions(options: Options, prices: Prices, measured: Measured, milliseconds: float | None) -> str:
    """What the figures rest on."""
    mix = ", ".join(f"{kind} {share:.0%}" for kind, share in MIX.items())
    time = f"{milliseconds:.0f} ms a call" if milliseconds else f"measured on {measured.date}"
    return (
        f"{prices.region}, no free tier. {standing(prices)}\n"
        f"{options.architecture}, {options.memory_mb} MB, {options.api_type.upper()} API, "
        f"logs kept {options.log_retention_days} days, "
        f"{options.monitoring} monitoring.\n"
        f"Functions: {time}, on a whole processor; half of it is work, for which "
        f"a share of one takes longer.\n"
        f"Requests: {mix}. A month's tasks are stored. See docs/costs.md."
    )


def standing(prices: Prices) -> str:
    """The sources of the prices, and which prices are unconfirmed."""
    own = len(prices.tiers) - len(prices.reported | prices.unconfirmed)
    said = f"Prices checked on {prices.checked}: {own} of {len(prices.tiers)} are from AWS itself, "
    said += "the others are reports of its price list."
    if prices.unconfirmed:
        said += f" Not confirmed: {', '.join(sorted(prices.unconfirmed))}."
    return said


def _table(title: str, first: str, columns: list[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}"


def _count(number: float) -> str:
    return f"{number / 1e6:,g}M"
