"""The options of a command, as the Makefile passes them. No environment variable is an option.

`make logs TASK=0198… FOLLOW=0` runs `python -m scripts.operators.logs --task=0198… --follow=0`.
"""

import argparse
from collections.abc import Sequence


def options(
    description: str | None,
    *names: str,
    commands: Sequence[str] = (),
    arguments: Sequence[str] | None = None,
) -> dict[str, str]:
    """The text of each named option, empty where it was not given; `arguments` defaults to sys.argv.

    With `commands`, the first word is one of them and is found under `command`.
    """
    parser = argparse.ArgumentParser(
        description=description.partition("\n")[0] if description else None, allow_abbrev=False
    )
    if commands:
        parser.add_argument("command", choices=commands)
    for name in names:
        parser.add_argument(f"--{name}", default="")
    return dict(vars(parser.parse_args(arguments)))
