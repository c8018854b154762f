"""How the rows of `gateway.api.commands` are served and documented.

A body is read and checked when the guard has let its sender in, and nobody else is told what is wrong with his.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.routing import Match, Route
from starlette.types import Scope

from contracts.base import Accepted, Command
from gateway.api.commands import ROWS, CommandRoute, completed, settle, visitor_of
from gateway.edge.bodies import body_of
from gateway.edge.client import ServiceClient, expected_version, idempotency_key
from gateway.edge.codes import Codes
from gateway.edge.guard import guard
from gateway.edge.prefer import DEFAULT_SECONDS, MOST_SECONDS
from gateway.edge.principals import Visitor
from gateway.edge.problems import MEDIA_TYPE, Problem

PREFER = (
    f"`wait` or `wait=N` (RFC 7240; {DEFAULT_SECONDS} seconds, {MOST_SECONDS} at most): the answer comes when every"
    " reading covers this write, and says `Preference-Applied: wait`. Without that word it was not so in time: what was"
    " asked is done all the same, and `?after=` of the answer reads it."
)
TEXT: Mapping[str, Any] = {"schema": {"type": "string"}}
ANSWERED: Mapping[str, Any] = {
    "ETag": {"description": "The case's version now.", **TEXT},
    "Caraka-After": {"description": "`after` of the answer: for `?after=` of a reading.", **TEXT},
    "Preference-Applied": {"description": "`wait`: readings cover this write already.", **TEXT},
}
CODED = (
    "Committed and synced. `result` has the `number` and the `code` by which who brought it follows his case: give him"
    " both. The code is kept nowhere; sent again under the same key it is the same."
)
SCHEMAS = "#/components/schemas/{model}"


def command_routes(client: ServiceClient, codes: Codes, prefix: str) -> list[Guarded]:
    return [Guarded(f"{prefix}{row.path}", _handler(client, codes, row), row.right) for row in ROWS]


class Guarded(Route):
    """Starlette's route behind the application's guard: FastAPI's own costs three times as much, and what it does for
    that (parameters, dependencies, a schema of each) is no use here.
    """

    def __init__(self, path: str, handle: Callable[[Request], Awaitable[Response]], name: str) -> None:
        async def guarded(request: Request) -> Response:
            await guard(request)
            return await handle(request)

        super().__init__(path, guarded, methods=["POST"], name=name)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Names the route for guard, metrics and traces, as FastAPI's own do."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def _handler(client: ServiceClient, codes: Codes, row: CommandRoute) -> Callable[[Request], Awaitable[Response]]:
    fixed = frozenset((*in_path(row), *row.hidden))

    async def handle(request: Request) -> Response:
        visitor = visitor_of(request)
        command = _command(row.command, {**_fields(await body_of(request), fixed), **request.path_params})
        accepted = await client.do(
            visitor,
            await completed(client, visitor, command),
            key=idempotency_key(request),
            expected=expected_version(request),
            seconds=row.seconds,
        )
        if row.coded:
            accepted = await _with_code(codes, visitor, accepted)
        response = Response(accepted.model_dump_json(), media_type="application/json")
        await settle(client, request, response, accepted)
        return response

    return handle


async def _with_code(codes: Codes, visitor: Visitor, accepted: Accepted) -> Accepted:
    """It is computed here, and no service has it; asked again under the same key it is the same."""
    code = await codes.of(visitor.agency, accepted.command_id)
    return accepted.model_copy(update={"result": {**accepted.result, "code": code.shown}})


def _command(kind: type[Command], said: dict[str, Any]) -> Command:
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise Problem("gateway.malformed", 422, errors=where_and_what(error)) from None


def _fields(raw: bytes, fixed: frozenset[str]) -> dict[str, Any]:
    """The body as an object; what the path says or the service fills in may not be said by a client."""
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        raise Problem("gateway.malformed", 422, errors=[{"at": "", "what": "json_invalid"}]) from None
    if not isinstance(body, dict):
        raise Problem("gateway.malformed", 422, errors=[{"at": "", "what": "object_expected"}])
    if said := sorted(fixed & body.keys()):
        raise Problem("gateway.malformed", 422, errors=[{"at": name, "what": "extra_forbidden"} for name in said])
    return body


def where_and_what(error: ValidationError) -> list[dict[str, str]]:
    """Never the value: it may be personal."""
    found = error.errors(include_url=False, include_input=False, include_context=False)[:20]
    return [{"at": ".".join(str(step) for step in one["loc"])[:200], "what": one["type"]} for one in found]


def in_path(row: CommandRoute) -> tuple[str, ...]:
    return tuple(name for name in row.command.model_fields if f"{{{name}}}" in row.path)


@lru_cache(maxsize=4)
def openapi(app: FastAPI, prefix: str) -> dict[str, Any]:
    """FastAPI's document of the other routes, with the commands put in."""
    document: dict[str, Any] = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _define(schemas, Accepted)
    for row in ROWS:
        body = _body(row)
        _define(schemas, body)
        document["paths"].setdefault(f"{prefix}{row.path}", {})["post"] = _operation(row, body)
    return document


def _operation(row: CommandRoute, body: type[BaseModel]) -> dict[str, Any]:
    fields = row.command.model_json_schema()["properties"]
    header = {"in": "header", "required": False, "schema": {"type": "string"}}
    needed = any(field.is_required() for field in body.model_fields.values())
    problem = {"description": "RFC 9457 problem with a stable code", "content": {MEDIA_TYPE: {}}}
    return {
        "tags": [row.path.split("/")[1]],
        "operationId": row.right,
        "summary": (row.command.__doc__ or row.command.kebab()).strip().splitlines()[0],
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": fields[n]} for n in in_path(row)),
            {"name": "Idempotency-Key", **header},
            {"name": "If-Match", **header},
            {"name": "Prefer", **header, "description": PREFER},
        ],
        "requestBody": {
            "required": needed,
            "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(model=body.__name__)}}},
        },
        "responses": {
            "200": {
                "description": CODED if row.coded else "Committed and synced",
                "headers": ANSWERED,
                "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(model="Accepted")}}},
            },
            **dict.fromkeys(("401", "403", "404", "409", "412", "422", "503", "504"), problem),
        },
    }


def _define(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=SCHEMAS)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema


def _body(row: CommandRoute) -> type[BaseModel]:
    fixed = {*in_path(row), *row.hidden}
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in row.command.model_fields.items() if name not in fixed
    }
    return create_model(f"{row.command.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)
