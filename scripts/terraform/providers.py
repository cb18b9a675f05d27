"""Where Terraform takes its providers from: a mirror on this machine's disk, else the registry."""

import contextlib
import os
import platform
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.base.paths import WORK_FOLDER
from scripts.base.user import home

PLUGIN_CACHE = WORK_FOLDER / "terraform/plugins"
# Names what an init has put there and checked: one that was killed may have left a part of it.
FETCHED = WORK_FOLDER / "terraform/fetched"
REGISTRY = "registry.terraform.io"
AWS = "hashicorp/aws"
MIRROR_DEPTH = 3
# The Filesystem Hierarchy Standard's places for optional and shared software.
SHARED_FOLDERS = ("/opt", "/usr/local/share", "/usr/share", "/usr/local/lib", "/var/lib")
# And Terraform's own, below the home folder.
HOME_FOLDERS = (".terraform.d", ".local/share/terraform", "Library/Application Support/io.terraform")


def locked_version(root: Path) -> str | None:
    """The version of the AWS provider that the root's lock file names."""
    lock = root / ".terraform.lock.hcl"
    if not lock.exists():
        return None
    found = re.search(rf'provider "{REGISTRY}/{AWS}" {{\s*version\s*=\s*"([^"]+)"', lock.read_text())
    return found.group(1) if found else None


def search_folders() -> list[Path]:
    """The folders below which a provider mirror may lie, most specific first."""
    own = home()
    return [
        *(own / name for name in HOME_FOLDERS if own),
        *(Path(name) for name in SHARED_FOLDERS),
    ]


def find_mirror(version: str, folders: Iterable[Path]) -> Path | None:
    """The folder of a mirror that holds this version of the AWS provider for this machine."""
    for folder in folders:
        for mirror in _mirrors_below(folder):
            if _holds(mirror, version):
                return mirror
    return None


def _holds(mirror: Path, version: str) -> bool:
    """Whether this version is there for this machine, and this user may read it."""
    provider = mirror / REGISTRY / AWS
    unpacked = provider / version / platform_name()
    packed = provider / f"terraform-provider-aws_{version}_{platform_name()}.zip"
    try:
        return unpacked.is_dir() or packed.is_file()
    except PermissionError:
        return False


def platform_name() -> str:
    """This machine as Terraform names it, e.g. `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def note_fetched(root: Path) -> None:
    """Note that an init of this root has ended well, and so has fetched its AWS provider."""
    if place := _place(root):
        FETCHED.write_text(place)


def borrow(root: Path, data_folder: Path) -> bool:
    """Give a root the AWS provider that an earlier init has fetched, as its own would; False if none has.

    An init spends two seconds on a provider that is there: it computes the hash of its 700 MB.
    """
    place = _place(root)
    if not (place and FETCHED.exists() and FETCHED.read_text() == place and (PLUGIN_CACHE / place).is_dir()):
        return False
    link = data_folder / "providers" / place
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(PLUGIN_CACHE / place)
    return True


def _place(root: Path) -> str | None:
    version = locked_version(root)
    return version and f"{REGISTRY}/{AWS}/{version}/{platform_name()}"


def write_cli_config(path: Path, mirror: Path) -> None:
    """Write a CLI configuration that takes the AWS provider from the mirror, others from their registry."""
    source = f"{REGISTRY}/{AWS}"
    path.write_text(
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{mirror}"\n'
        f'    include = ["{source}"]\n'
        "  }\n"
        "  direct {\n"
        f'    exclude = ["{source}"]\n'
        "  }\n"
        "}\n"
    )


def cli_settings(root: Path, work_folder: Path) -> dict[str, str]:
    """The environment variables that make Terraform find its providers."""
    version = locked_version(root)
    mirror = find_mirror(version, search_folders()) if version else None
    if mirror:
        config = work_folder / "terraform.tfrc"
        write_cli_config(config, mirror)
        return {"TF_CLI_CONFIG_FILE": str(config)}
    # The user's own configuration, which may name a mirror on their network, stays in force.
    own = os.environ.get("TF_CLI_CONFIG_FILE")
    return {"TF_CLI_CONFIG_FILE": own} if own and Path(own).is_file() else {}


def _mirrors_below(folder: Path) -> Iterator[Path]:
    """The mirrors in a folder; none where this user may not read it."""
    for depth in range(MIRROR_DEPTH):
        found: list[Path] = []
        with contextlib.suppress(PermissionError):
            found += sorted(folder.glob("*/" * depth + f"{REGISTRY}/{AWS}"))
        for provider in found:
            yield provider.parents[2]
