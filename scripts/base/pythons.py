"""Which Python runs the project and its functions: the one place that decides.

Standard library only, and a syntax that old Pythons parse: scripts/base/bootstrap.py starts on any of them.
"""

MINIMUM = (3, 11)
# The newest Lambda runtime that the locked AWS provider (5.100) accepts; it refuses any other at plan.
NEWEST_RUNTIME = (3, 13)
# The newest for which every pinned package has a wheel. Later ones may work, with packages built from source.
NEWEST_COMPLETE = (3, 14)
# The highest N for which a command python3.N is looked for.
_LAST_MINOR = 19


def preference(version):
    # type: (tuple[int, ...]) -> tuple[int, ...]
    """A sort key, the best first: the newest with a Lambda runtime, then the next newer ones in turn."""
    minor = tuple(version[:2])
    if minor <= NEWEST_RUNTIME:
        return (0, -minor[0], -minor[1])
    return (1, minor[0], minor[1])


def commands():
    # type: () -> list[tuple[tuple[int, ...], str]]
    """The versions and names of interpreters that may be on PATH, the best first."""
    versions = sorted(((3, minor) for minor in range(MINIMUM[1], _LAST_MINOR + 1)), key=preference)
    return [(version, name(version)) for version in versions]


def name(version):
    # type: (tuple[int, ...]) -> str
    """A Python's command, and Lambda's name of its runtime: python3.13."""
    return "python%d.%d" % tuple(version[:2])  # noqa: UP031 - old Pythons parse this


def runtime(version):
    # type: (tuple[int, ...]) -> str
    """The runtime to name in a function's configuration for a package built for this Python.

    The embedded cloud runs functions on its own Python whatever it is told, so a newer one is called the
    newest that the provider accepts.
    """
    return name(min(tuple(version[:2]), NEWEST_RUNTIME))


def has_image(version):
    # type: (tuple[int, ...]) -> bool
    """Whether functions of this Python can run in Lambda's own images."""
    return MINIMUM <= tuple(version[:2]) <= NEWEST_RUNTIME
