"""Questions over the bus, and what a failure of the bus means to a client.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps its
code; a bug on the other side → 500.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel

from contracts.base import Query, ServiceRequest, Shape
from gateway.edge.problems import Problem
from services.kit.bus import Bus, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault

A = TypeVar("A", bound=Shape)
YEARS = range(1970, 2200)


async def put(bus: Bus, agency: str, query: Query | ServiceRequest, answer: type[A], *, seconds: float) -> A:
    """One question within an agency. Raises Problem."""
    refuse_impossible(query)
    try:
        return await bus.query(agency, query, answer, timeout=seconds)
    except QueryRefused as error:
        raise Problem.of(error.refusal) from error
    except (NoResponder, BusTimeout, RemoteFault) as error:
        raise failure(error, query.service()) from error


def refuse_impossible(message: BaseModel) -> None:
    """What no office means and some store or calendar cannot hold. Raises Problem 422 that names the fields.

    NUL is in no text (PostgreSQL takes none); a moment lies in the years of `YEARS` (calendars end somewhere).
    """
    if _possible(message.__dict__.values()):
        return
    found = _impossible(message.__dict__, "")
    raise Problem("gateway.malformed", 422, errors=[{"at": at, "what": what} for at, what in islice(found, 20)])


def _possible(values: Iterable[Any]) -> bool:
    """Looks without naming anything: nearly every message is, and this is on the way of every command."""
    for value in values:
        if isinstance(value, str):
            if "\0" in value:
                return False
        elif isinstance(value, datetime):
            if value.year not in YEARS:
                return False
        elif isinstance(value, BaseModel):
            if not _possible(value.__dict__.values()):
                return False
        elif (isinstance(value, dict) and not _possible(value.values())) or (
            isinstance(value, (list, tuple)) and not _possible(value)
        ):
            return False
    return True


def _impossible(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            if "\0" in value:
                yield path, "string_nul"
        case datetime():
            if value.year not in YEARS:
                yield path, "datetime_range"
        case BaseModel():
            yield from _impossible(value.__dict__, path)
        case dict():
            for name, each in value.items():
                yield from _impossible(each, f"{path}.{name}" if path else str(name))
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _impossible(each, f"{path}.{number}")


def failure(error: BusError, service: str) -> Problem:
    match error:
        case NoResponder():
            return Problem("gateway.unavailable", 503, service=service)
        case BusTimeout():
            return Problem("gateway.timeout", 504, service=service)
        case RemoteFault(code="unavailable"):
            return Problem("gateway.unavailable", 503, service=service)
    return Problem("gateway.fault", 500, service=service)
