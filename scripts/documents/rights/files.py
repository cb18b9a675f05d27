"""Writes the policies of the roles that plan and deploy, in infra/roles/."""

from scripts.base.paths import ROOT
from scripts.documents.rights.calls import known
from scripts.documents.rights.policies import as_text, documents

FOLDER = ROOT / "infra/roles"


def write() -> None:
    """Write every policy, and remove what is none any more."""
    FOLDER.mkdir(exist_ok=True)
    written = documents(known())
    for name, document in written.items():
        (FOLDER / f"{name}.json").write_text(as_text(document), encoding="utf-8")
    for file in FOLDER.glob("*.json"):
        if file.stem not in written:
            file.unlink()
    print(f"{FOLDER.relative_to(ROOT)}: {len(written)} policies")
