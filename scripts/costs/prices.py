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
    """On-demand prices of one region, in US dollars."""

    region: str
    as_of: str
    tiers: dict[str, Tiers]

    @classmethod
    def read(cls, path: Path = FILE) -> "Prices":
        """The table in the repository."""
        content = json.loads(path.read_text())
        tiers = {name: _tiers(price["usd"]) for name, price in content["prices"].items()}
        return cls(content["region"], content["as_of"], tiers)

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
