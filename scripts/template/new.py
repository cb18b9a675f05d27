"""`make new`: a project of one's own in a new folder, from what is committed here, with its first commit."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.files import named_path
from scripts.base.git import git
from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT
from scripts.base.processes import exists
from scripts.template.collisions import require_free
from scripts.template.names import TEMPLATE, Names, checked

ANSWERS = ".copier-answers.yml"
UNFINISHED = ".unfinished-"


def new(name: str, entity: str, into: str, plural: str = "") -> None:
    """Write the project; a Failure names the argument that cannot be used.

    The folder appears complete or not at all: it is made under another name beside its place.
    """
    names = checked(name, entity, plural)
    require_free(names)
    if names.name != TEMPLATE.name and (PROJECT_ENVIRONMENT / "bin" / names.name).exists():
        raise Failure(f"NAME: {name!r} is a program in .venv/bin, where the project's own has its place")
    target = _target(into)
    commit = _commit()
    if git(ROOT, "status", "--porcelain"):
        print("note: changes that are not committed are left out")
    with _unfinished(target) as stage:
        _copy(commit, stage, names)
        _record_origin(stage, commit)
        _begin_history(stage, names)
        stage.rename(target)  # also onto an empty folder
    print(f"{names.name} is in {target}:\n\n  cd {target}\n  make up\n  make demo\n")
    print("docs/adapting.md says what to do next.")


def _target(into: str) -> Path:
    """The folder to write, which is missing or empty."""
    if not into:
        raise Failure("INTO: name the folder to write, such as INTO=../parcel-tracker")
    target = Path.cwd() / named_path(into, "INTO: ")
    target = target.parent.resolve() / target.name
    try:
        _require_usable(target)
    except PermissionError as error:
        raise Failure(f"INTO: {error.filename} may not be read: name another folder") from error
    return target


def _require_usable(target: Path) -> None:
    if not target.parent.is_dir():
        raise Failure(f"INTO: {target.parent} is no folder: make it first")
    if target.resolve().is_relative_to(ROOT):
        raise Failure(
            f"INTO: {target} is inside the template: name a folder outside, such as INTO=../parcel-tracker"
        )
    if target.is_symlink() or target.is_file():
        raise Failure(f"INTO: {target} is no folder: name another")
    if target.is_dir() and any(target.iterdir()):
        raise Failure(f"INTO: {target} is not empty: name another folder, or empty it")
    if not os.access(target.parent, os.W_OK):
        raise Failure(f"INTO: nothing can be written in {target.parent}: name another folder")


def _commit() -> str:
    """The commit that is checked out here."""
    if not shutil.which("git"):
        raise Failure("git is needed: the project begins with a commit, and takes over later versions by it")
    try:
        commit = git(ROOT, "rev-parse", "--verify", "HEAD")
    except Failure as failure:
        raise Failure(
            "this is no clone: get the template with `git clone`, so that updates find it"
        ) from failure
    try:
        git(ROOT, "var", "GIT_AUTHOR_IDENT")
    except Failure as failure:
        raise Failure(
            "git knows no author for the first commit: `git config --global user.name …` and `user.email …`"
        ) from failure
    return commit


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A folder beside the target, removed unless it has become the target; also those of killed commands."""
    for stale in target.parent.glob(f".{target.name}{UNFINISHED}*"):
        process = stale.name.rpartition("-")[2]
        if not (process.isdigit() and exists(int(process))):
            shutil.rmtree(stale, ignore_errors=True)
    stage = target.with_name(f".{target.name}{UNFINISHED}{os.getpid()}")
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _copy(commit: str, stage: Path, names: Names) -> None:
    import copier
    from copier.errors import CopierError, TaskError

    data = {"name": names.name, "entity": names.entity, "plural": names.plural}
    try:
        copier.run_copy(
            str(ROOT),
            stage,
            data=data,
            vcs_ref=commit,
            defaults=True,
            unsafe=True,
            quiet=True,
            cleanup_on_error=True,
        )
    except TaskError as error:
        raise Failure("the files could not be renamed: see above") from error
    except CopierError as error:
        raise Failure(f"copier could not copy the template: {error}") from error


def _record_origin(stage: Path, commit: str) -> None:
    """Have updates come from where this clone does, if the commit is there; else from this folder."""
    answers = stage / ANSWERS
    try:
        origin = git(ROOT, "remote", "get-url", "origin")
        is_there = bool(git(ROOT, "branch", "--remotes", "--contains", commit))
    except Failure:
        is_there = False
    if not is_there:
        print(f"note: `make update` will look in {ROOT}; docs/adapting.md says how to name another place")
        return
    without_password = re.sub(r"^(\w+://)[^/@]*@", r"\1", origin)
    text = answers.read_text(encoding="utf-8")
    answers.write_text(re.sub(r"(?m)^_src_path: .*$", lambda _: f"_src_path: {without_password}", text))


def _begin_history(stage: Path, names: Names) -> None:
    git(stage, "init", "--quiet", "--initial-branch", "main")
    # What the project's own .gitignore names is left out, what that of the user names is not.
    git(stage, "-c", f"core.excludesFile={os.devnull}", "add", "--all")
    message = f"{names.name}, made from a template: see {ANSWERS}"
    git(stage, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", message)
