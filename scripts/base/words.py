"""English words that names are made of. Standard library only: copier runs what uses it without packages."""

import re


def plural_of(noun: str) -> str:
    """The regular English plural: parcels, boxes, entries, days."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"
