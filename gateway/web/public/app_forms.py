"""A stranger's form as JSON: the fields of the page under the contract's names, held to the same rules.

What the page would not ask is refused here and not passed over: whoever sent it would believe that it was kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from fastapi import Request

from gateway.edge.bodies import body_of
from gateway.edge.problems import Problem, place
from gateway.edge.proofs import LONGEST
from gateway.web.forms import NEEDED, TOO_LONG
from gateway.web.public.kinds import FILES, MOST_TOKENS, AppForm, Asked, PublicForm, always

PROOF = "proof"
MOST_ERRORS = 20
WHAT: Mapping[str, str] = {NEEDED: "missing", TOO_LONG: "string_too_long"}
Wrong = tuple[str, str]
"""Where, and what is wrong there."""


async def object_of(request: Request) -> dict[str, Any]:
    """The body. That it says it is JSON is asked for: no foreign site's form can send that. Raises Problem 422."""
    if "application/json" not in request.headers.get("content-type", "").lower():
        raise malformed([("Content-Type", "application_json_expected")])
    try:
        said = orjson.loads(await body_of(request))
    except orjson.JSONDecodeError:
        raise malformed([("", "json_invalid")]) from None
    if not isinstance(said, dict):
        raise malformed([("", "object_expected")])
    return said


def malformed(wrong: list[Wrong]) -> Problem:
    errors = [{"at": place([at]) if at else "", "what": what} for at, what in wrong[:MOST_ERRORS]]
    return Problem("gateway.malformed", 422, errors=errors)


def texts(said: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """Fields that are texts and must be there, and no others. Raises Problem 422."""
    wrong = [(name, "string_type") for name in names if not isinstance(said.get(name), str)]
    if wrong := [*wrong, *((name, "extra_forbidden") for name in said if name not in names)]:
        raise malformed(wrong)
    return tuple(said[name] for name in names)


def read(form: PublicForm, app: AppForm, said: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Values by the form's own names, as the page would have read them, and the proof of work. Raises Problem 422."""
    wrong: list[Wrong] = [(name, "extra_forbidden") for name in said if name not in app.names and name != PROOF]
    values: dict[str, str] = {}
    unasked: list[str] = []
    for name, asked in fields(form, app):
        text, no = _text(app, asked, name, said[name]) if name in said else ("", "")
        exists = asked.only(values)
        values[asked.name] = text if exists else ""
        if text and not exists:
            unasked.append(name)
        if no or (exists and (no := _wrong(asked, text))):
            wrong.append((name, no))
    proof = said.get(PROOF, "")
    if not isinstance(proof, str):
        wrong.append((PROOF, "string_type"))
    if wrong:
        raise malformed(wrong)
    if unasked:
        raise Problem(app.unasked, 422, errors=[{"at": name, "what": "not_asked"} for name in unasked])
    return values, str(proof)


def schema(form: PublicForm, app: AppForm) -> dict[str, Any]:
    """The same for the document of the API."""
    told = dict(fields(form, app))
    properties = {name: _property(app, asked, name) for name, asked in told.items()}
    properties[PROOF] = {
        "type": "string",
        "maxLength": LONGEST,
        "description": "Of work done for the challenge of the same `Idempotency-Key`; without one few may be sent.",
    }
    needed = [name for name, asked in told.items() if asked.need and asked.only is always]
    return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}


def fields(form: PublicForm, app: AppForm) -> Iterator[tuple[str, Asked]]:
    """In the order of the form, which its conditions need."""
    there = {here: name for name, here in app.names.items()}
    return ((there[asked.name], asked) for asked in form.asked)


def _text(app: AppForm, asked: Asked, name: str, value: Any) -> tuple[str, str]:
    """As the form has it, and what is wrong with its kind; empty: nothing."""
    if asked.kind != FILES and name not in app.lists:
        return (value.strip().replace("\r\n", "\n"), "") if isinstance(value, str) else ("", "string_type")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return "", "list_type"
    if len(value) > app.lists.get(name, len(value)):
        return "", "too_long"
    return (" " if asked.kind == FILES else "\n").join(filter(None, map(str.strip, value))), ""


def _wrong(asked: Asked, text: str) -> str:
    no = asked.wrong(text)
    return WHAT.get(no, "missing" if not text else "enum") if no else ""


def _property(app: AppForm, asked: Asked, name: str) -> dict[str, Any]:
    most = MOST_TOKENS if asked.kind == FILES else asked.most
    text: dict[str, Any] = {"type": "string", "maxLength": most}
    if asked.choices:
        text = {"type": "string", "enum": [each.value for each in asked.choices]}
    if asked.kind == FILES:
        return {"type": "array", "items": text, "description": "The `token` of each stored file."}
    if name in app.lists:
        return {"type": "array", "items": text, "maxItems": app.lists[name]}
    return text if asked.only is always else {**text, "description": "Where the other answers leave room for it."}
