"""Following an office's logs, rebuilding from them, and asking."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from contracts.base import NOBODY, Query, Reader, ReaderQuery
from services.kit.codec.envelope import decode
from services.kit.projections.generations import digest, generation_of
from services.kit.projections.projector import Projector, serving
from services.kit.projections.rebuild import Rebuilder
from services.projections.settings import Limits
from services.projections.views import ANSWERS, KINDS, VIEWS
from services.projections.views.shared.queries import Asking
from tests.unit.projections.office import SOURCES, Office

CLERK = Reader(person_id="operator", roles=("operator",))


def projector_of(engine: Engine, office: Office, **ports: Any) -> Projector:
    return Projector(engine, VIEWS, keys=office.keys, decode=decode, clock=lambda: office.now, **ports)


def rebuilder_of(engine: Engine, office: Office) -> Rebuilder:
    return Rebuilder(engine, VIEWS, office.logs, office.keys, decode, lambda: office.now)


def dice(seed: int) -> random.Random:
    """Repeatable chance."""
    return random.Random(seed)  # noqa: S311 - it shuffles a test


async def follow(
    projector: Projector, office: Office, *, chance: random.Random | None = None, batch: int = 500
) -> None:
    """Applies everything that is new; with ``chance``, in batches of odd sizes with the sources shuffled."""
    while waiting := [source for source in SOURCES if await _rest(projector, office, source)]:
        source = chance.choice(waiting) if chance else waiting[0]
        rest = await _rest(projector, office, source)
        await projector.apply(source, rest[: chance.randint(1, batch) if chance else batch])


async def _rest(projector: Projector, office: Office, source: str) -> list[Any]:
    standing = await projector.checkpoint(source)
    return office.logs[source].beyond(standing.position if standing else 0)


def digest_of(engine: Engine, number: int | None = None) -> dict[str, str]:
    with engine.connect() as connection:
        generation = serving(connection, VIEWS) if number is None else generation_of(VIEWS, number)
        return digest(connection, VIEWS, generation)


def asking_of(projector: Projector, office: Office, now: datetime) -> Asking:
    limits = Limits(wait_seconds=0.3)
    return Asking(projector, office.logs.__getitem__, dict, lambda: now, limits, SOURCES, KINDS, ANSWERS)


async def ask(projector: Projector, office: Office, query: Query, **later: float) -> Any:
    """The answer as the service gives it; ``later=`` hours after the office's last fact."""
    now = office.now + timedelta(hours=later.get("later", 0))
    asking = asking_of(projector, office, now)
    if isinstance(query, ReaderQuery) and query.reader is NOBODY:
        query = query.model_copy(update={"reader": CLERK})
    return await asking.handlers()[type(query)](office.agency, query)
