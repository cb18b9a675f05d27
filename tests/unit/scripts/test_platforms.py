"""The platform that functions are built for, by the Python that runs them."""

import pytest

from scripts.base.failure import Failure
from scripts.build.platforms import Platform


@pytest.mark.parametrize(
    ("python", "runtime"),
    [
        ("3.11", "python3.11"),
        ("3.12", "python3.12"),
        ("3.13", "python3.13"),
        ("3.14", "python3.13"),
        ("3.15", "python3.13"),
    ],
)
def test_functions_are_built_for_their_python_and_configured_with_a_runtime_that_exists(
    python: str, runtime: str
) -> None:
    platform = Platform.local(python)

    assert (platform.python, platform.runtime) == (python, runtime)
    assert platform.label.startswith(f"python{python}-")
    assert Platform.aws().runtime == "python3.13"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_lambdas_images_run_the_pythons_that_lambda_has(python: str) -> None:
    platform = Platform.container("arm64", python)

    assert (platform.runtime, platform.system, platform.architecture) == (f"python{python}", "linux", "arm64")


@pytest.mark.parametrize("python", ["3.14", "3.15"])
def test_localstack_with_a_python_that_has_no_image_names_the_one_to_install(python: str) -> None:
    with pytest.raises(Failure, match=rf"none for Python {python}: install python3\.13 and .*PYTHON="):
        Platform.container("x86_64", python)


def test_on_musl_wheels_of_musl_are_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))

    assert Platform.local("3.13", "arm64").wheel_platform == "aarch64-unknown-linux-musl"
    assert Platform.container("arm64", "3.13").wheel_platform == "aarch64-manylinux2014"
