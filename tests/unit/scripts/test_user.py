"""A user without a home folder, without a name, or with the home of somebody else: as in many containers."""

import sys
from pathlib import Path

import pytest

from scripts.base import environment, node, user
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.build import bytecode
from scripts.deployments import token
from scripts.deployments.target import Target
from scripts.operators import invoke
from scripts.terraform import providers
from tests.harness.permissions import forbid_reading

OTHER_VERSION = "3.99"


@pytest.fixture(params=["no home", "another user's home"])
def without_own_home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path | None:
    """What HOME names: nothing, or a folder that this user may not read."""
    for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PYENV_ROOT", "npm_config_cache"):
        monkeypatch.delenv(name, raising=False)
    if request.param == "no home":
        monkeypatch.setattr(Path, "home", _no_home)
        return None
    monkeypatch.setenv("HOME", str(tmp_path))
    forbid_reading(monkeypatch, tmp_path)
    return tmp_path


def _no_home() -> Path:
    raise RuntimeError("Could not determine home directory.")


def _no_name() -> str:
    raise KeyError("getpwuid(): uid not found: 12345")


def _no_login() -> str:
    raise OSError("No username set in the environment")


def test_the_home_folder_is_the_one_that_is_named_or_none(without_own_home: Path | None) -> None:
    assert user.home() == without_own_home


@pytest.mark.parametrize("getuser", [_no_name, _no_login], ids=["to Python 3.12", "since 3.13"])
def test_a_user_without_a_name_is_called_by_the_number(
    getuser: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", getuser)
    monkeypatch.setattr("os.getuid", lambda: 12345)

    assert user.user_name() == "user-12345"


def test_commands_work_for_a_user_without_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    monkeypatch.setattr("getpass.getuser", _no_name)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    target = Target({}, lambda _: None)
    monkeypatch.setattr(token, "chosen_target", lambda _: target)
    monkeypatch.setattr(token, "token_for", lambda _target, subject, _scopes: f"token of {subject}")

    # when
    token.print_token()

    # then
    assert capsys.readouterr().out == "token of user-12345\n"
    assert invoke.new_invocation(target, "relay").caller == "user-12345"


def test_without_a_usable_home_uv_keeps_its_cache_in_the_project(without_own_home: Path | None) -> None:
    assert environment.installers_surroundings()["UV_CACHE_DIR"] == str(ROOT / ".local/cache/uv")


def test_certificates_that_may_not_be_read_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    forbid_reading(monkeypatch, tmp_path)
    places = type("Places", (), {"cafile": None, "capath": str(tmp_path)})
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: places)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)

    # when
    surroundings = environment.installers_surroundings()

    # then
    assert "UV_SYSTEM_CERTS" not in surroundings


def test_without_a_usable_home_shared_mirrors_are_searched(
    without_own_home: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    shared = tmp_path_factory.mktemp("shared")
    monkeypatch.setattr(providers, "SHARED_FOLDERS", [str(shared)])
    name = f"registry.terraform.io/hashicorp/aws/5.100.0/{providers.platform_name()}"
    (shared / name).mkdir(parents=True)

    # when
    found = providers.find_mirror("5.100.0", providers.search_folders())

    # then
    assert found == shared


def test_a_mirror_that_may_not_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    for folder in ("locked", "open"):
        name = f"registry.terraform.io/hashicorp/aws/5.100.0/{providers.platform_name()}"
        (tmp_path / folder / name).mkdir(parents=True)
    forbid_reading(monkeypatch, tmp_path / "locked/registry.terraform.io/hashicorp/aws")

    # when
    found = providers.find_mirror("5.100.0", [tmp_path])

    # then
    assert found == tmp_path / "open"


def test_without_a_usable_home_no_python_of_pyenv_is_found(
    without_own_home: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "full_version", lambda _: None)

    assert bytecode.find_interpreter(OTHER_VERSION) is None


def test_pythons_of_pyenv_are_found_below_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    installed = tmp_path / f".pyenv/versions/{OTHER_VERSION}.1/bin/python{OTHER_VERSION}"
    installed.parent.mkdir(parents=True)
    installed.touch()
    known = {str(installed): f"{OTHER_VERSION}.1"}
    monkeypatch.setattr(bytecode, "full_version", known.get)

    # when
    found = bytecode.find_interpreter(OTHER_VERSION)

    # then
    assert found == str(installed)


def test_without_a_usable_home_node_gets_a_home_or_a_cache_in_the_project(
    without_own_home: Path | None,
) -> None:
    surroundings = node._surroundings()

    if without_own_home is None:
        assert surroundings["HOME"] == str(WORK_FOLDER / "home")
    else:
        assert surroundings["npm_config_cache"] == str(WORK_FOLDER / "cache/npm")
