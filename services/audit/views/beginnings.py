"""Since when each log is chained, and how many of its events are older than that: nothing proves those.

Written down before there is anything to chain. A log that had events already when its chain began has lost its
evidence (or never had any): that is a breach until a person takes it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from services.audit.policy import unproven
from services.audit.views.tables import BEGINNINGS, MARKS
from services.kit.store import Log


@dataclass(frozen=True, slots=True)
class Beginning:
    """``since``: ISO, "" where it was not written down. ``older``: events there were already; ``by`` took them over."""

    service: str
    since: str
    older: int
    linked: bool
    adopted_at: str
    by: str
    why: str

    @property
    def breach(self) -> str:
        """What is wrong with it; "": nothing, or a person has taken it over."""
        return unproven(self.service, self.older, self.since) if self.older and not self.by else ""


def note(engine: Engine, service: str, log: Log, at: str) -> None:
    """Asked before a log is followed, each time; the first time it says when the chain began, and what was older."""
    with engine.begin() as connection:
        known = _known(connection, service)
        chained = connection.execute(select(MARKS.c.service).where(MARKS.c.service == service)).first() is not None
        if known is None:
            older = 0 if chained else _stored(log)
            connection.execute(insert(BEGINNINGS).values(**_row(service, "" if chained else at, older, linked=chained)))
        elif known.linked and not chained:  # it was there, and is gone: it begins again
            here = BEGINNINGS.c.service == service
            row = _row(service, at, _stored(log), linked=False)
            connection.execute(update(BEGINNINGS).where(here).values(**row))


def take_over(engine: Engine, service: str, *, by: str, why: str, at: str) -> int:
    """A person goes on although nothing proves the older events; how many those are (0: nothing was to be decided)."""
    with engine.begin() as connection:
        known = _known(connection, service)
        if known is None or not known.breach:
            return 0
        values = {"adopted_at": at, "adopted_by": by[:64], "adopted_why": why}
        connection.execute(update(BEGINNINGS).where(BEGINNINGS.c.service == service).values(**values))
        return known.older


def beginnings(engine: Engine) -> Mapping[str, Beginning]:
    with engine.connect() as connection:
        return {
            row.service: _read(row) for row in connection.execute(select(BEGINNINGS).order_by(BEGINNINGS.c.service))
        }


def _stored(log: Log) -> int:
    return log.count_anew(log.head())


def _known(connection: Connection, service: str) -> Beginning | None:
    row = connection.execute(select(BEGINNINGS).where(BEGINNINGS.c.service == service)).first()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Beginning:
    by, why = row.adopted_by or "", row.adopted_why or ""
    return Beginning(row.service, row.since, row.older, bool(row.linked), row.adopted_at or "", by, why)


def _row(service: str, since: str, older: int, *, linked: bool) -> dict[str, object]:
    return {
        "service": service, "since": since, "older": older, "linked": int(linked), "adopted_at": None,
        "adopted_by": None, "adopted_why": None,
    }  # fmt: skip
