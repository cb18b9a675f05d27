"""The page GET /docs/events: docs/asyncapi.json for people, as one HTML document without a script."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from scripts.base.paths import ROOT
from scripts.build.content_security import policy, source, tag

ASYNCAPI = ROOT / "docs/asyncapi.json"
TEMPLATE = Path(__file__).with_suffix(".html")
STYLE = Path(__file__).with_suffix(".css")

_DAY = 24 * 3600
_BUS = "bus"

Json = dict[str, Any]


def page() -> str:
    """The built page as JSON: `html`, its `content_security_policy`, and the `tag` of this content."""
    style = STYLE.read_text(encoding="utf-8")
    html = render(json.loads(ASYNCAPI.read_text(encoding="utf-8")), style)
    built = {"html": html, "content_security_policy": policy(f"style-src {source(style)}"), "tag": tag(html)}
    return json.dumps(built, ensure_ascii=False)


def sources() -> list[Path]:
    """The files that the page is made from."""
    return [ASYNCAPI, TEMPLATE, STYLE]


def render(document: Json, style: str) -> str:
    """The HTML of an AsyncAPI document."""
    names = list(document["components"]["messages"])
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        style=style,
        description=_code(document["info"]["description"]),
        contents="".join(f'<li><a href="#{name}">{name}</a></li>' for name in names),
        events="".join(_event(name, document) for name in names),
    )


def _event(name: str, document: Json) -> str:
    message = document["components"]["messages"][name]
    (example,) = message["examples"]
    fields = _fields({"$ref": f"#/components/schemas/{name}"}, document["components"]["schemas"])
    sample = json.dumps(example["payload"], indent=2, ensure_ascii=False)
    return f"""<section id="{name}" aria-labelledby="{name}-title">
      <h2 id="{name}-title">{name}</h2>
      <p>{_code(message["summary"])}</p>
      <h3>Published</h3>
      {"".join(_producer(operation, document) for operation in _operations("send", name, document))}
      <h3>Received</h3>
      {_table(("function", "queue", "retries", "dead letters", "redrive"), _consumers(name, document))}
      <details><summary>Schema of the detail</summary>
      {_table(("field", "form", "meaning"), fields)}</details>
      <details><summary>Sample</summary><pre tabindex="0">{escape(sample)}</pre></details>
    </section>"""


def _producer(operation: tuple[str, Json], document: Json) -> str:
    name, _ = operation
    bus = document["channels"][_BUS]
    return (
        f"<p>by <code>{name}</code>, on the bus <code>{escape(bus['address'])}</code>. "
        f"{escape(bus['description'])}</p>"
    )


def _consumers(name: str, document: Json) -> Iterator[tuple[str, ...]]:
    for function, operation in _operations("receive", name, document):
        queue_name = operation["channel"]["$ref"].rpartition("/")[2]
        channel = document["channels"][queue_name]
        bound = channel["bindings"]["sqs"]
        queue, dead_letters = bound["queue"], bound["deadLetterQueue"]
        receives = queue["redrivePolicy"]["maxReceiveCount"]
        yield (
            f"<code>{function}</code><br>{escape(operation['summary'])}",
            _kept(queue),
            f"received up to {receives} times, {queue['visibilityTimeout']} s apart",
            _kept(dead_letters),
            f"<code>make redrive QUEUE={queue_name}</code>",
        )


def _kept(queue: Json) -> str:
    return f"<code>{escape(queue['name'])}</code>, kept {queue['messageRetentionPeriod'] // _DAY} days"


def _operations(action: str, event: str, document: Json) -> Iterator[tuple[str, Json]]:
    for name, operation in document["operations"].items():
        carried = {message["$ref"].rpartition("/")[2] for message in operation["messages"]}
        if operation["action"] == action and event in carried:
            yield name, operation


def _fields(schema: Json, schemas: Json, path: str = "") -> Iterator[tuple[str, ...]]:
    """A row for each field, with those of objects in it."""
    schema, _ = _followed(schema, schemas)
    required = schema.get("required", ())
    for name, property_ in schema.get("properties", {}).items():
        inner, nullable = _followed(property_, schemas)
        notes = [*([] if name in required else ["optional"]), *(["may be null"] if nullable else [])]
        yield (
            f"<code>{escape(path + name)}</code>",
            escape(", ".join([_form(inner), *notes])),
            _code(inner.get("description", "")),
        )
        yield from _fields(inner, schemas, f"{path}{name}.")
        if isinstance(inner.get("additionalProperties"), dict):
            yield from _fields(inner["additionalProperties"], schemas, f"{path}{name}.*.")


def _form(schema: Json) -> str:
    """What a value looks like."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if schema.get("type") == "array":
        return f"array of {schema.get('items', {}).get('type', 'anything')}"
    pattern = f" {schema['pattern']}" if "pattern" in schema else ""
    return f"{schema.get('type', 'anything')}{pattern}"


def _followed(schema: Json, schemas: Json) -> tuple[Json, bool]:
    """The schema itself, without references, and whether null is allowed beside it."""
    options = schema.get("anyOf", [schema])
    plain = [option for option in options if option.get("type") != "null"]
    found = plain[0] if len(plain) == 1 else schema
    nullable = len(plain) < len(options)
    if "$ref" in found:
        found, inner = _followed(schemas[found["$ref"].rpartition("/")[2]], schemas)
        nullable = nullable or inner
    return found, nullable


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def _code(text: str) -> str:
    """Text with what is in backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
