"""Ways in without installing anything: the dev container, the editor's settings, and line ends."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from scripts.base import pythons
from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT
from scripts.deployments.up import PORT
from scripts.terraform.binary import is_new_enough
from tests.harness.command_line import command_names

README = (ROOT / "README.md").read_text(encoding="utf-8")
PASTED = (
    README,
    *((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("api.md", "performance.md")),
)
BLOCKS = [
    block for page in PASTED for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
]


def read(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def container() -> dict[str, Any]:
    return dict(read(".devcontainer/devcontainer.json"))


def test_the_container_has_the_preferred_python(container: dict[str, Any]) -> None:
    image, _, tag = container["image"].partition(":")

    assert image == "mcr.microsoft.com/devcontainers/python"
    assert re.fullmatch(r"\d+-{}\.{}-[a-z]+".format(*pythons.NEWEST_RUNTIME), tag)


def test_the_container_has_terraform_on_every_processor_and_no_docker(container: dict[str, Any]) -> None:
    features = {
        name.rpartition("/")[2].partition(":")[0]: chosen for name, chosen in container["features"].items()
    }

    assert is_new_enough(features["terraform"]["version"])
    assert not [name for name in features if "docker" in name]
    assert "docker" not in json.dumps(container).lower()
    assert not {"mounts", "privileged", "runArgs", "dockerComposeFile"} & set(container)


def test_the_container_is_ready_when_it_opens(container: dict[str, Any]) -> None:
    make, target = container["postCreateCommand"].split()

    assert make == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_local_clouds_port_is_forwarded_under_a_label(container: dict[str, Any]) -> None:
    assert container["forwardPorts"] == [PORT]
    assert "make up" in container["portsAttributes"][str(PORT)]["label"]


def test_the_container_brings_the_extensions_that_are_recommended(container: dict[str, Any]) -> None:
    wanted = read(".vscode/extensions.json")["recommendations"]

    assert container["customizations"]["vscode"]["extensions"] == wanted
    assert {"ms-python.python", "ms-python.debugpy"} <= set(wanted)


def test_the_editor_runs_the_tests_with_the_projects_python() -> None:
    settings = read(".vscode/settings.json")

    python = settings["python.defaultInterpreterPath"].replace("${workspaceFolder}", str(ROOT))
    assert Path(python) == PROJECT_ENVIRONMENT / "bin/python"
    assert settings["python.testing.pytestEnabled"]
    assert [folder for folder in settings["python.testing.pytestArgs"] if not (ROOT / folder).is_dir()] == []
    assert settings["files.eol"] == "\n"


def test_every_debug_configuration_names_existing_commands() -> None:
    launch = read(".vscode/launch.json")
    asked = {one["id"]: one["default"] for one in launch["inputs"]}
    commands = command_names()

    for configuration in launch["configurations"]:
        assert configuration["type"] == "debugpy"
        assert configuration.get("module", "pytest") in ("pytest", "scripts")
        if configuration.get("module") == "scripts":
            (word,) = configuration["args"]
            if word.startswith("${input:"):
                word = asked[word.removeprefix("${input:").rstrip("}")]
            assert word in commands
    assert ["debug-test"] in [one.get("purpose") for one in launch["configurations"]]


@pytest.mark.parametrize("line", [line for block in BLOCKS for line in block.splitlines()])
def test_every_line_of_readme_and_docs_can_be_pasted_into_any_shell(line: str) -> None:
    """zsh accepts no comments at its prompt, so there are none, and no placeholders either."""
    words = shlex.split(line)

    assert "#" not in line
    assert "…" not in line
    assert not [word for word in words if re.fullmatch(r"<.*>|[A-Z_]+_ID", word)]
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        made = (ROOT / "Makefile").read_text()
        assert [target for target in targets if not re.search(rf"^[a-z -]*\b{target}\b.*:", made, re.M)] == []
    if words[0] == "curl":
        # --json is of curl 7.82 and later; -d alone is sent as a form.
        assert "--json" not in words
        assert ("-d" in words) == ("$JSON" in words)


def test_the_readme_names_the_pythons_that_fit() -> None:
    oldest, newest = (".".join(map(str, one)) for one in (pythons.MINIMUM, pythons.NEWEST_COMPLETE))

    assert f"python-{oldest}%20to%20{newest}-blue" in README
    assert f"Python {oldest} to {newest}" in README
    assert f'requires-python = ">={oldest}"' in (ROOT / "pyproject.toml").read_text()
