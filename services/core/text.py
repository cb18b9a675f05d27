"""Sanitising user text before it goes into messages."""


def one_line(text: str) -> str:
    """`text` with a blank for each unprintable character: line breaks, controls, changes of direction."""
    return "".join(character if character.isprintable() else " " for character in text)
