"""Line by line: the "about $7.70 for a million requests" that such stacks are often advertised with.

It is given without its lines. These add up to it, and are what such estimates usually count: one call of
each service for each request, a REST API, DynamoDB as it was before November 2024, computing time within
the free tier, and nothing for what runs when nobody asks.
"""

from dataclasses import dataclass

from scripts.economics.prices import Prices

REQUESTS = 1_000_000
CLAIMED = 7.70


@dataclass(frozen=True)
class Line:
    """Units at a price, then and by our table."""

    service: str
    assumption: str
    units: float
    price_then: float
    price_now: str

    @property
    def then(self) -> float:
        """Dollars at the price that the figure was made with."""
        return self.units * self.price_then

    def now(self, prices: Prices) -> float:
        """Dollars at the price of our table."""
        return prices.of(self.price_now, self.units)


LINES = (
    Line("Lambda", "1M calls; their time within the free tier", 1e6, 0.2e-6, "lambda_request"),
    Line("API Gateway", "1M calls of a REST API", 1e6, 3.5e-6, "api_rest_request"),
    Line("DynamoDB", "1M writes, no index", 1e6, 1.25e-6, "dynamodb_write_unit"),
    Line("DynamoDB", "1M reads", 1e6, 0.25e-6, "dynamodb_read_unit"),
    Line("EventBridge", "1M events", 1e6, 1.0e-6, "event"),
    Line(
        "Step Functions",
        "40,000 transitions: one request of a hundred needs an approval",
        4e4,
        2.5e-5,
        "state_transition",
    ),
    Line("CloudWatch logs", "1 GB, kept for no time", 1, 0.5, "log_gb"),
)
