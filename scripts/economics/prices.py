"""The price table, and what a number of units costs by it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.json")

Tiers = list[tuple[float, float]]
"""Up to so many units, so much for each; the last tier has no end."""


@dataclass(frozen=True)
class Prices:
    """On-demand prices of one region, in US dollars, and on which day they were compared with their sources.

    `reported` are those whose source is not AWS itself, `unconfirmed` those that have none.
    """

    region: str
    checked: str
    tiers: dict[str, Tiers]
    reported: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path = FILE) -> "Prices":
        """The table in the repository."""
        content = json.loads(path.read_text())
        prices: dict[str, Any] = content["prices"]
        return cls(
            content["region"],
            content["checked"],
            {name: _tiers(price["usd"]) for name, price in prices.items()},
            frozenset(name for name, price in prices.items() if price["by"] != "AWS"),
            frozenset(name for name, price in prices.items() if not price["checked"]),
        )

    def of(self, what: str, units: float) -> float:
        """What so many units cost in a month, tier by tier."""
        total, below = 0.0, 0.0
        for end, each in self.tiers[what]:
            total += max(0.0, min(units, end) - below) * each
            below = end
        return total


def _tiers(price: Any) -> Tiers:
    if isinstance(price, int | float):
        return [(float("inf"), float(price))]
    return [(float("inf") if end is None else float(end), float(each)) for end, each in price]
