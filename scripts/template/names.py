"""The names of a project and of the thing it manages, in every form that the code and the texts use.

Standard library only: copier may run this in an environment of its own.
"""

import builtins
import json
import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.words import plural_of

NAME_FORM = re.compile(r"[a-z](-?[a-z0-9])+")
NAME_LENGTHS = range(3, 21)  # as `project_name` of infra/variables.tf
WORD_FORM = re.compile(r"[a-z]{3,16}")
REFUSED_BY_COGNITO = ("aws", "amazon", "cognito")
REFUSED_BY_S3 = ("sthree-", "amzn-s3-demo-")

TABLE = Path(__file__).with_name("kept.json")


@dataclass(frozen=True)
class Names:
    """What a project is called and what it manages: `task-manager`, `task`, `tasks`."""

    name: str
    entity: str
    plural: str

    def pairs(self) -> dict[str, str]:
        """Every form of the three names, each with its kind; the same keys for all projects."""
        words = self.name.split("-")
        return {
            "kebab name": self.name,
            "snake name": "_".join(words),
            "constant name": "_".join(words).upper(),
            "class name": "".join(word.capitalize() for word in words),
            "title name": " ".join(word.capitalize() for word in words),
            "sentence name": " ".join(words).capitalize(),
            "plain name": " ".join(words),
            "plural": self.plural,
            "class plural": self.plural.capitalize(),
            "constant plural": self.plural.upper(),
            "entity": self.entity,
            "class entity": self.entity.capitalize(),
            "constant entity": self.entity.upper(),
        }


TEMPLATE = Names("task-manager", "task", "tasks")


def begins_with_vowel_sound(word: str) -> bool:
    """Whether the article before the word is `an`: an order, an hour; a user, a unit, a one-off."""
    if re.match(r"(hour|hono|heir|honest)", word, re.IGNORECASE):
        return True
    if re.match(r"(eu|ewe|one|once|uni([^mn]|$)|us[aeiu]|ut[ei]|ubi)", word, re.IGNORECASE):
        return False
    return word[:1].lower() in "aeiou"


def checked(name: str, entity: str, plural: str = "") -> Names:
    """The names, if they can be used; a Failure names the argument and what it may be.

    An empty plural is the regular one.
    """
    _check_name(name)
    _check_word("ENTITY", entity)
    plural = plural or plural_of(entity)
    _check_word("PLURAL", plural)
    if plural == entity:
        raise Failure(
            f"PLURAL: {plural!r} is ENTITY itself: a name that differs is needed, such as {plural_of(entity)}"
        )
    return Names(name, entity, plural)


def _check_name(name: str) -> None:
    if not NAME_FORM.fullmatch(name) or len(name) not in NAME_LENGTHS:
        raise Failure(
            f"NAME: {name!r} is not a project's name: 3 to 20 lower-case letters, digits and single hyphens, "
            "beginning with a letter, such as NAME=parcel-tracker"
        )
    for refused in REFUSED_BY_COGNITO:
        if refused in name:
            raise Failure(f"NAME: {name!r} contains {refused}: Cognito refuses it in a domain's prefix")
    if name.startswith(REFUSED_BY_S3):
        raise Failure(f"NAME: {name!r} begins as S3 reserves it for itself: choose another")


def _check_word(argument: str, word: str) -> None:
    if not WORD_FORM.fullmatch(word):
        raise Failure(
            f"{argument}: {word!r} is not one word of 3 to 16 lower-case letters, such as ENTITY=parcel"
        )
    languages = {
        "Python": {*keyword.kwlist, *keyword.softkwlist, *(name.lower() for name in dir(builtins))},
        **{
            language: set(words.split())
            for language, words in json.loads(TABLE.read_text(encoding="utf-8"))["reserved"].items()
        },
    }
    for language, words in languages.items():
        if word in words:
            raise Failure(f"{argument}: {word!r} is a word of {language}: choose another")
