"""Every generated document at once: `python -m scripts.documents.everything`.

For commands that have changed the code, and so need a process that imports it anew.
"""

from scripts.documents import architecture, asyncapi, contracts, costs, figures, scaling, variables
from scripts.documents.clients import files as clients

WITH_FIGURES = (
    *((document.DOCUMENT, document.TABLES) for document in (architecture, costs, scaling)),
    (architecture.README, architecture.README_TABLES),
)
"""The documents of which a part is computed, and what computes it."""


def require_places() -> None:
    """Raise a Failure if a document has no place for what is computed; better before anything is written."""
    for path, tables in WITH_FIGURES:
        figures.require_places(path, tables)


def write_figures() -> None:
    """`make docs`: all of them, or none where one has no place for its figures. Raises Failure."""
    require_places()
    variables.write()
    for path, tables in WITH_FIGURES:
        figures.write(path, tables)


def write_contracts() -> None:
    """`make openapi`."""
    contracts.write()
    asyncapi.write()


if __name__ == "__main__":
    from scripts.base.failure import run_command

    def main() -> None:
        """Write what follows from the models first, since the figures name it."""
        require_places()
        before = contracts.OPENAPI.read_text("utf-8")
        write_contracts()
        write_figures()
        if contracts.OPENAPI.read_text("utf-8") != before:
            clients.write()

    run_command(main)
