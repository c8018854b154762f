"""Questions over the bus, and what a failure of the bus means to a client.

No responder → 503 at once; timeout → 504, and the client may repeat with the same Idempotency-Key; a refusal keeps its
code; a bug on the other side → 500.
"""

from typing import TypeVar

from contracts.base import Query, Shape
from gateway.problems import Problem
from services.kit.bus import Bus, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault

A = TypeVar("A", bound=Shape)


async def put(bus: Bus, agency: str, query: Query, answer: type[A], *, seconds: float) -> A:
    """One question within an agency. Raises Problem."""
    try:
        return await bus.query(agency, query, answer, timeout=seconds)
    except QueryRefused as error:
        raise Problem.of(error.refusal) from error
    except (NoResponder, BusTimeout, RemoteFault) as error:
        raise failure(error, query.service()) from error


def failure(error: BusError, service: str) -> Problem:
    match error:
        case NoResponder():
            return Problem("gateway.unavailable", 503, service=service)
        case BusTimeout():
            return Problem("gateway.timeout", 504, service=service)
        case RemoteFault(code="unavailable"):
            return Problem("gateway.unavailable", 503, service=service)
    return Problem("gateway.fault", 500, service=service)
