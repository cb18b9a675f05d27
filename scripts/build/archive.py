"""A zip file that depends on nothing but the names and contents of its files."""

import zipfile
from pathlib import Path

# The earliest time that zip can store.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_ALL = 0o100644
_MADE_ON_UNIX = 3


def write(archive: Path, trees: list[Path]) -> None:
    """Write the files below the folders to one archive; the folders must not share a name."""
    files = sorted((path.relative_to(tree).as_posix(), path) for tree in trees for path in _files(tree))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as output:
        for name, path in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _MADE_ON_UNIX
            entry.external_attr = _READABLE_BY_ALL << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            output.writestr(entry, path.read_bytes())


def _files(tree: Path) -> list[Path]:
    return [path for path in tree.rglob("*") if path.is_file()]
