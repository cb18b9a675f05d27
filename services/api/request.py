"""A request, read with care: whatever is wrong with it ends in an error that names the place."""

import base64
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.api.gateway_event import GatewayRequest
from services.api.problems import MAX_POINTER, UnsupportedContent, from_validation
from services.core.errors import FieldError, InputTooLarge, InvalidInput, MalformedInput, VersionMismatch
from services.core.task import Task
from services.core.use_cases import Precondition

# Twice what a task of the largest description and tags takes with every character escaped.
MAX_BODY_BYTES = 128 * 1024

AnyModel = TypeVar("AnyModel", bound=BaseModel)

# What is safe in log lines, events and response headers without escaping.
_SANE_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# RFC 9110, 8.8.3: a comma may stand inside a tag, too; 5.6.1.2: a list may have empty elements.
_ENTITY_TAG = r'(W/)?"([^\x00-\x20"\x7f]*)"'
_ENTITY_TAGS = re.compile(rf"[ \t,]*(?:{_ENTITY_TAG}(?:[ \t]*,[ \t,]*{_ENTITY_TAG})*)?[ \t,]*")


@dataclass(slots=True)
class Request(GatewayRequest):
    """An HTTP request as the endpoints see it, whichever front door it came through."""

    correlation_id: str = field(init=False)
    """What the client gave, if it may pass into log lines, events and headers; else a new one."""

    def __post_init__(self) -> None:
        given = self.headers.get("x-correlation-id", "")
        sane = _SANE_CORRELATION_ID.fullmatch(given)
        self.correlation_id = given if sane else secrets.token_hex(16)

    @property
    def verified_claims(self) -> Mapping[str, str] | None:
        """The claims of the caller's token; None without one."""
        return {name: str(value) for name, value in self.claims.items()} if self.claims else None

    def body(self, model: type[AnyModel]) -> AnyModel:
        """The JSON body as a model.

        Raises UnsupportedContent, MalformedInput, InvalidInput, InputTooLarge.
        """
        self._require_json()
        try:
            return model.model_validate_json(self._raw_body())
        except ValidationError as error:
            raise from_validation(error, "#") from error

    def query(self, model: type[AnyModel]) -> AnyModel:
        """The query parameters as a model, each of which is given once. Raises InvalidInput."""
        parameters = self.parameters()
        given = dict(parameters)
        if len(given) < len(parameters):
            counts = Counter(name for name, _ in parameters)
            repeated = next(name for name, times in counts.items() if times > 1)
            detail = "expected once, and given more often"
            raise InvalidInput([FieldError(f"query/{repeated}"[:MAX_POINTER], detail)])
        try:
            return model.model_validate_strings(given)
        except ValidationError as error:
            raise from_validation(error, "query") from error

    def idempotency_key(self) -> str | None:
        """The Idempotency-Key header, if given. Raises InvalidInput."""
        key = self.headers.get("idempotency-key")
        if key is not None and (not _IDEMPOTENCY_KEY.fullmatch(key) or not key.strip()):
            raise InvalidInput(
                [FieldError("header/Idempotency-Key", "expected 1 to 255 printable characters")]
            )
        return key

    def precondition(self) -> Precondition | None:
        """What If-Match and If-None-Match require before a task is written. Raises MalformedInput."""
        if "if-match" not in self.headers and "if-none-match" not in self.headers:
            return None
        wanted, known = self._if_match(), self._if_none_match()
        return lambda task: wanted(_tag(task)) and not known(_tag(task))

    def knows(self, task: Task) -> bool:
        """The same as `has`, for this version of a task."""
        return self.has(_tag(task))

    def has(self, tag: str) -> bool:
        """Whether the caller has what bears this entity tag, so that the answer is 304.

        In the order of RFC 9110, 13.2.2. Raises VersionMismatch for If-Match, and MalformedInput.
        """
        wanted, known = self._if_match(), self._if_none_match()
        if not wanted(tag):
            raise VersionMismatch("What is here now has another entity tag than If-Match names.", tag)
        return known(tag)

    def _if_match(self) -> Callable[[str], bool]:
        header = self.headers.get("if-match", "*")
        if header.strip() == "*":
            return lambda _tag: True
        # RFC 9110, 13.1.1: the comparison is strong, so a weak tag matches nothing.
        wanted = {tag for weak, tag in _entity_tags("If-Match", header) if not weak}
        return lambda tag: tag in wanted

    def _if_none_match(self) -> Callable[[str], bool]:
        header = self.headers.get("if-none-match", "")
        if header.strip() == "*":
            return lambda _tag: True
        # RFC 9110, 13.1.2: the comparison is weak.
        known = {tag for _, tag in _entity_tags("If-None-Match", header)}
        return lambda tag: tag in known

    def _require_json(self) -> None:
        # RFC 9110, 8.3: without a type, the recipient may decide; 15.5.16: the answer names what is read.
        media_type = self.headers["content-type"].partition(";")[0].strip().lower()
        if media_type not in ("", "application/json"):
            raise UnsupportedContent("The body must be application/json.", {"Accept": "application/json"})
        if self.headers["content-encoding"].strip().lower() not in ("", "identity"):
            raise UnsupportedContent("The body must not be compressed.", {"Accept-Encoding": "identity"})

    def _raw_body(self) -> bytes:
        body = self.raw_body
        if len(body) > MAX_BODY_BYTES * 4 // 3 + 4:
            raise InputTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
        try:
            raw = base64.b64decode(body, validate=True) if self.is_base64 else body.encode()
        except ValueError as error:  # not base64, not ASCII where it should be, or not Unicode
            raise MalformedInput("The body is not JSON in UTF-8.") from error
        if len(raw) > MAX_BODY_BYTES:
            raise InputTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
        if not raw.strip():
            raise MalformedInput("The body is empty; a JSON object is expected.")
        return raw


def entity_tag(task: Task) -> str:
    """The ETag of a task: its version."""
    return f'"{_tag(task)}"'


def _tag(task: Task) -> str:
    return str(task.version)


def _entity_tags(header: str, value: str) -> set[tuple[bool, str]]:
    """(is weak, tag) of each entity tag in a list of them."""
    if not _ENTITY_TAGS.fullmatch(value.strip()):
        detail = 'expected * or entity tags such as "3", as the ETag header gave them'
        raise MalformedInput(f"{header} cannot be read.", [FieldError(f"header/{header}", detail)])
    return {(weak != "", tag) for weak, tag in re.findall(_ENTITY_TAG, value)}
