"""Renaming: every form of the template's names in texts and paths, and the article before them.

Words that only look like the template's own, such as Step Functions' `taskToken`, are in kept.json, each with
its reason. Standard library only: copier may run this in an environment of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.template.names import TEMPLATE, Names, begins_with_vowel_sound

TABLE = Path(__file__).with_name("kept.json")

# Where a word may begin in lower case: not within another one (multitask), but after \n in a literal.
_BEGIN = r"(?:(?<![A-Za-z])|(?<=\\n)|(?<=\\t))"
_END = r"(?![a-z])"
# pydantic makes titles such as Taskid of taskId.
_CLASS_END = r"(?=id\b|version\b|[^a-z]|$)"
_FORMS = {
    "kebab name": r"{}(?![a-z])",
    "snake name": r"{}(?![a-z])",
    "constant name": r"{}(?![A-Z])",
    "class name": r"{}(?![a-z])",
    "title name": r"{}\b",
    "sentence name": r"{}\b",
    "plain name": _BEGIN + r"{}\b",
    "plural": _BEGIN + "{}" + _END,
    "class plural": "{}" + _CLASS_END,
    "constant plural": r"(?<![A-Z]){}(?![A-Z])",
    "entity": _BEGIN + "{}" + _END,
    "class entity": "{}" + _CLASS_END,
    "constant entity": r"(?<![A-Z]){}(?![A-Z])",
}
# The article, and what may stand between it and its noun: also a line's end with the mark of a comment.
_ARTICLE = re.compile(
    r"(?<![A-Za-z])(?P<article>[Aa])(?P<gap>(?:[ _-]|\s*\n[ \t]*(?:#|//|\*)?[ \t]*)[`*\"'(<\[]*)\Z"
)
_LONGEST_GAP = 120
_ANY_FORM = re.compile(TEMPLATE.entity, re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """A text that keeps the template's word."""

    text: re.Pattern[str]
    files: re.Pattern[str]
    why: str


@dataclass(frozen=True)
class Renamer:
    """Renames texts and paths of the template for a project."""

    names: Names

    def text(self, text: str, path: str) -> str:
        """A file's text for the project; `path` is the file's path in the template."""
        kept = [match.span() for match in self._kept_in(text, path)]
        done, parts = 0, []
        for candidate in _ANY_FORM.finditer(text):
            word = self._pattern.match(text, candidate.start())
            if word and not any(first < word.end() and word.start() < last for first, last in kept):
                parts += [self._with_article(text[done : word.start()], word[0]), self._by_old_form[word[0]]]
                done = word.end()
        return "".join(parts) + text[done:]

    def path(self, path: str) -> str:
        """A file's path in the project."""
        return self.text(path, path)

    def left_over(self, text: str, path: str) -> Iterator[str]:
        """Lines of a renamed file that still have a word of the template's and no reason to."""
        kept = [match.span() for match in self._kept_in(text, path)]
        for match in _ANY_FORM.finditer(text):
            if not any(first <= match.start() and match.end() <= last for first, last in kept):
                start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
                yield text[start : end if end >= 0 else None].strip()

    def _kept_in(self, text: str, path: str) -> Iterator[re.Match[str]]:
        if not _ANY_FORM.search(text):
            return
        for kept in self._table:
            if kept.files.search(path):
                yield from kept.text.finditer(text)

    def _with_article(self, before: str, word: str) -> str:
        """The text before a word, with the article that its new form has."""
        article = _ARTICLE.search(before, max(0, len(before) - _LONGEST_GAP))
        if article is None or not begins_with_vowel_sound(self._by_old_form[word]):
            return before
        return f"{before[: article.end('article')]}n{article['gap']}"

    @cached_property
    def _by_old_form(self) -> dict[str, str]:
        ours, theirs = TEMPLATE.pairs(), self.names.pairs()
        return {old: theirs[kind] for kind, old in ours.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        ours = TEMPLATE.pairs()
        # Longer forms first: task-manager before tasks, tasks before task.
        words = "|".join(form.format(re.escape(ours[kind])) for kind, form in _FORMS.items())
        return re.compile(words)

    @cached_property
    def _table(self) -> list[Kept]:
        return [
            Kept(re.compile(row["text"]), re.compile(row.get("files", "")), row["why"])
            for row in json.loads(TABLE.read_text(encoding="utf-8"))["kept"]
        ]


def is_template_only(path: str) -> bool:
    """Whether a file of the template has no place in a project."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["template_only"]
    return any(re.fullmatch(row["files"], path) for row in rows)


# `# template only` … `# end of template only`, in whatever marks a comment in the file.
_BLOCK = re.compile(
    r"^[^\S\n]*(?:#|<!--|//)[^\S\n]*template only\b[^\n]*\n.*?"
    r"^[^\S\n]*(?:#|<!--|//)[^\S\n]*end of template only\b[^\n]*\n?",
    re.MULTILINE | re.DOTALL,
)


def without_template_blocks(text: str) -> str:
    """A text without the blocks that concern the template alone."""
    return _BLOCK.sub("", text)
