"""Questions over the bus, and what a failure of the bus means to a client.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps its
code; a bug on the other side → 500.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

from pydantic import BaseModel

from contracts.base import Query, ServiceRequest, Shape
from gateway.edge.problems import Problem, place
from services.kit.bus import Bus, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault

A = TypeVar("A", bound=Shape)
YEARS = range(1970, 2200)
MOST_NUMBER = 2**63


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

    NUL is in no text (PostgreSQL takes none), nor half a sign (UTF-8 has none); a number is finite and fits 64 bits; a
    moment lies in the years of `YEARS` (calendars end somewhere).
    """
    if _possible(message.__dict__.values()):
        return
    found = _impossible(message.__dict__, "")
    errors = [{"at": place([at]), "what": what} for at, what in islice(found, 20)]
    raise Problem("gateway.malformed", 422, errors=errors)


def _possible(values: Iterable[Any]) -> bool:
    """Looks without naming anything: nearly every message is, and this is on the way of every command."""
    for value in values:
        if isinstance(value, BaseModel):
            inner: Iterable[Any] = value.__dict__.values()
        elif isinstance(value, dict):
            inner = chain(value, value.values())
        elif isinstance(value, (list, tuple)):
            inner = value
        else:
            if wrong_with(value):
                return False
            continue
        if not _possible(inner):
            return False
    return True


def _impossible(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case BaseModel():
            yield from _impossible(value.__dict__, path)
        case dict():
            for name, each in value.items():
                if what := wrong_with(name):
                    yield path, what
                yield from _impossible(each, f"{path}.{name}" if path else str(name))
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _impossible(each, f"{path}.{number}")
        case _:
            if what := wrong_with(value):
                yield path, what


def wrong_with(value: Any) -> str:
    """In a word; "" where nothing is."""
    if isinstance(value, str):
        return "string_nul" if "\0" in value else "" if value.isascii() else _half_a_sign(value)
    if isinstance(value, datetime):
        return "" if value.year in YEARS else "datetime_range"
    if isinstance(value, (int, float)):
        return "" if -MOST_NUMBER <= value < MOST_NUMBER else "number_range"  # NaN is in no range
    return ""


def _half_a_sign(text: str) -> str:
    """A lone surrogate is in no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "string_unicode"
    return ""


def failure(error: BusError, service: str) -> Problem:
    match error:
        case NoResponder():
            return Problem("gateway.unavailable", 503, service=service)
        case BusTimeout():
            return Problem("gateway.timeout", 504, service=service)
        case RemoteFault(code="unavailable"):
            return Problem("gateway.unavailable", 503, service=service)
    return Problem("gateway.fault", 500, service=service)
