"""Text of other people inside text of ours."""


def one_line(text: str) -> str:
    """`text` with a blank for whatever is not seen as itself: line breaks, controls, changes of direction."""
    return "".join(character if character.isprintable() else " " for character in text)
