"""Watches the own log for a calendar that has changed, and asks for every open letter whose deadline it moves.

Each letter is asked for by a command of its own: what is decided is a visible event, and asking twice changes nothing.
After a start all open letters are looked at once; what was missed while nobody watched is made good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID, uuid5

import structlog

from contracts.base import Accepted, Actor, Ask, Recorded, Refusal
from contracts.intake import MoveDeadline
from services.intake.domain.watching import ADOPTED, BEGUN, ENDED, WATCHED, OpenClocks
from services.intake.policy import SERVICE
from services.kit.envelope import Undecodable

log = structlog.get_logger(__name__)
BATCH = 500
MOST_UNREAD = 10_000
AT_ONCE = 64
LOOK_SECONDS = 5.0
GATHER_SECONDS = 0.25  # what many commits have told is read at once
WATCH = Actor(id="deadline-watch", roles=(SERVICE,))


class Row(Protocol):
    @property
    def position(self) -> int: ...

    @property
    def originator_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def data(self) -> bytes: ...


class Log(Protocol):
    def read(self, after: int, limit: int) -> Sequence[Any]: ...


class Bell(Protocol):
    async def wait(self, seconds: float) -> Any: ...


class Unread:
    """Facts of letters, not decoded until a calendar changes: most letters end before, and are forgotten unread.

    So a start after years does not decode years.
    """

    def __init__(self) -> None:
        self._letters: dict[str, list[Row]] = {}
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, row: Row) -> None:
        letter = self._letters.get(row.originator_id)
        if row.kind in ENDED and letter is not None and letter[0].kind == BEGUN:
            del self._letters[row.originator_id]
            self._rows -= len(letter)
            return
        self._letters.setdefault(row.originator_id, []).append(row)
        self._rows += 1

    def take(self) -> list[Row]:
        """All of them, in order; then it is empty."""
        rows = sorted((row for letter in self._letters.values() for row in letter), key=lambda row: row.position)
        self._letters, self._rows = {}, 0
        return rows


class DeadlineWatch:
    def __init__(
        self,
        log: Log,
        decode: Callable[[int, bytes], Recorded],
        execute: Callable[[Ask], Awaitable[Accepted | Refusal]],
        bell: Callable[[], Bell],
        clock: Callable[[], datetime],
    ) -> None:
        self._log, self._decode, self._execute, self._bell, self._clock = log, decode, execute, bell, clock
        self._open = OpenClocks()
        self._unread = Unread()
        self._position = 0
        self._moved = 0

    async def run(self) -> None:
        """Until cancelled."""
        bell = self._bell()
        while True:
            await self.look()
            await bell.wait(LOOK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    async def look(self) -> int:
        """Reads on and asks for what has moved; how many letters that were."""
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
        told = {"open": len(self._open.letters), "unread": len(self._unread)}
        return {"state": "watching", "moved": self._moved, "position": self._position, **told}

    def _read_on(self) -> None:
        while rows := self._log.read(self._position, BATCH):
            for row in rows:
                if row.kind in ADOPTED:
                    self._tell(row)
                elif row.kind in WATCHED:
                    self._unread.add(row)
            self._position = rows[-1].position
            if len(self._unread) > MOST_UNREAD:
                self._understand()

    def _understand(self) -> None:
        for row in self._unread.take():
            self._tell(row)

    def _tell(self, row: Row) -> None:
        try:
            self._open.tell(self._decode(row.position, row.data))
        except Undecodable as poison:  # `caraka verify` names it; the other letters' deadlines go on
            log.warning("deadlines.unreadable", position=row.position, kind=row.kind, reason=str(poison))

    async def _move(self, agency: str) -> int:
        adoption = self._open.adoptions[agency]
        now = self._clock()
        letters = iter(await asyncio.to_thread(list, self._open.moved(agency, now)))
        asked = 0
        while batch := list(islice(letters, AT_ONCE)):
            asks = [_ask(agency, letter_id, adoption.event_id, adoption.reason, now) for letter_id in batch]
            await asyncio.gather(*(self._execute(ask) for ask in asks))
            asked += len(batch)
        return asked


def _ask(agency: str, letter_id: UUID, adoption: UUID, reason: str, now: datetime) -> Ask:
    command = MoveDeadline(letter_id=letter_id, reason=reason)
    return Ask(
        command_id=uuid5(adoption, f"move/{letter_id}"),
        agency=agency,
        kind=command.kind(),
        actor=WATCH,
        asked_at=now,
        correlation_id=letter_id,
        causation_id=adoption,
        body=command.model_dump(mode="json"),
    )
