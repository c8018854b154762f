"""What follows from states (timers, jobs): which of it begins and ceases to stand, fact by fact, or told from all anew.

A table of such rows changes in the transaction of the facts that do it, and can be told again from the events alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from contracts.base import Ask, Recorded
from services.kit.codec.envelope import decode
from services.kit.deciding import State, StreamKind
from services.kit.store.log import Log
from services.kit.store.recorders import Transaction

if TYPE_CHECKING:
    from services.kit.store.opening import Store

PART = 2_000
T = TypeVar("T")
Standing = Callable[[str, State], tuple[T, ...]]


class Table(Protocol[T]):
    """The rows of one kind of thing that stands, as a batch changes them."""

    def standing(self, kind: StreamKind) -> Standing[T] | None:
        """The rule of a kind of stream; None: nothing of it stands there."""

    def key(self, each: T) -> Hashable:
        """What makes it another one."""

    def change(self, at: Change, begun: tuple[T, ...], ended: tuple[T, ...]) -> None: ...

    def write(self, transaction: Transaction) -> None: ...


class Change:
    """Where and by what something changed."""

    __slots__ = ("agency", "causation_id", "correlation_id", "stream", "traceparent")

    def __init__(
        self, agency: str, stream: str, correlation_id: UUID, causation_id: UUID, traceparent: str | None = None
    ) -> None:
        """``causation_id``: the fact."""
        self.agency, self.stream = agency, stream
        self.correlation_id, self.causation_id = correlation_id, causation_id
        self.traceparent = traceparent


def moves(
    before: tuple[T, ...], after: tuple[T, ...], key: Callable[[T], Hashable]
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """What begins to stand with a new state, and what stands no longer."""
    if not before or not after:
        return after, before
    old = {key(each): each for each in before}
    new = {key(each): each for each in after}
    begun = tuple(each for name, each in new.items() if name not in old)
    return begun, tuple(each for name, each in old.items() if name not in new)


class Follower(Generic[T]):
    """Keeps one table true while a batch decides. What a command does is staged, and counts when it is accepted."""

    def __init__(self, table: Table[T]) -> None:
        self.table = table
        self._standing: dict[int, tuple[T, ...]] = {}
        self._staged: dict[int, tuple[T, ...]] = {}
        self._changes: list[tuple[Change, tuple[T, ...], tuple[T, ...]]] = []

    def begin(self) -> None:
        """A command is being worked out; what one before it left staged (it failed) is forgotten."""
        if self._staged:
            self._staged, self._changes = {}, []

    def fact(  # noqa: PLR0913 - a fact: where it stands, what was and what is
        self, place: int, kind: StreamKind, stream: str, before: State, after: State, ask: Ask, fact: UUID
    ) -> None:
        rule = self.table.standing(kind)
        if rule is None:
            return
        stood = self._staged.get(place)
        if stood is None:
            stood = self._standing.get(place)
        if stood is None:
            stood = rule(stream, before)
        self._staged[place] = stands = rule(stream, after)
        if stood or stands:
            at = Change(ask.agency, stream, ask.correlation_id, fact, ask.traceparent)
            self._changes.append((at, *moves(stood, stands, self.table.key)))

    def accept(self) -> None:
        if not self._staged:
            return
        self._standing.update(self._staged)
        for at, begun, ended in self._changes:
            self.table.change(at, begun, ended)
        self._staged, self._changes = {}, []


def follow(log: Iterable[Recorded], streams: Mapping[str, StreamKind], table: Table[Any]) -> None:
    """Tells a table all these facts, in order."""
    states: dict[tuple[str, str], State] = {}
    standing: dict[tuple[str, str], tuple[Any, ...]] = {}
    for recorded in log:
        kind = streams[recorded.stream.partition(":")[0]]
        rule = table.standing(kind)
        if rule is None:
            continue
        place = (recorded.agency, recorded.stream)
        states[place] = kind.evolve(states.get(place, kind.initial), recorded.event)
        stands = rule(recorded.stream, states[place])
        begun, ended = moves(standing.get(place, ()), stands, table.key)
        standing[place] = stands
        table.change(Change(*place, recorded.correlation_id, recorded.event_id), begun, ended)


def facts(store: Store) -> Iterator[Recorded]:
    """All of a store, in order."""
    log, after = Log(store), 0
    while rows := log.read(after, PART):
        yield from (decode(row.position, row.data) for row in rows)
        after = rows[-1].position
