"""The names that are given to the commands, and what follows from them."""

import keyword
import re
from dataclasses import dataclass

from scripts.base.failure import Failure

_FUNCTION = re.compile(r"[a-z]+(_[a-z]+)*")
_EVENT = re.compile(r"[A-Z][a-z]+([A-Z][a-z]+)+")
_ENTITY = re.compile(r"[a-z]+")
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH)((?: )(?:/(?:[a-z]+(?:-[a-z]+)*|\{[a-z][A-Za-z]*\}))+)")
# A role is called task-manager-ENVIRONMENT-NAME-REGION, and IAM allows 64 characters.
_LONGEST = 30


def function_name(text: str) -> str:
    """The name of a function. Raises Failure."""
    if not _FUNCTION.fullmatch(text) or len(text) > _LONGEST or keyword.iskeyword(text):
        raise Failure(
            f"{text!r} is no function's name: expected small letters and _, at most {_LONGEST}, "
            "such as get_task_age"
        )
    return text


def event_name(text: str) -> str:
    """The name of a kind of event. Raises Failure."""
    if not _EVENT.fullmatch(text):
        raise Failure(f"{text!r} is no event's name: expected what happened to what, such as TaskReopened")
    return text


def entity_name(text: str) -> str:
    """The name of an entity. Raises Failure."""
    if not _ENTITY.fullmatch(text) or keyword.iskeyword(text):
        raise Failure(f"{text!r} is no entity's name: expected one word in small letters, such as comment")
    return text


@dataclass(frozen=True)
class Route:
    """A method and the path that it is for."""

    method: str
    path: str

    @classmethod
    def parsed(cls, text: str) -> "Route":
        """A route from its text. Raises Failure."""
        found = _ROUTE.fullmatch(text)
        if not found:
            raise Failure(
                f"{text!r} is no route: expected GET, POST, PUT or PATCH and a path, "
                'such as "GET /tasks/{taskId}/age"'
            )
        return cls(found[1], found[2].strip())

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"\{(\w+)\}", self.path)


def camel(name: str) -> str:
    """`get_task_age` as a class is named: GetTaskAge."""
    return "".join(word.capitalize() for word in name.split("_"))


def lower_camel(name: str) -> str:
    """`get_task_age` as an operation is named: getTaskAge."""
    return camel(name)[0].lower() + camel(name)[1:]


def snake(name: str) -> str:
    """`TaskReopened` as a module is named: task_reopened."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def sentence(name: str) -> str:
    """`get_task_age` as words: Get task age."""
    return name.replace("_", " ").capitalize()
