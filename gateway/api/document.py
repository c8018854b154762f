"""What every operation of the OpenAPI document has in common: who may ask, and how he is told no."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.edge.principals import COOKIE, SAFE
from gateway.edge.problems import MEDIA_TYPE
from gateway.edge.rights import PUBLIC, RIGHTS

SCHEMES: Mapping[str, Any] = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "From POST /api/v1/sessions."},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "With a session's cookie, for every method but GET: `csrf` of the session's answer.",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "A machine's token, `crk_…`."},
}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457. The refusal's own details stand beside these.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:caraka:problem:gateway.malformed"]},
        "title": {"type": "string", "description": "A sentence for a person, Indonesian or English."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: programs decide by it."},
        "errors": {
            "type": "array",
            "description": "Of a 422: where, and what is wrong there. Never the value.",
            "items": {"type": "object", "properties": {"at": {"type": "string"}, "what": {"type": "string"}}},
        },
    },
}
TOLD: Mapping[str, str] = {
    "400": "Not a request that can be read.",
    "401": "No session and no token, or one that is over.",
    "403": "The role, or the relation to the case, does not allow it.",
    "404": "Unknown, or another agency's.",
    "409": "The state of the case does not allow it.",
    "412": "`If-Match` names a version that is no longer the last.",
    "413": "The body is too large.",
    "422": "Malformed, or refused as it stands.",
    "429": "Too many; `Retry-After` says when there is a place again.",
    "500": "A fault. Nothing is lost; the same request may be sent again with the same key.",
    "503": "The service is away, or full; `Retry-After`.",
    "504": "No answer in time: repeat with the same `Idempotency-Key`.",
}
CHANGING_ONLY = frozenset({"409", "412"})


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with security and problems; what the framework says of its own errors goes."""
    made: dict[str, Any] = {**document, "components": dict(document.get("components", {}))}
    parts = made["components"]
    parts["securitySchemes"] = SCHEMES
    parts["schemas"] = {
        **{name: each for name, each in parts.get("schemas", {}).items() if "ValidationError" not in name},
        "Problem": PROBLEM,
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parts["responses"] = {f"Problem{status}": {"description": why, "content": content} for status, why in TOLD.items()}
    made["paths"] = {path: dict(_operations(path, each)) for path, each in document["paths"].items()}
    return made


def _operations(path: str, item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for method, operation in item.items():
        public = RIGHTS[operation["operationId"]].roles is PUBLIC
        safe = method.upper() in SAFE
        session: dict[str, list[str]] = {"session": []} if safe else {"session": [], "csrf": []}
        own = {status: said for status, said in operation["responses"].items() if status < "400"}
        told = [
            status
            for status in TOLD
            if not (safe and status in CHANGING_ONLY) and not (status == "404" and "{" not in path and safe)
        ]
        responses = own | {status: {"$ref": f"#/components/responses/Problem{status}"} for status in told}
        yield method, {**operation, "security": [] if public else [session, {"token": []}], "responses": responses}
