"""Every claim of SECURITY.md and of docs/http.md names a test that exists."""

import re
from pathlib import Path

import pytest

TEXT = Path("SECURITY.md").read_text(encoding="utf-8")
TABLE = TEXT[TEXT.index("| threat") :].split("\n## ", 1)[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if line.startswith("| ") and not line.startswith(("| **", "| threat"))
]
HTTP = Path("docs/http.md").read_text(encoding="utf-8")
CLAUSES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in HTTP.splitlines()
    if line.startswith("| ") and not line.startswith("| clause")
]
NAMED = sorted(set(re.findall(r"`(tests/\S+\.py)::(\w+)`", TEXT + HTTP)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: str(part))
def test_every_test_that_is_named_exists(file: str, test: str) -> None:
    assert re.search(rf"^ *def {test}\(", Path(file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_threat_has_a_control_and_a_proof() -> None:
    assert len(ROWS) > 20
    for threat, control, proof in ROWS:
        assert threat
        assert control
        assert "::test_" in proof


def test_every_clause_of_http_has_what_we_do_and_a_test() -> None:
    assert len(CLAUSES) > 40
    for clause, deed, proof in CLAUSES:
        assert clause
        assert deed
        assert "::test_" in proof
