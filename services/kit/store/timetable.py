"""The timetable: which timers stand, as a table beside the events, changed in the transaction of the facts that do it.

Every row follows from the state of a stream, so the table can be told again from the events alone (`derived`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from contracts.base import Recorded, Sealed
from services.kit.codec.encoder import stored_form
from services.kit.codec.envelope import OPTIONS
from services.kit.deciding import StreamKind, Timer, Timers
from services.kit.ids import timer_command_id, timer_id
from services.kit.store import schema
from services.kit.store.following import Change, facts, follow
from services.kit.store.recorders import Transaction

if TYPE_CHECKING:
    from services.kit.store.opening import Store

BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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


def moment_of(micros_since: int) -> datetime:
    return BEGIN + timedelta(microseconds=micros_since)


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

    def standing(self, kind: StreamKind) -> Timers | None:
        return kind.timers

    def key(self, each: Timer) -> Hashable:
        """The same name for another moment is another timer."""
        return each.name, each.due_at

    def change(self, at: Change, begun: tuple[Timer, ...], ended: tuple[Timer, ...]) -> None:
        for timer in ended:
            identity = timer_id(at.agency, self._service, at.stream, timer.name, timer.due_at)
            self._standing.pop(identity, None)
            self._gone[identity] = None
        correlation, causation = str(at.correlation_id), str(at.causation_id)
        for timer in begun:
            identity = timer_id(at.agency, self._service, at.stream, timer.name, timer.due_at)
            command = timer.command
            body = orjson.dumps(stored_form(command, "", _unsealed), option=OPTIONS)
            self._standing[identity] = Entry(
                identity, at.agency, at.stream, timer.name, timer.due_at, command.kind(), body, correlation,
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
    follow(log, streams, table)
    return table.entries()


def retell(store: Store, service: str, streams: Mapping[str, StreamKind]) -> int:
    """Writes the table anew from the events (after a loss, or when a release watches more); how many.

    Nothing is decided meanwhile. What has been asked already is not set again.
    """
    with store.locked() as transaction:
        entries = derived(facts(store), service, streams)
        commands = {str(timer_command_id(identity)): identity for identity in entries}
        rows = transaction.among("SELECT command_id FROM {s}commands WHERE command_id {in}", list(commands))
        asked = {commands[row[0]] for row in rows}
        kept = [entry.row() for identity, entry in entries.items() if identity not in asked]
        transaction.execute(schema.CANCEL_ALL_TIMERS)
        transaction.add(schema.SET_TIMER, kept)
    return len(kept)
