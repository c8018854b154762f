"""Keeping the chains: a batch of events becomes links, heads and the new checkpoint in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Engine, func, insert, select

from services.audit.policy import stamp, told
from services.audit.views.tables import BREACHES, HEADS, LINKS, MARKS, METADATA
from services.kit.chain import Comparison, Difference, Link, chained
from services.kit.codec import Checkpoint, Delivery
from services.kit.database import Asked, Statements, transaction

__all__ = ["METADATA", "ChainMoved", "Chains"]

_LINKS = {"service": "text", "position": "bigint", "agency": "text", "hash": "bytea"}
_HEADS = {
    "service": "text", "agency": "text", "position": "bigint", "count": "bigint", "head": "bytea", "at": "text",
}  # fmt: skip
_GROWN = (
    "ON CONFLICT (service, agency) DO UPDATE SET position = excluded.position, head = excluded.head, at = excluded.at,"
    " count = heads.count + excluded.count"
)


class ChainMoved(Exception):
    """The events do not continue the chain, or another process has written it: look again at the checkpoint."""


@dataclass(frozen=True, slots=True)
class KnownHead:
    """How far a service is chained, and its heads: remembered between batches, for nobody else chains meanwhile."""

    checkpoint: Checkpoint | None
    heads: Mapping[str, bytes]


class _Row:
    """A delivery as the chain sees it."""

    __slots__ = ("data", "position")

    def __init__(self, delivery: Delivery) -> None:
        self.position = delivery.checkpoint.position
        self.data = delivery.data


class Chains:
    """All chains of all services. Calls block: leave the event loop with `asyncio.to_thread`."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._known: dict[str, KnownHead] = {}

    def checkpoint(self, service: str) -> Checkpoint | None:
        """How far the service's log is chained; whatever was remembered of it is looked at anew."""
        self._known.pop(service, None)
        with self._engine.connect() as connection:
            return _checkpoint(connection, service)

    def append(self, service: str, deliveries: Sequence[Delivery]) -> None:
        """Chains what is new; what was chained before is compared, and a difference kept as a breach.

        Raises ChainMoved when something is missing between, or another process has chained meanwhile.
        """
        known = self._known.pop(service, None) or self._look(service)
        stands = known.checkpoint.position if known.checkpoint else 0
        again = [each for each in deliveries if each.checkpoint.position <= stands]
        new = [each for each in deliveries if each.checkpoint.position > stands]
        if again:
            self._compare_again(service, again)
        if new:
            if known.checkpoint is not None and not known.checkpoint.same_store(new[0].checkpoint):
                raise ChainMoved(f"{service}: {new[0].checkpoint} after {known.checkpoint}")
            if new[0].previous != stands or any(b.previous != a.checkpoint.position for a, b in pairwise(new)):
                raise ChainMoved(f"{service}: {new[0].checkpoint.position} follows {new[0].previous}, not {stands}")
            known = self._extend(service, known, new)
        self._known[service] = known

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

    def _look(self, service: str) -> KnownHead:
        with self._engine.connect() as connection:
            rows = connection.execute(select(HEADS.c.agency, HEADS.c.head).where(HEADS.c.service == service))
            heads = {agency: bytes(head) for agency, head in rows}
            return KnownHead(_checkpoint(connection, service), heads)

    def _extend(self, service: str, known: KnownHead, new: Sequence[Delivery]) -> KnownHead:
        """The checkpoint is compared and set with the links: whoever chained meanwhile, nothing is written twice."""
        links = chained(service, known.heads, [_Row(each) for each in new])
        last, added = {link.agency: link for link in links}, Counter(link.agency for link in links)
        at = stamp(self._clock())
        with transaction(self._engine, piped=True) as (_, said):
            moved = _move(said, service, known.checkpoint, new[-1].checkpoint)
            if known.checkpoint is None:
                said.ask("UPDATE beginnings SET linked = 1 WHERE service = :service RETURNING service", service=service)
            said.insert(LINKS.name, _LINKS, [(service, each.position, each.agency, each.hash) for each in links])
            heads = [(service, agency, link.position, added[agency], link.hash, at) for agency, link in last.items()]
            said.insert(HEADS.name, _HEADS, heads, _GROWN)
            if not moved():
                raise ChainMoved(
                    f"{service} no longer stands at {known.checkpoint.position if known.checkpoint else 0}"
                )
        return KnownHead(new[-1].checkpoint, {**known.heads, **{agency: link.hash for agency, link in last.items()}})

    def _compare_again(self, service: str, again: Sequence[Delivery]) -> None:
        """Events that the broker gave once more."""
        first, last = again[0].checkpoint.position, again[-1].checkpoint.position
        kept = self.links(service, first - 1, last)
        comparison = Comparison(service, self.heads_before(service, first - 1))
        self.breach(service, comparison.part([_Row(each) for each in again], kept))

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


def _checkpoint(connection: Connection, service: str) -> Checkpoint | None:
    row = connection.execute(select(MARKS).where(MARKS.c.service == service)).first()
    return None if row is None else Checkpoint(row.store, row.epoch, row.position)


def _move(said: Statements, service: str, was: Checkpoint | None, now: Checkpoint) -> Asked:
    """Compares and sets: two that chain at once cannot both succeed. No row: somebody else has moved it."""
    if was is None:
        return said.ask(
            "INSERT INTO marks (service, store, epoch, position) VALUES (:service, :store, :epoch, :position)"
            " ON CONFLICT (service) DO NOTHING RETURNING service",
            service=service, store=now.store, epoch=now.epoch, position=now.position,
        )  # fmt: skip
    return said.ask(
        "UPDATE marks SET store = :store, epoch = :epoch, position = :position"
        " WHERE service = :service AND position = :was AND epoch = :was_epoch RETURNING service",
        service=service, store=now.store, epoch=now.epoch, position=now.position, was=was.position, was_epoch=was.epoch,
    )  # fmt: skip


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
