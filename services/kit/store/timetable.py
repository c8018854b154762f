"""The timetable: which timers stand, as a table beside the events, changed in the transaction of the facts that do it.

Every row follows from the state of a stream, so the table can be told again from the events alone (`derived`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from contracts.base import Recorded, Sealed
from services.kit.codec.encoder import stored_form
from services.kit.codec.envelope import OPTIONS, decode
from services.kit.deciding import State, StreamKind, Timer
from services.kit.ids import timer_command_id, timer_id
from services.kit.store import schema
from services.kit.store.log import Log
from services.kit.store.recorders import Transaction

if TYPE_CHECKING:
    from services.kit.store.opening import Store

PART = 2_000
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Moves = tuple[tuple[Timer, ...], tuple[Timer, ...]]
"""What a fact does to the timers of its stream: (set, cancelled)."""


class Entry(NamedTuple):
    """A timer that stands. ``causation_id``: the fact that has set it. ``body``: the command as JSON."""

    timer_id: UUID
    agency: str
    stream: str
    name: str
    due_at: datetime
    kind: str
    body: bytes
    correlation_id: str
    causation_id: str

    def row(self) -> tuple[Any, ...]:
        due = micros(self.due_at)
        return (
            str(self.timer_id), self.agency, self.stream, self.name, due, due, self.kind, self.body,
            self.correlation_id, self.causation_id, 0, "",
        )  # fmt: skip


def _unsealed(_sealed: Sealed, _place: str) -> dict[str, str]:
    raise TypeError("a timer's command says nothing that is sealed: the table is not for it")


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - BEGIN) // MICROSECOND


def moves(before: tuple[Timer, ...], after: tuple[Timer, ...]) -> Moves:
    """Which timers begin to stand with a new state, and which stand no longer."""
    if not before or not after:
        return after, before
    old = {(timer.name, timer.due_at): timer for timer in before}
    new = {(timer.name, timer.due_at): timer for timer in after}
    begun = tuple(timer for key, timer in new.items() if key not in old)
    return begun, tuple(timer for key, timer in old.items() if key not in new)


class Timetable:
    """Changes of one batch, folded: the later fact over the earlier one."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._standing: dict[UUID, Entry] = {}
        self._gone: dict[UUID, None] = {}

    @property
    def earliest(self) -> datetime | None:
        """The first moment that this batch has set; None: it has set no timer."""
        return min((entry.due_at for entry in self._standing.values()), default=None)

    def change(self, agency: str, stream: str, moved: Moves, correlation_id: UUID, causation_id: UUID) -> None:
        begun, ended = moved
        for timer in ended:
            identity = timer_id(agency, self._service, stream, timer.name, timer.due_at)
            self._standing.pop(identity, None)
            self._gone[identity] = None
        correlation, causation = str(correlation_id), str(causation_id)
        for timer in begun:
            identity = timer_id(agency, self._service, stream, timer.name, timer.due_at)
            command = timer.command
            body = orjson.dumps(stored_form(command, "", _unsealed), option=OPTIONS)
            self._standing[identity] = Entry(
                identity, agency, stream, timer.name, timer.due_at, command.kind(), body, correlation,
                causation,
            )  # fmt: skip

    def write(self, transaction: Transaction) -> None:
        if self._gone:
            transaction.among(schema.CANCEL_TIMERS, [str(identity) for identity in self._gone])
        transaction.add(schema.SET_TIMER, [entry.row() for entry in self._standing.values()])

    def entries(self) -> Mapping[UUID, Entry]:
        return self._standing


def derived(log: Iterable[Recorded], service: str, streams: Mapping[str, StreamKind]) -> Mapping[UUID, Entry]:
    """The timers that stand after all these facts, in order; those that were asked already among them."""
    table = Timetable(service)
    states: dict[tuple[str, str], State] = {}
    standing: dict[tuple[str, str], tuple[Timer, ...]] = {}
    for recorded in log:
        kind = streams[recorded.stream.partition(":")[0]]
        if kind.timers is None:
            continue
        place = (recorded.agency, recorded.stream)
        before = states.get(place, kind.initial)
        states[place] = kind.evolve(before, recorded.event)
        timers = kind.timers(recorded.stream, states[place])
        moved = moves(standing.get(place, ()), timers)
        standing[place] = timers
        table.change(*place, moved, recorded.correlation_id, recorded.event_id)
    return table.entries()


def retell(store: Store, service: str, streams: Mapping[str, StreamKind]) -> int:
    """Writes the table anew from the events (after a loss, or when a release watches more); how many.

    Nothing is decided meanwhile. What has been asked already is not set again.
    """
    with store.locked() as transaction:
        entries = derived(_facts(Log(store)), service, streams)
        commands = {str(timer_command_id(identity)): identity for identity in entries}
        rows = transaction.among("SELECT command_id FROM {s}commands WHERE command_id {in}", list(commands))
        asked = {commands[row[0]] for row in rows}
        kept = [entry.row() for identity, entry in entries.items() if identity not in asked]
        transaction.execute(schema.CANCEL_ALL_TIMERS)
        transaction.add(schema.SET_TIMER, kept)
    return len(kept)


def _facts(log: Log) -> Iterator[Recorded]:
    after = 0
    while rows := log.read(after, PART):
        yield from (decode(row.position, row.data) for row in rows)
        after = rows[-1].position
