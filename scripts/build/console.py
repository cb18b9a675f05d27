"""The console's page: its modules, style and rules in one HTML document, with the headers that belong to it.

One document, because a page at …/stage, without a slash at its end, could not name files beside it.
"""

import json
import re
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.build.content_security import policy, source, tag
from services.core.status import Status, allowed_by_client
from services.core.task import NewTask

SOURCES = ROOT / "services/console"
MAIN = "main.js"

# The forms that the modules use. Biome formats them, so each declaration starts its line.
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const |let |class )", re.MULTILINE)
_DECLARATION = re.compile(r"^(export )?(?:async function|function|const|let|class) (\w+)", re.MULTILINE)
# Whole lines only: a cast, `/** @type {X} */ (y)`, stays.
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)
_OTHER_FORM = re.compile(r"^\s*(?:import\b|export\b).*|.*\bimport\(.*", re.MULTILINE)


def page(sources: Path = SOURCES) -> str:
    """The built page as JSON: `html`, its `content_security_policy`, and the `tag` of this content."""
    style = (sources / "console.css").read_text(encoding="utf-8")
    script = bundle(sources)
    html = (sources / "index.html").read_text(encoding="utf-8")
    for empty, filled in (
        ("<style></style>", f"<style>{style}</style>"),
        ('id="rules"></script>', f'id="rules">{json.dumps(_rules())}</script>'),
        ('<script type="module"></script>', f'<script type="module">{script}</script>'),
    ):
        if html.count(empty) != 1:
            raise Failure(f"index.html must have one {empty}")
        html = html.replace(empty, filled)
    built = {"html": html, "content_security_policy": _policy(style, script), "tag": tag(html)}
    return json.dumps(built, ensure_ascii=False)


def bundle(sources: Path = SOURCES) -> str:
    """One module with the code of all, each after those it imports, without comments.

    They share one scope, so a top-level name must be unique. Raises a Failure for a circle, a name declared
    twice, an import of what is not exported, a module that is not imported, and other forms than those above.
    """
    modules: dict[str, str] = {}
    _collect(sources, MAIN, modules, ())
    if unused := {path.name for path in sources.glob("*.js")} - set(modules):
        raise Failure(f"no module imports {', '.join(sorted(unused))}")
    declared = [name for text in modules.values() for _, name in _DECLARATION.findall(text)]
    if twice := sorted({name for name in declared if declared.count(name) > 1}):
        raise Failure(f"declared at the top level of two modules of the console: {', '.join(twice)}")
    script = "".join(f"// {name}\n{_plain(text)}" for name, text in modules.items())
    if other := _OTHER_FORM.search(script):
        raise Failure(f"the console's bundle does not support: {other[0].strip()}")
    return script


def _collect(sources: Path, name: str, modules: dict[str, str], importers: tuple[str, ...]) -> None:
    """Add a module to `modules`, after all that it imports."""
    if name in importers:
        raise Failure(f"circular import: {' → '.join((*importers, name))}")
    if name in modules:
        return
    text = (sources / name).read_text(encoding="utf-8")
    for names, imported in _IMPORT.findall(text):
        _collect(sources, imported, modules, (*importers, name))
        exported = {declared for export, declared in _DECLARATION.findall(modules[imported]) if export}
        if missing := {part.strip() for part in names.split(",")} - exported - {""}:
            raise Failure(f"{name} imports {', '.join(sorted(missing))}, which {imported} does not export")
    modules[name] = text


def _plain(text: str) -> str:
    """A module's code without comments, imports and the word `export`."""
    if lines := [line for line in text.splitlines() if line.count("`") % 2]:
        raise Failure(f"a template literal of the console spans lines: {lines[0].strip()}")
    return _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text))).lstrip("\n")


def _rules() -> dict[str, object]:
    """The domain's rules that the page applies."""
    fields = NewTask.model_json_schema()["properties"]
    return {
        "statuses": list(Status),
        "moves": {
            status: {
                "approved": allowed_by_client(status, approved=True),
                "otherwise": allowed_by_client(status, approved=False),
            }
            for status in Status
        },
        "limits": {name: fields[name]["maxLength"] for name in ("title", "description")},
    }


def _policy(style: str, script: str) -> str:
    """Allow this style, this script, and requests to the page's own origin; nothing else."""
    return policy(
        f"style-src {source(style)}",
        f"script-src {source(script)}",
        "connect-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
