"""What is asked of the audit: the heads of an agency's chains, and what was found broken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, func, select, update

from contracts.audit import ChainHead, ChainHeadsAnswer
from services.audit.views.beginnings import Beginning, beginnings
from services.audit.views.tables import BREACHES, HEADS, MARKS
from services.kit.codec import Checkpoint
from services.kit.operations import Mark


def heads(engine: Engine, agency: str) -> ChainHeadsAnswer:
    """The heads of one agency, and its first breach that nobody has settled."""
    with engine.connect() as connection:
        rows = connection.execute(select(HEADS).where(HEADS.c.agency == agency).order_by(HEADS.c.service)).all()
    found, began = breaches(engine, agency), beginnings(engine)
    return ChainHeadsAnswer(
        heads=tuple(
            ChainHead(
                service=row.service, agency=agency, position=row.position, count=row.count, head=bytes(row.head).hex(),
                at=row.at, **_begun(began.get(row.service)),
            )
            for row in rows
        ),
        breach=found[0] if found else None,
    )  # fmt: skip


def _begun(began: Beginning | None) -> dict[str, Any]:
    return {} if began is None else {"since": began.since, "older": began.older, "taken_over_by": began.by}


def marks(engine: Engine) -> Mapping[str, Mark]:
    """How far each log is chained, and how many events that are; what is known to be broken is not counted on."""
    chained = select(HEADS.c.service, func.sum(HEADS.c.count).label("count")).group_by(HEADS.c.service)
    broken = select(BREACHES.c.service, func.count().label("count")).group_by(BREACHES.c.service)
    with engine.connect() as connection:
        counts, less = (
            {row[0]: int(row[1]) for row in connection.execute(asked)} for asked in (chained, broken)
        )  # fmt: skip
        rows = connection.execute(select(MARKS).order_by(MARKS.c.service)).all()
    return {
        row.service: Mark(
            Checkpoint(row.store, row.epoch, row.position),
            max(counts.get(row.service, 0) - less.get(row.service, 0), 0),
        )
        for row in rows
    }


def breaches(engine: Engine, agency: str | None = None) -> list[dict[str, Any]]:
    """Those not settled, by service and position; a chain that began beside events (position 0) concerns everybody."""
    lost = [
        {"service": each.service, "agency": "", "position": 0, "sentence": each.breach, "found_at": each.since}
        for each in beginnings(engine).values()
        if each.breach
    ]
    wanted = select(BREACHES).where(BREACHES.c.settled_at.is_(None)).order_by(BREACHES.c.service, BREACHES.c.position)
    if agency is not None:
        wanted = wanted.where(BREACHES.c.agency == agency)
    with engine.connect() as connection:
        return lost + [
            {
                "service": row.service, "agency": row.agency, "position": row.position, "sentence": row.sentence,
                "found_at": row.found_at,
            }
            for row in connection.execute(wanted)
        ]  # fmt: skip


def settle(engine: Engine, body: Mapping[str, Any], at: str) -> int:
    """A person has dealt with a breach: it stays written down, with who and why. Returns how many (0 or 1)."""
    here = (BREACHES.c.service == str(body["service"])) & (BREACHES.c.position == int(body["position"]))
    values = {"settled_at": at, "settled_by": str(body["by"])[:64], "settled_why": str(body["reason"])}
    with engine.begin() as connection:
        return int(
            connection.execute(update(BREACHES).where(here, BREACHES.c.settled_at.is_(None)).values(**values)).rowcount
        )
