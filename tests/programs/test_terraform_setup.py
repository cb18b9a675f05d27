"""Finding Terraform, and a provider that an earlier init has fetched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.terraform import Terraform, binary, prepare, providers
from scripts.terraform.providers import platform_name
from scripts.terraform.wheels import Machine
from tests.harness.shell_program import shell_program

LOCK = """
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.100"
}
"""


# --- the program


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    binary.terraform_command.cache_clear()
    yield folder
    binary.terraform_command.cache_clear()


def install_terraform(folder: Path, script: str) -> Path:
    return shell_program(folder / "terraform", script)


def test_the_installed_terraform_is_used_despite_the_users_settings(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS", "-no-such-flag")
    program = install_terraform(path, """[ -z "$TF_CLI_ARGS" ] && echo '{"terraform_version": "1.12.2"}'""")

    assert binary.terraform_command() == (str(program),)


@pytest.mark.parametrize(
    "installed", [None, """echo '{"terraform_version": "1.5.7"}'""", "exit 1", "echo no JSON"]
)
def test_without_a_usable_terraform_the_library_is_used(
    path: Path, installed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(Machine, "current", lambda: PLATFORMS[0][0])
    monkeypatch.setattr(binary, "ensure_environment", lambda environment, _lock: made.append(environment))
    if installed:
        install_terraform(path, installed)

    assert binary.terraform_command()[-1].endswith("library.py")
    assert made == [binary.LIBRARY_ENVIRONMENT]


def test_without_terraform_and_library_the_remedy_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any) -> None:
        raise Failure("packages could not be fetched\n  long story")

    monkeypatch.setattr(binary, "ensure_environment", no_network)
    monkeypatch.setattr(Machine, "current", lambda: PLATFORMS[0][0])

    with pytest.raises(
        Failure, match=r"Terraform 1\.10 or newer is needed and none is on PATH: install it"
    ) as failure:
        binary.terraform_command()
    assert len(str(failure.value).splitlines()) == 1


PLATFORMS = [
    (Machine("linux", "x86_64", "glibc", (2, 36)), None),
    (Machine("linux", "x86_64", "glibc", (2, 35)), None),
    (Machine("linux", "x86_64", "glibc", (2, 34)), r"glibc 2\.35, and this machine has 2\.34"),
    (Machine("linux", "aarch64", "glibc", (2, 39)), "not built for Linux on aarch64"),
    (Machine("linux", "x86_64", "", ()), "not built for musl"),
    (Machine("darwin", "arm64", "", (15, 1)), None),
    (Machine("darwin", "x86_64", "", (10, 15)), None),
    (Machine("darwin", "x86_64", "", (10, 14)), r"older than 10\.15"),
    (Machine("freebsd14", "amd64", "", ()), "not built for freebsd14"),
]


@pytest.mark.parametrize(("platform", "trouble"), PLATFORMS)
def test_a_platform_without_a_library_is_refused_before_anything_is_fetched(
    path: Path, monkeypatch: pytest.MonkeyPatch, platform: Machine, trouble: str | None
) -> None:
    fetched: list[Path] = []
    monkeypatch.setattr(binary, "ensure_environment", lambda environment, _lock: fetched.append(environment))
    monkeypatch.setattr(prepare, "ensure_environment", lambda made, *_, **__: fetched.append(made))
    monkeypatch.setattr(Machine, "current", lambda: platform)
    monkeypatch.setattr(prepare, "install_launcher", lambda: None)
    monkeypatch.setattr("sys.argv", ["prepare", "--terraform"])

    if trouble is None:
        prepare.main()
        assert binary.terraform_command()[-1].endswith("library.py")
        return
    for command in (prepare.main, binary.terraform_command):
        with pytest.raises(Failure, match=trouble) as failure:
            command()
        assert "https://developer.hashicorp.com/terraform/install" in str(failure.value)
        assert len(str(failure.value).splitlines()) == 1
    assert fetched == []


@pytest.mark.parametrize(("platform", "trouble"), PLATFORMS)
def test_an_installed_terraform_is_enough_on_every_platform(
    path: Path, monkeypatch: pytest.MonkeyPatch, platform: Machine, trouble: str | None
) -> None:
    program = install_terraform(path, """echo '{"terraform_version": "1.12.2"}'""")
    monkeypatch.setattr(Machine, "current", lambda: platform)

    binary.require_obtainable()
    assert binary.terraform_command() == (str(program),)


# --- a provider that is there


@pytest.fixture
def inits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with a lock file. Its Terraform fetches the provider on init, unless it is told not to."""
    (tmp_path / ".terraform.lock.hcl").write_text(LOCK)
    cache = tmp_path / "cache/plugins"
    monkeypatch.setattr(providers, "PLUGIN_CACHE", cache)
    monkeypatch.setattr("scripts.terraform.runner.PLUGIN_CACHE", cache)
    monkeypatch.setattr(providers, "FETCHED", tmp_path / "cache/fetched")
    place = f"{cache}/registry.terraform.io/hashicorp/aws/5.100.0/{platform_name()}"
    fetch = f'echo "${{TF_REATTACH_PROVIDERS:-none}}" >> inits; mkdir -p {place}; test ! -e broken'
    monkeypatch.setattr("scripts.terraform.runner.terraform_command", lambda: ("sh", "-c", fetch))
    return tmp_path


def fetched(root: Path) -> list[bool]:
    """Whether each init fetched the provider itself."""
    return [line == "none" for line in (root / "inits").read_text().splitlines()]


def test_a_provider_that_an_init_has_fetched_is_borrowed_by_later_ones(inits: Path) -> None:
    for name in ("first", "second", "second"):
        Terraform(inits, inits / name).init(None)

    assert fetched(inits) == [True, False, False]
    found = (inits / "second/terraform-data/providers").rglob(platform_name())
    assert [place.is_dir() for place in found] == [True]


def test_an_init_for_aws_fetches_and_checks_the_provider_itself(inits: Path) -> None:
    for name in ("first", "second"):
        Terraform(inits, inits / name, local=False).init(None)

    assert fetched(inits) == [True, True]


def test_what_an_init_that_failed_has_left_is_not_borrowed(inits: Path) -> None:
    (inits / "broken").touch()
    with pytest.raises(Failure, match="terraform init failed"):
        Terraform(inits, inits / "first").init(None)
    (inits / "broken").unlink()

    Terraform(inits, inits / "second").init(None)

    assert fetched(inits) == [True, True]


def test_another_version_of_the_provider_is_not_borrowed(inits: Path) -> None:
    Terraform(inits, inits / "first").init(None)
    (inits / ".terraform.lock.hcl").write_text(LOCK.replace("5.100.0", "5.101.0"))

    Terraform(inits, inits / "second").init(None)

    assert fetched(inits) == [True, True]
