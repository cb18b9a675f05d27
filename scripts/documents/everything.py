"""Every generated document at once: `python -m scripts.documents.everything`.

For commands that have changed the code, and so need a process that imports it anew.
"""

from scripts.documents import architecture, asyncapi, contracts, costs, figures, scaling, variables
from scripts.documents.clients import files as clients


def write_figures() -> None:
    """`make docs`."""
    variables.write()
    for document in (architecture, costs, scaling):
        figures.write(document.DOCUMENT, document.TABLES)
    figures.write(architecture.README, architecture.README_TABLES)


def write_contracts() -> None:
    """`make openapi`."""
    contracts.write()
    asyncapi.write()


if __name__ == "__main__":
    from scripts.base.failure import run_command

    def main() -> None:
        """Write what follows from the models first, since the figures name it."""
        before = contracts.OPENAPI.read_text("utf-8")
        write_contracts()
        write_figures()
        if contracts.OPENAPI.read_text("utf-8") != before:
            clients.write()

    run_command(main)
