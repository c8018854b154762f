"""Questions over the bus, and what a failure of the bus means to a client.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps its
code; a bug on the other side → 500.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from contracts.base import Query, Shape
from gateway.problems import Problem
from services.kit.bus import Bus, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault

A = TypeVar("A", bound=Shape)


async def put(bus: Bus, agency: str, query: Query, answer: type[A], *, seconds: float) -> A:
    """One question within an agency. Raises Problem."""
    refuse_nul(query)
    try:
        return await bus.query(agency, query, answer, timeout=seconds)
    except QueryRefused as error:
        raise Problem.of(error.refusal) from error
    except (NoResponder, BusTimeout, RemoteFault) as error:
        raise failure(error, query.service()) from error


def refuse_nul(message: BaseModel) -> None:
    """NUL is in no text of an office, and PostgreSQL takes none. Raises Problem 422 that names the fields."""
    if found := list(_with_nul(message.__dict__, "")):
        raise Problem("gateway.malformed", 422, errors=[{"at": path, "what": "string_nul"} for path in found[:20]])


def _with_nul(value: Any, path: str) -> Iterator[str]:
    match value:
        case str():
            if "\0" in value:
                yield path
        case BaseModel():
            yield from _with_nul(value.__dict__, path)
        case dict():
            for name, each in value.items():
                yield from _with_nul(each, f"{path}.{name}" if path else str(name))
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _with_nul(each, f"{path}.{number}")


def failure(error: BusError, service: str) -> Problem:
    match error:
        case NoResponder():
            return Problem("gateway.unavailable", 503, service=service)
        case BusTimeout():
            return Problem("gateway.timeout", 504, service=service)
        case RemoteFault(code="unavailable"):
            return Problem("gateway.unavailable", 503, service=service)
    return Problem("gateway.fault", 500, service=service)
