"""The rights of an entry of services/functions.json: exact ones from uses, and their text in the file."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from scripts.base.failure import Failure
from scripts.base.functions import Right

# An action, and what it is on.
Pair = tuple[str, str]


def pairs(rights: Iterable[Right]) -> Iterator[Pair]:
    """Each action with each resource."""
    return ((action, on) for right in rights for on in right.on for action in right.actions)


def exact(granted: Sequence[Right], needed: Collection[Pair]) -> tuple[Right, ...]:
    """Rights to these pairs and no others, changed as little as possible from those that are granted.

    Kept in any case: what has a reason, and a resource that is named without an action, for its variables.
    """
    kept = [part for right in granted for part in _only(right, needed)]
    missing = set(needed) - set(pairs(kept))
    rights = [_with(right, missing) for right in kept]
    return (*rights, *_grouped(missing))


def _only(right: Right, needed: Collection[Pair]) -> Iterator[Right]:
    """The part of a right that is needed; two rights where its resources need different actions."""
    if right.reason:
        yield right
        return
    if not right.actions and (idle := tuple(set(right.on) - {on for _, on in needed})):
        yield Right((), tuple(on for on in right.on if on in idle))
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for on in right.on:
        if actions := tuple(action for action in right.actions if (action, on) in needed):
            by_actions.setdefault(actions, []).append(on)
    for actions, ons in by_actions.items():
        yield Right(actions, tuple(ons))


def _with(right: Right, missing: set[Pair]) -> Right:
    """A right with the missing actions on its one resource, which are missing no longer."""
    if len(right.on) != 1 or right.reason:
        return right
    more = sorted(action for action, on in missing if on == right.on[0])
    missing.difference_update({(action, right.on[0]) for action in more})
    return Right((*right.actions, *more), right.on)


def _grouped(missing: Collection[Pair]) -> Iterator[Right]:
    """One right for all resources that need the same actions."""
    by_resource: dict[str, list[str]] = {}
    for action, on in sorted(missing):
        by_resource.setdefault(on, []).append(action)
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for on, actions in sorted(by_resource.items()):
        by_actions.setdefault(tuple(actions), []).append(on)
    return (Right(actions, tuple(ons)) for actions, ons in by_actions.items())


def as_text(rights: Sequence[Right]) -> str:
    """The rights as they stand in an entry."""
    if not rights:
        return '    "rights": []'
    lines = ",\n".join(f"      {json.dumps(_entry(right), ensure_ascii=False)}" for right in rights)
    return f'    "rights": [\n{lines}\n    ]'


def _entry(right: Right) -> dict[str, object]:
    entry: dict[str, object] = {"actions": list(right.actions), "on": list(right.on)}
    return entry | ({"reason": right.reason} if right.reason else {})


def rewritten(text: str, function: str, rights: Sequence[Right]) -> str:
    """The text of the function map with other rights for a function; everything else stays as it is."""
    entry = re.compile(rf'^  "{re.escape(function)}": \{{\n.*?^  \}}', re.MULTILINE | re.DOTALL)
    block = re.compile(r'^    "rights": (?:\[\]|\[\n.*?^    \])', re.MULTILINE | re.DOTALL)
    found = entry.search(text)
    place = block.search(text, found.start(), found.end()) if found else None
    if place is None:
        raise Failure(f"services/functions.json: the rights of {function} are not in lines of their own")
    return text[: place.start()] + as_text(rights) + text[place.end() :]
