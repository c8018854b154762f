"""Where cases wait whose reaction was refused or failed for good: in the service's own place, visible, in order.

The first event of a case that could not be answered is *failed*; what comes later for the same case *waits* behind it.
A person lets the failed one be tried again (`replay`) or sets it aside with a reason (`discard`); the reactor does the
rest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from contracts.subjects import agency_of
from services.kit.codec.position import Checkpoint

METADATA = MetaData()
CHECKPOINTS = Table(
    "reaction_marks",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("store", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)
PARKED = Table(
    "parked",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("event_key", String(100), primary_key=True),
    Column("agency", String(32), nullable=False, server_default=""),
    Column("case_id", String(200), nullable=False),
    Column("store", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("subject", String(300), nullable=False),
    Column("kind", String(200), nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("reason", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", String(64)),
    Column("closed_why", Text),
)
OPEN = ("failed", "waiting", "replay")


def migrate(engine: Engine) -> None:
    """Makes the tables that are missing, and the column of the agency where they are older than it.

    A state that was once called *blamed* gets its name of today.
    """
    METADATA.create_all(engine)
    known = {column["name"] for column in inspect(engine).get_columns(PARKED.name)}
    with engine.begin() as connection:
        if "agency" not in known:
            connection.execute(text("ALTER TABLE parked ADD COLUMN agency VARCHAR(32) NOT NULL DEFAULT ''"))
        connection.execute(update(PARKED).where(PARKED.c.state == "blamed").values(state="failed"))
        unnamed = select(PARKED.c.subject).where(PARKED.c.agency == "").distinct()
        for subject in connection.execute(unnamed).scalars().all():
            of_subject = update(PARKED).where(PARKED.c.agency == "", PARKED.c.subject == subject)
            connection.execute(of_subject.values(agency=agency_of(subject)))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """``state``: failed, waiting, replay (will be tried), done, discarded. ``detail`` is JSON, nothing personal."""

    source: str
    event_key: str
    case_id: str
    checkpoint: Checkpoint
    subject: str
    kind: str
    state: str
    reason: str
    detail: str
    data: bytes


@dataclass(frozen=True, slots=True)
class DeadLetterCase:
    """A case as the operations room shows it; ``waiting`` counts the events behind the failed one."""

    agency: str
    source: str
    case_id: str
    kind: str
    reason: str
    detail: str
    since: datetime
    waiting: int
    state: str


class DeadLetters:
    """The dead letters and the reactions' checkpoints of one service. Calls block: leave the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def checkpoint(self, source: str) -> Checkpoint | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.source == source)).one_or_none()
        return None if row is None else Checkpoint(row.store, row.epoch, row.position)

    def save(self, source: str, checkpoint: Checkpoint, parked: Sequence[DeadLetter]) -> None:
        """The checkpoint and what was parked on the way to it, together."""
        try:
            self._save(source, checkpoint, parked)
        except IntegrityError:  # a second reactor (its lease is being lost) has just written the same: it is known now
            self._save(source, checkpoint, parked)

    def start_over(self, source: str) -> None:
        """Forgets the checkpoint: everything is reacted to again, harmlessly, since the command ids are the same."""
        with self._engine.begin() as connection:
            connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.source == source))

    def open_events(self, source: str) -> dict[str, list[DeadLetter]]:
        """By case, in order."""
        wanted = (
            select(PARKED)
            .where(PARKED.c.source == source, PARKED.c.state.in_(OPEN))
            .order_by(PARKED.c.epoch, PARKED.c.position)
        )
        cases: dict[str, list[DeadLetter]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(wanted):
                checkpoint = Checkpoint(row.store, row.epoch, row.position)
                event = DeadLetter(
                    source, row.event_key, row.case_id, checkpoint, row.subject, row.kind, row.state, row.reason,
                    row.detail, row.bytes,
                )  # fmt: skip
                cases.setdefault(row.case_id, []).append(event)
        return cases

    def closed(self, source: str, keys: Sequence[str]) -> set[str]:
        """Those of the events that a person has dealt with: they are not reacted to again."""
        wanted = select(PARKED.c.event_key).where(
            PARKED.c.source == source, PARKED.c.event_key.in_(keys), PARKED.c.state.not_in(OPEN)
        )
        with self._engine.connect() as connection:
            return set(connection.execute(wanted).scalars())

    def cases(self, agencies: Collection[str] | None = None) -> list[DeadLetterCase]:
        """The open cases of these agencies, the oldest first; None: of all."""
        wanted = select(PARKED).where(PARKED.c.state.in_(OPEN)).order_by(PARKED.c.epoch, PARKED.c.position)
        if agencies is not None:
            wanted = wanted.where(PARKED.c.agency.in_(agencies))
        rows: dict[tuple[str, str, str], DeadLetterCase] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(wanted):
                key = (row.agency, row.source, row.case_id)
                first = rows.get(key)
                if first is not None:
                    rows[key] = replace(first, waiting=first.waiting + 1)
                    continue
                since = row.parked_at if row.parked_at.tzinfo else row.parked_at.replace(tzinfo=UTC)
                rows[key] = DeadLetterCase(
                    row.agency, row.source, row.case_id, row.kind, row.reason, row.detail, since, 0, row.state
                )
        return sorted(rows.values(), key=lambda case: case.since)

    def settled(self, agency: str, case_id: str) -> bool:
        """Whether this agency has had the case, and nothing of it is open any more."""
        wanted = select(PARKED.c.state).where(*_of(agency, case_id))
        with self._engine.connect() as connection:
            states = set(connection.execute(wanted).scalars())
        return bool(states) and states.isdisjoint(OPEN)

    def replay(self, agency: str, case_id: str) -> int:
        """Lets the failed events of an agency's case be tried again; how many there are (0: it has no such case)."""
        with self._engine.begin() as connection:
            failed = update(PARKED).where(*_of(agency, case_id), PARKED.c.state == "failed")
            return int(connection.execute(failed.values(state="replay")).rowcount)

    def discard(self, agency: str, case_id: str, *, reason: str, by: str) -> int:
        """Sets the failed events of a case aside; those behind them are tried. Returns how many (0: no such case)."""
        with self._engine.begin() as connection:
            failed = update(PARKED).where(*_of(agency, case_id), PARKED.c.state.in_(("failed", "replay")))
            closed = {"closed_at": datetime.now(UTC), "closed_by": by, "closed_why": reason}
            return int(connection.execute(failed.values(state="discarded", **closed)).rowcount)

    def settle(self, event: DeadLetter, state: str, reason: str = "", detail: str = "") -> None:
        """The reactor has tried: ``done``, or ``failed`` with the new reason."""
        values: dict[str, object] = {"state": state}
        if state == "done":
            values |= {"closed_at": datetime.now(UTC), "closed_by": "reactor", "closed_why": ""}
        else:
            values |= {"reason": reason, "detail": detail}
        wanted = (PARKED.c.source == event.source, PARKED.c.event_key == event.event_key, PARKED.c.state.in_(OPEN))
        with self._engine.begin() as connection:
            connection.execute(update(PARKED).where(*wanted).values(values))

    def _save(self, source: str, checkpoint: Checkpoint, parked: Sequence[DeadLetter]) -> None:
        values = {"store": checkpoint.store, "epoch": checkpoint.epoch, "position": checkpoint.position}
        with self._engine.begin() as connection:
            self._insert(connection, source, parked)
            if (
                connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.source == source).values(values)).rowcount
                == 0
            ):
                connection.execute(insert(CHECKPOINTS).values(source=source, **values))

    def _insert(self, connection: Connection, source: str, parked: Sequence[DeadLetter]) -> None:
        if not parked:
            return
        wanted = select(PARKED.c.event_key).where(
            PARKED.c.source == source, PARKED.c.event_key.in_([event.event_key for event in parked])
        )
        known = set(connection.execute(wanted).scalars())
        now = datetime.now(UTC)
        rows = [
            {
                "source": source, "event_key": event.event_key, "agency": agency_of(event.subject),
                "case_id": event.case_id,
                "store": event.checkpoint.store, "epoch": event.checkpoint.epoch,
                "position": event.checkpoint.position, "subject": event.subject[:300],
                "kind": event.kind[:200], "state": event.state, "reason": event.reason[:200], "detail": event.detail,
                "bytes": event.data, "parked_at": now,
            }
            for event in parked
            if event.event_key not in known
        ]  # fmt: skip
        if rows:
            connection.execute(insert(PARKED), rows)


def _of(agency: str, case_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PARKED.c.agency == agency, PARKED.c.case_id == case_id
