"""After a restore: chaining goes on from what the restored log and the chains share; the old heads are kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from services.audit.views.keeping import Chains
from services.audit.views.tables import BREACHES, EPOCHS, HEADS, LINKS, MARKS
from services.kit.chain import Comparison
from services.kit.store import Log

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class AdoptedStore:
    """``common``: the last position that both have; ``lost``: chained events beyond it, which the log lacks."""

    common: int
    lost: int


def adopt(engine: Engine, chains: Chains, service: str, log: Log, *, by: str, reason: str, at: str) -> AdoptedStore:  # noqa: PLR0913 - what such an act is made of
    """Raises LookupError where the log is still the one that was chained."""
    checkpoint, name = chains.checkpoint(service), log.store_id
    if checkpoint is None or (checkpoint.store, checkpoint.epoch) == (name.store, name.epoch):
        raise LookupError(f"{service}: the log is the one that was chained; there is nothing to adopt")
    common = _common(engine, chains, service, log, checkpoint.position)
    with engine.begin() as connection:
        heads = connection.execute(select(HEADS).where(HEADS.c.service == service)).all()
        connection.execute(
            insert(EPOCHS),
            [
                {
                    "service": service, "store": checkpoint.store, "epoch": checkpoint.epoch, "agency": head.agency,
                    "position": head.position, "count": head.count, "head": head.head, "common": common,
                    "closed_at": at, "closed_by": by[:64], "closed_why": reason,
                }
                for head in heads
            ],
        )  # fmt: skip
        beyond = (LINKS.c.service == service) & (LINKS.c.position > common)
        lost = connection.execute(delete(LINKS).where(beyond)).rowcount
        for head in heads:
            _shorten(connection, service, head.agency)
        # Found of what is lost now: the closed epoch says it, and new events may stand at these positions.
        connection.execute(delete(BREACHES).where(BREACHES.c.service == service, BREACHES.c.position > common))
        moved = {"store": name.store, "epoch": name.epoch, "position": common}
        connection.execute(update(MARKS).where(MARKS.c.service == service).values(**moved))
    return AdoptedStore(common, int(lost))


def _common(engine: Engine, chains: Chains, service: str, log: Log, until: int) -> int:
    """The position before the first difference that is not known as a breach already."""
    with engine.connect() as connection:
        known = set(connection.scalars(select(BREACHES.c.position).where(BREACHES.c.service == service)))
    comparison, after = Comparison(service, {}), 0
    while rows := [row for row in log.read(after, CHUNK) if row.position <= until]:
        kept = chains.links(service, after, rows[-1].position)
        for difference in comparison.part(rows, kept):
            if difference.position not in known:
                return max((row.position for row in rows if row.position < difference.position), default=after)
        after = rows[-1].position
    return after


def _shorten(connection: Connection, service: str, agency: str) -> None:
    mine = (LINKS.c.service == service) & (LINKS.c.agency == agency)
    here = (HEADS.c.service == service) & (HEADS.c.agency == agency)
    count, last = connection.execute(select(func.count(), func.max(LINKS.c.position)).where(mine)).one()
    if last is None:
        connection.execute(delete(HEADS).where(here))
        return
    head = connection.scalar(select(LINKS.c.hash).where(mine, LINKS.c.position == last))
    connection.execute(update(HEADS).where(here).values(count=count, position=last, head=head))
