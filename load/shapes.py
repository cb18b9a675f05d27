"""How many users there are at what time of a run."""

from dataclasses import dataclass

SHAPES = ("smoke", "steady", "spike", "soak")
DEFAULT_SECONDS = {"smoke": 30, "steady": 300, "spike": 180, "soak": 1800}

SMOKE_USERS = 3
# New users a second: each may cause a cold start, and a laptop copes with few at once.
GENTLE = 1.0
# Seconds in which all users of a spike start.
SUDDEN_SECONDS = 2


@dataclass(frozen=True)
class Stage:
    """Until so many seconds into the run, so many users."""

    until: float
    users: int
    spawn_rate: float


def stages(shape: str, users: int, seconds: int) -> tuple[Stage, ...]:
    """The stages of a shape. Raises ValueError for one that does not exist.

    A spike is two fifths of the time at a fifth of the users, a fifth at all of them, and the rest
    at a fifth again: what it left behind must have gone by the end.
    """
    if shape == "smoke":
        return (Stage(seconds, min(users, SMOKE_USERS), GENTLE),)
    if shape in ("steady", "soak"):
        return (Stage(seconds, users, max(GENTLE, users / (0.1 * seconds))),)
    if shape == "spike":
        few = max(1, users // 5)
        return (
            Stage(0.4 * seconds, few, GENTLE),
            Stage(0.6 * seconds, users, users / SUDDEN_SECONDS),
            Stage(seconds, few, users / SUDDEN_SECONDS),
        )
    raise ValueError(f"there is no shape {shape!r}: it is one of {', '.join(SHAPES)}")


def users_at(plan: tuple[Stage, ...], seconds: float) -> tuple[int, float] | None:
    """Users and spawn rate at that time; None when the run is over."""
    for stage in plan:
        if seconds < stage.until:
            return stage.users, stage.spawn_rate
    return None
