"""Watches the own log for a calendar that has changed, and asks for every open case whose deadline it moves.

Each case is asked for by a command of its own: what is decided is a visible event, and asking twice changes nothing.
After a start all open cases are looked at once; what was missed while nobody watched is made good. Where it stands
is kept (`WatchedEvents`), so that a start costs what is open, not what has ever been.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID, uuid5

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.base import Accepted, Actor, Ask, Recorded, Refusal
from services.kit.codec import Undecodable
from services.kit.deadlines import CaseClocks, OpenClocks, WatchedKinds
from services.kit.observability.errors import named
from services.kit.runtime.watched_events import EventPlace
from services.kit.store import Log, LogRow, Notifier, StoreId

log = structlog.get_logger(__name__)
BATCH = 500
KEEP_EVERY = 5_000  # positions: so many a start reads again at most
AT_ONCE = 64
LOOK_SECONDS = 5.0
GATHER_SECONDS = 0.25  # what many commits have told is read at once
WATCH = Actor(id="deadline-watch", roles=("service",))


class Kept(Protocol):
    """`WatchedEvents`."""

    def load(self, of: StoreId) -> tuple[int, Sequence[EventPlace]]: ...

    def save(self, of: StoreId, position: int, more: Sequence[EventPlace], ended: Collection[str]) -> None: ...


class Unread:
    """Where facts of cases stand that nobody has read: they are read when a calendar changes.

    Most cases end before, and are forgotten unread. So a start after years does not decode years.
    """

    def __init__(self, kinds: WatchedKinds) -> None:
        self._kinds = kinds
        self._open: set[str] = set()
        self._cases: dict[str, list[EventPlace]] = {}
        self._more: list[EventPlace] = []
        self._ended: set[str] = set()

    def __len__(self) -> int:
        return sum(len(places) for places in self._cases.values())

    def know(self, place: EventPlace) -> None:
        """A place that is kept already."""
        self._open.add(place.stream)
        self._cases.setdefault(place.stream, []).append(place)

    def add(self, place: EventPlace) -> None:
        """What is told of a case whose clock does not run changes no deadline, and is passed over."""
        if place.kind in self._kinds.begun:
            self._open.add(place.stream)
        elif place.stream not in self._open:
            return
        if place.kind not in self._kinds.ended:
            self._cases.setdefault(place.stream, []).append(place)
            self._more.append(place)
            return
        self._open.discard(place.stream)
        self._ended.add(place.stream)
        case = self._cases.pop(place.stream, [])
        if not case or case[0].kind not in self._kinds.begun:  # its beginning has been read: its end must be
            self._cases[place.stream] = [place]

    def add_adopted(self, place: EventPlace) -> None:
        """Of a calendar: read at once, and kept for good."""
        self._more.append(place)

    def take(self) -> list[int]:
        """The positions of all of them, in order; then there are none."""
        positions = sorted(place.position for case in self._cases.values() for place in case)
        self._cases = {}
        return positions

    def unkept(self) -> tuple[list[EventPlace], set[str]]:
        """What is to be kept since `keep`: further places, and the cases that have ended."""
        return self._more, self._ended

    def keep(self) -> None:
        """All of that has been kept."""
        self._more, self._ended = [], set()


class DeadlineWatch:
    def __init__(  # noqa: PLR0913 - what a watch is made of
        self,
        clocks: CaseClocks,
        log: Log,
        decode: Callable[[int, bytes], Recorded],
        execute: Callable[[Ask], Awaitable[Accepted | Refusal]],
        notifier: Callable[[], Notifier],
        clock: Callable[[], datetime],
        kept: Kept,
    ) -> None:
        self._log, self._decode, self._execute, self._notifier, self._clock = log, decode, execute, notifier, clock
        self._kept = kept
        self._clocks, self._kinds = clocks, WatchedKinds(clocks)
        self._open = OpenClocks(clocks)
        self._unread = Unread(self._kinds)
        self._position = -1
        self._saved = 0
        self._moved = 0

    async def run(self) -> None:
        """Until cancelled."""
        notifier = self._notifier()
        while True:
            await self.look()
            await notifier.wait(LOOK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    async def look(self) -> int:
        """Reads on and asks for what has moved; how many cases that were."""
        await asyncio.to_thread(self._read_on)
        if self._open.touched:
            await asyncio.to_thread(self._understand)
        asked = 0
        for agency in tuple(self._open.touched):
            asked += await self._move(agency)
            self._open.touched.discard(agency)
        self._moved += asked
        return asked

    def health(self) -> Mapping[str, Any]:
        told = {"open": len(self._open.clocks), "unread": len(self._unread)}
        return {"state": "watching", "moved": self._moved, "position": max(self._position, 0), **told}

    def _resume(self) -> None:
        """Where the last process stood, with the calendars, and the cases whose clocks run."""
        position, places = self._kept.load(self._log.store_id)
        if position > self._log.head():  # of a log that was longer: none that we know
            position, places = 0, ()
        for place in places:
            if place.kind not in self._kinds.adopted:
                self._unread.know(place)
        self._tell_all([place.position for place in places if place.kind in self._kinds.adopted])
        self._position = self._saved = position

    def _read_on(self) -> None:
        if self._position < 0:
            self._resume()
        while rows := self._log.read(self._position, BATCH):
            for row in rows:
                if row.kind in self._kinds.all:
                    place = EventPlace(row.position, row.originator_id, row.kind)
                    if row.kind in self._kinds.adopted:
                        self._unread.add_adopted(place)
                        self._tell(row)
                    else:
                        self._unread.add(place)
            self._position = rows[-1].position
            if self._position - self._saved >= KEEP_EVERY:
                self._keep()

    def _keep(self) -> None:
        more, ended = self._unread.unkept()
        try:
            self._kept.save(self._log.store_id, self._position, more, ended)
        except SQLAlchemyError as failed:  # then a start has more to read; the deadlines go on
            log.warning("deadlines.not-kept", position=self._position, reason=named(failed))
        else:
            self._unread.keep()
        self._saved = self._position

    def _understand(self) -> None:
        self._tell_all(self._unread.take())

    def _tell_all(self, positions: Sequence[int]) -> None:
        for begin in range(0, len(positions), BATCH):
            for row in self._log.at(positions[begin : begin + BATCH]):
                self._tell(row)

    def _tell(self, row: LogRow) -> None:
        try:
            self._open.tell(self._decode(row.position, row.data))
        except Undecodable as poison:  # `caraka verify` names it; the other cases' deadlines go on
            log.warning("deadlines.unreadable", position=row.position, kind=row.kind, reason=str(poison))

    async def _move(self, agency: str) -> int:
        adoption = self._open.adoptions[agency]
        now = self._clock()
        cases = iter(await asyncio.to_thread(list, self._open.moved(agency, now)))
        asked = 0
        while batch := list(islice(cases, AT_ONCE)):
            asks = [self._ask(agency, case_id, adoption.event_id, adoption.reason, now) for case_id in batch]
            await asyncio.gather(*(self._execute(ask) for ask in asks))
            asked += len(batch)
        return asked

    def _ask(self, agency: str, case_id: UUID, adoption: UUID, reason: str, now: datetime) -> Ask:
        command = self._clocks.made(self._clocks.commands.move, case_id, reason=reason)
        return Ask(
            command_id=uuid5(adoption, f"move/{case_id}"),
            agency=agency,
            kind=command.kind(),
            actor=WATCH,
            asked_at=now,
            correlation_id=case_id,
            causation_id=adoption,
            body=command.model_dump(mode="json"),
        )
