"""What copier runs after its own copying: writes the template's files, renamed, into the project.

`python render.py NAME ENTITY PLURAL` writes into the working directory. The template is the Git checkout that
this file is in: copier's clone of the version that was asked for.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    # Replaces this file's folder: modules are those of the template, not those of the project.
    sys.path[0] = str(ROOT)

from scripts.base.failure import run_command  # noqa: E402
from scripts.base.git import git  # noqa: E402
from scripts.template import finish  # noqa: E402
from scripts.template.names import Names, checked  # noqa: E402
from scripts.template.rename import Renamer, is_template_only, without_template_blocks  # noqa: E402

# A variable that an update sets (scripts/quality/update.py): the folder in which what was rendered stays, for
# the same version again.
RENDERED = "RENDERED_PROJECTS"
# Files that stand in the place of the template's own.
PROJECT_FILES = "scripts/template/project"


def render(template: Path, project: Path, names: Names) -> None:
    """Write the template's files into the project, renamed, formatted and with documents generated anew.

    Only files that the template has are written. A Failure if the template is no Git checkout.
    """
    with contextlib.ExitStack() as stack:
        folder = os.environ.get(RENDERED)
        folder = folder or stack.enter_context(tempfile.TemporaryDirectory(prefix="project-"))
        stage = Path(folder).resolve() / git(template, "rev-parse", "HEAD") / "project"
        if not stage.exists():
            write_renamed(template, stage, names)
            for trouble in finish.finish(stage):
                print(f"note: {trouble}", file=sys.stderr)
        for file in finish.files_of(stage):
            target = project / file.relative_to(stage)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)


def write_renamed(template: Path, stage: Path, names: Names) -> None:
    """Write the template's files into an empty folder, renamed but not yet formatted."""
    renamer = Renamer(names)
    for path in tracked_files(template):
        if not is_template_only(path):
            _write(template / path, stage / renamer.path(path), renamer, path)
    overlay = template / PROJECT_FILES
    for file in sorted(overlay.rglob("*")):
        if file.is_file():
            path = file.relative_to(overlay).as_posix()
            _write(file, stage / path, renamer, path)


def tracked_files(template: Path) -> list[str]:
    """The paths of a Git checkout's files."""
    listed = git(template, "ls-files", "-z").split("\0")
    return [path for path in listed if path and (template / path).is_file()]


def _write(source: Path, target: Path, renamer: Renamer, path: str) -> None:
    content = source.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:  # a picture
        pass
    else:
        content = renamer.text(without_template_blocks(text), path).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.chmod(source.stat().st_mode)


def main() -> None:
    """Render into the working directory."""
    name, entity, plural = sys.argv[1:]
    render(ROOT, Path.cwd(), checked(name, entity, plural))


if __name__ == "__main__":
    run_command(main)
