"""Writes docs/openapi.json from the models: `make openapi`."""

import json
from pathlib import Path

from services.api.openapi import document

OUTPUT = Path(__file__).parent.parent / "docs" / "openapi.json"


def main() -> None:
    """Writes the document, in a form that makes readable differences."""
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {OUTPUT.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
