"""How the rows of `gateway.api.commands` are served and documented: plain ASGI, since this is the hot path.

A command's body goes straight from JSON into its class; the guard, the problems and the table of rights are those of
every other route. The framework's request machinery costs three times as much here as all else that the gateway does,
so `gateway.app` brings a request straight here from behind the outer middleware.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.base import Accepted
from gateway.api.commands import ROWS, CommandRoute, completed
from gateway.edge.client import Receipt, ServiceClient, expected_version, idempotency_key
from gateway.edge.guard import again, bounded, language_of, let_in
from gateway.edge.principals import Principals
from gateway.edge.problems import MEDIA_TYPE, Problem, answer, told

SCHEMAS = "#/components/schemas/{model}"


def command_routes(client: ServiceClient, principals: Principals, prefix: str) -> list[Route]:
    return [
        Route(f"{prefix}{row.path}", CommandWay(client, principals, row), methods=["POST"], name=row.right)
        for row in ROWS
    ]


class CommandWay:
    """From the request's bytes to the answer's, as an ASGI application of its own."""

    def __init__(self, client: ServiceClient, principals: Principals, row: CommandRoute) -> None:
        self._desk = client
        self._principals = principals
        self._row = row
        self._fixed = frozenset((*in_path(row), *row.hidden))
        self.name = self.path = row.right  # what metrics, traces and logs want to know of a route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self
        try:
            raw = await bounded(receive)
            if raw is None:
                return
            receipt = await self._carry(Knock(scope, again(raw, receive)), raw)
        except Exception as error:  # noqa: BLE001 - told here as everywhere, and logged
            request = Request(scope)
            request.state.language = language_of(request)
            await answer(request, told(error, self.path))(scope, receive, send)
            return
        headers = [
            (b"etag", b'"%d"' % receipt.accepted.version),
            (b"caraka-after", receipt.accepted.after.encode("latin-1")),
            (b"content-length", b"%d" % len(receipt.wire)),
            (b"content-type", b"application/json"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": receipt.wire})

    async def _carry(self, request: Request, raw: bytes) -> Receipt:
        row = self._row
        visitor = await let_in(request, row.right, self._principals)
        if visitor is None:
            raise Problem("gateway.login-needed", 401)  # no command is public
        said = _fields(raw, self._fixed)
        try:
            command = row.command.model_validate({**said, **request.path_params})
        except ValidationError as error:
            raise Problem("gateway.malformed", 422, errors=where_and_what(error)) from None
        command = await completed(self._desk, visitor, command)
        return await self._desk.carry(
            visitor, command, key=idempotency_key(request), expected=expected_version(request), seconds=row.seconds
        )


class Knock(Request):
    """A request whose headers are found without looking through all of them each time."""

    @property
    def headers(self) -> Headers:
        if not hasattr(self, "_headers"):
            self._headers = Found(self.scope)
        return self._headers


class Found(Headers):
    """The first of each name counts, as in the class above it."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(raw=scope["headers"])
        self._first: Mapping[bytes, bytes] = dict(reversed(self._list))

    def get(self, key: str, default: Any = None) -> Any:
        found = self._first.get(key.encode("latin-1"))  # our own names, in small letters as ASGI has them
        return default if found is None else found.decode("latin-1")


class ShortWays:
    """Finds the way of a command by how its path ends; all rows end in a word."""

    def __init__(self, routes: Sequence[Route], outer: Callable[[ASGIApp], ASGIApp]) -> None:
        """``outer``: the middleware that every request goes through."""
        self._by_end: dict[tuple[str, int], list[tuple[re.Pattern[str], ASGIApp]]] = {}
        for route in routes:
            self._by_end.setdefault(_end(route.path), []).append((route.path_regex, outer(route.endpoint)))

    def find(self, scope: Scope) -> ASGIApp | None:
        """Sets ``path_params``. None: no command's method and path, so that the framework's router has its say."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope.get("root_path"):
            return None
        path: str = scope["path"]
        for pattern, way in self._by_end.get(_end(path), ()):
            if found := pattern.match(path):
                scope["path_params"] = found.groupdict()
                return way
        return None


def _end(path: str) -> tuple[str, int]:
    return path[path.rfind("/") :], path.count("/")


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


def _body(row: CommandRoute) -> type[BaseModel]:
    fixed = {*in_path(row), *row.hidden}
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in row.command.model_fields.items() if name not in fixed
    }
    return create_model(f"{row.command.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)
