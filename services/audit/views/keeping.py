"""Keeping the chains: a batch of events becomes links, heads and the new mark in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Engine, func, insert, select, update

from services.audit.policy import stamp, told
from services.audit.views.tables import BREACHES, HEADS, LINKS, MARKS, METADATA
from services.kit.chain import Comparison, Difference, Link, Stored, chained
from services.kit.marks import Delivery, Mark

__all__ = ["METADATA", "Chains", "OutOfOrder"]


class OutOfOrder(Exception):
    """The events do not continue the chain, or another process has written it: look again at the mark."""


class _Row:
    """A delivery as the chain sees it."""

    __slots__ = ("data", "position")

    def __init__(self, delivery: Delivery) -> None:
        self.position = delivery.mark.position
        self.data = delivery.data


class Chains:
    """All chains of all services. Calls block: leave the event loop with `asyncio.to_thread`."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def mark(self, service: str) -> Mark | None:
        """How far the service's log is chained."""
        with self._engine.connect() as connection:
            return _mark(connection, service)

    def append(self, service: str, deliveries: Sequence[Delivery]) -> None:
        """Chains what is new; what was chained before is compared, and a difference kept as a breach.

        Raises OutOfOrder when something is missing between, or another process has chained meanwhile.
        """
        with self._engine.begin() as connection:
            mark = _mark(connection, service)
            stands = mark.position if mark else 0
            again = [each for each in deliveries if each.mark.position <= stands]
            new = [each for each in deliveries if each.mark.position > stands]
            self._compare_again(connection, service, again)
            if not new:
                return
            if mark is not None and not mark.same_store(new[0].mark):
                raise OutOfOrder(f"{service}: {new[0].mark} after {mark}")
            if new[0].previous != stands or any(b.previous != a.mark.position for a, b in pairwise(new)):
                raise OutOfOrder(f"{service}: {new[0].mark.position} follows {new[0].previous}, not {stands}")
            self._extend(connection, service, [_Row(each) for each in new])
            _move(connection, service, mark, new[-1].mark)

    def links(self, service: str, after: int, until: int) -> list[Link]:
        """The kept links of positions in (after, until], in order."""
        wanted = (
            select(LINKS.c.agency, LINKS.c.position, LINKS.c.hash)
            .where(LINKS.c.service == service, LINKS.c.position > after, LINKS.c.position <= until)
            .order_by(LINKS.c.position)
        )
        with self._engine.connect() as connection:
            return [Link(row.agency, row.position, bytes(row.hash)) for row in connection.execute(wanted)]

    def heads_before(self, service: str, position: int) -> dict[str, bytes]:
        """Agency → the kept hash of its last event at or before a position."""
        if position <= 0:
            return {}
        with self._engine.connect() as connection:
            return _heads_at(connection, service, position)

    def breach(self, service: str, differences: Iterable[Difference]) -> int:
        """Keeps what was found; returns how many of them are new."""
        with self._engine.begin() as connection:
            return self._keep(connection, service, differences)

    def _extend(self, connection: Connection, service: str, rows: Sequence[Stored]) -> None:
        heads = {
            row.agency: row for row in connection.execute(select(HEADS).where(HEADS.c.service == service))
        }  # one row per agency
        links = chained(service, {agency: bytes(row.head) for agency, row in heads.items()}, rows)
        _add(connection, service, links)
        last, added = {link.agency: link for link in links}, dict.fromkeys([link.agency for link in links], 0)
        for link in links:
            added[link.agency] += 1
        at = stamp(self._clock())
        for agency, link in last.items():
            values = {"position": link.position, "head": link.hash, "at": at}
            if agency in heads:
                mine = (HEADS.c.service == service) & (HEADS.c.agency == agency)
                connection.execute(update(HEADS).where(mine).values(count=HEADS.c.count + added[agency], **values))
            else:
                connection.execute(insert(HEADS).values(service=service, agency=agency, count=added[agency], **values))

    def _compare_again(self, connection: Connection, service: str, again: Sequence[Delivery]) -> None:
        """Events that the broker gave once more."""
        if not again:
            return
        first, last = again[0].mark.position, again[-1].mark.position
        kept = [
            Link(row.agency, row.position, bytes(row.hash))
            for row in connection.execute(
                select(LINKS)
                .where(LINKS.c.service == service, LINKS.c.position >= first, LINKS.c.position <= last)
                .order_by(LINKS.c.position)
            )
        ]
        comparison = Comparison(service, _heads_at(connection, service, first - 1))
        self._keep(connection, service, comparison.part([_Row(each) for each in again], kept))

    def _keep(self, connection: Connection, service: str, differences: Iterable[Difference]) -> int:
        new = 0
        for each in differences:
            here = (BREACHES.c.service == service) & (BREACHES.c.position == each.position)
            if connection.execute(select(BREACHES.c.position).where(here)).first() is None:
                connection.execute(
                    insert(BREACHES).values(
                        service=service, position=each.position, agency=each.agency, sentence=told(service, each),
                        found_at=stamp(self._clock()),
                    )
                )  # fmt: skip
                new += 1
        return new


def _add(connection: Connection, service: str, links: Sequence[Link]) -> None:
    rows = [{"service": service, "position": each.position, "agency": each.agency, "hash": each.hash} for each in links]
    if connection.dialect.name != "postgresql":
        connection.execute(insert(LINKS), rows)
        return
    columns = [[row[name] for row in rows] for name in LINKS.columns.keys()]  # noqa: SIM118 - a collection, no mapping
    names = ", ".join(LINKS.columns.keys())
    lists = ", ".join(f"%b::{column.type.compile(connection.dialect)}[]" for column in LINKS.columns)
    connection.exec_driver_sql(f"INSERT INTO {LINKS.name} ({names}) SELECT * FROM unnest({lists})", tuple(columns))  # noqa: S608 - names of ours


def _mark(connection: Connection, service: str) -> Mark | None:
    row = connection.execute(select(MARKS).where(MARKS.c.service == service)).first()
    return None if row is None else Mark(row.store, row.epoch, row.position)


def _move(connection: Connection, service: str, was: Mark | None, now: Mark) -> None:
    """Compares and sets: two that chain at once cannot both succeed."""
    values = {"store": now.store, "epoch": now.epoch, "position": now.position}
    if was is None:
        connection.execute(insert(MARKS).values(service=service, **values))
        return
    here = (MARKS.c.service == service) & (MARKS.c.position == was.position) & (MARKS.c.epoch == was.epoch)
    if connection.execute(update(MARKS).where(here).values(**values)).rowcount != 1:
        raise OutOfOrder(f"{service} no longer stands at {was.position}")


def _heads_at(connection: Connection, service: str, position: int) -> dict[str, bytes]:
    agencies = connection.scalars(select(HEADS.c.agency).where(HEADS.c.service == service)).all()
    found: dict[str, bytes] = {}
    for agency in agencies:
        mine = (LINKS.c.service == service) & (LINKS.c.agency == agency) & (LINKS.c.position <= position)
        last = select(func.max(LINKS.c.position)).where(mine).scalar_subquery()
        kept = connection.scalar(select(LINKS.c.hash).where(LINKS.c.service == service, LINKS.c.position == last))
        if kept is not None:
            found[agency] = bytes(kept)
    return found
