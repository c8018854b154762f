"""How the rows of `gateway.api_commands` are served and documented: plain routes, since this is the hot path.

A command's body goes straight from JSON into its class; the guard, the problems and the table of rights are those of
every other route. FastAPI's request machinery costs three times as much here as all else that the gateway does.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.routing import Route

from contracts.base import Accepted
from gateway.api_commands import ROWS, Row, completed, visitor_of
from gateway.desk import Desk, expected_version, idempotency_key
from gateway.guard import guard, language_of
from gateway.problems import MEDIA_TYPE, Problem

SCHEMAS = "#/components/schemas/{model}"


def command_routes(desk: Desk, prefix: str) -> list[Route]:
    return [Route(f"{prefix}{row.path}", _endpoint(desk, row), methods=["POST"], name=row.right) for row in ROWS]


def _endpoint(desk: Desk, row: Row) -> Callable[[Request], Awaitable[Response]]:
    named = Named(row.right)
    fixed = frozenset((*in_path(row), *row.hidden))

    async def endpoint(request: Request) -> Response:
        request.scope["route"] = named
        request.state.language = language_of(request)
        await guard(request)
        visitor = visitor_of(request)
        body = _fields(await request.body(), fixed)
        try:
            command = row.command.model_validate({**body, **request.path_params})
        except ValidationError as error:
            raise Problem("gateway.malformed", 422, errors=where_and_what(error)) from None
        command = await completed(desk, visitor, command)
        accepted = await desk.do(
            visitor, command, key=idempotency_key(request), expected=expected_version(request), seconds=row.seconds
        )
        headers = {"ETag": f'"{accepted.version}"', "Caraka-After": accepted.after}
        return Response(orjson.dumps(accepted.model_dump()), 200, headers, "application/json")

    return endpoint


class Named:
    """What the guard and the metrics want to know of a route."""

    __slots__ = ("name", "path")

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = name


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


def in_path(row: Row) -> tuple[str, ...]:
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


def _operation(row: Row, body: type[BaseModel]) -> dict[str, Any]:
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
        ],
        "requestBody": {
            "required": needed,
            "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(model=body.__name__)}}},
        },
        "responses": {
            "200": {
                "description": "Committed and synced",
                "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(model="Accepted")}}},
            },
            **dict.fromkeys(("401", "403", "404", "409", "412", "422", "503", "504"), problem),
        },
    }


def _define(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=SCHEMAS)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema


def _body(row: Row) -> type[BaseModel]:
    fixed = {*in_path(row), *row.hidden}
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in row.command.model_fields.items() if name not in fixed
    }
    return create_model(f"{row.command.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)
