"""Timers: at its moment each asks an own command on the one road, once and only once, however often all is restarted.

The store's table says what stands (`services.kit.store.timetable`); a command's id comes from its timer, so asking
twice has one effect. What came due while nothing ran is asked at once. The bus has no part in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from contracts.base import Accepted, Actor, Ask, Refusal
from services.kit.ids import timer_command_id
from services.kit.observability.errors import named
from services.kit.store.notifier import TimerWakeup

MOST = 256
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(hours=1)
AWAY_SECONDS = 1.0
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
TIMERS = sa.table(
    "timers",
    *(sa.column(name) for name in ("timer_id", "agency", "due_at", "look_at", "kind", "body", "tries", "reason")),
    *(sa.column(name) for name in ("correlation_id", "causation_id")),
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose moment has come."""

    timer_id: str
    ask: Ask
    tries: int


class Timekeeper:
    """The loop of one service; run it under a lease where several processes share a store."""

    def __init__(  # noqa: PLR0913 - what a timekeeper is made of
        self,
        service: str,
        *,
        engine: Engine,
        execute: Callable[[Ask], Awaitable[Accepted | Refusal]],
        timer_wakeup: TimerWakeup,
        clock: Callable[[], datetime],
        poll: float,
        unavailable: tuple[type[Exception], ...] = (),
    ) -> None:
        """``poll``: the longest sleep in seconds; a clock that was put forward is noticed within it."""
        self._service = service
        self._engine = engine
        self._execute = execute
        self._timer_wakeup = timer_wakeup
        self._clock = clock
        self._poll = poll
        self._unavailable = unavailable
        self._away: tuple[type[Exception], ...] = (SQLAlchemyError, *unavailable)
        self._fired = 0
        self._stuck = 0
        self._counted = False
        self._next_at: datetime | None = None
        self._reason = ""

    async def run(self) -> None:
        """Until cancelled."""
        with self._timer_wakeup.listen() as listener:
            while True:
                try:
                    self._timer_wakeup.sleep_towards(None)
                    self._next_at = await asyncio.to_thread(self._look)
                    if self._stuck or not self._counted or self._has_come():
                        await self.fire()
                        self._next_at = await asyncio.to_thread(self._look)
                    self._reason = ""
                except self._away as away:
                    self._reason = named(away)
                    await asyncio.sleep(AWAY_SECONDS)
                    continue
                seconds = self._poll
                if self._next_at is not None:
                    self._timer_wakeup.sleep_towards(self._next_at)
                    seconds = min(seconds, (self._next_at - self._clock()).total_seconds())
                if seconds > 0:
                    await listener.wait(seconds)

    async def fire(self) -> int:
        """Asks everything whose moment has come, the earliest first; how many were accepted."""
        accepted = 0
        while due := await asyncio.to_thread(self._due):
            answers = await asyncio.gather(*(self._execute(each.ask) for each in due), return_exceptions=True)
            away = next((answer for answer in answers if isinstance(answer, self._unavailable)), None)
            if away is not None:  # nothing was lost: all of them are asked again, under the same ids
                raise away
            await asyncio.to_thread(self._settle, list(zip(due, answers, strict=True)))
            accepted += sum(isinstance(answer, Accepted) for answer in answers)
        self._fired += accepted
        return accepted

    def health(self) -> dict[str, Any]:
        """``parked``: timers whose command was refused or failed; they are asked again, ever more seldom."""
        told: dict[str, Any] = {"state": "running", "fired": self._fired, "parked": self._stuck}
        if self._next_at is not None:
            told["next_at"] = self._next_at.isoformat()
        return told | ({"state": "waiting", "reason": self._reason} if self._reason else {})

    def _has_come(self) -> bool:
        return self._next_at is not None and self._next_at <= self._clock()

    def _look(self) -> datetime | None:
        """The next moment; one look at an index."""
        first = sa.select(TIMERS.c.look_at).order_by(TIMERS.c.look_at).limit(1)
        with self._engine.connect() as connection:
            found = connection.scalar(first)
            if self._stuck:
                self._stuck = _stuck(connection)
        return None if found is None else BEGIN + timedelta(microseconds=found)

    def _due(self) -> list[DueTimer]:
        now = self._clock()
        if not self._counted:  # by those who ran before
            with self._engine.connect() as connection:
                self._stuck, self._counted = _stuck(connection), True
        come = TIMERS.c.look_at <= _micros(now)
        # Refused by a clock that ran ahead and has been set back: it would wait for that clock's hour.
        ahead = (TIMERS.c.tries > 0) & (TIMERS.c.look_at > _micros(now + LONGEST_PAUSE))
        wanted = come | (ahead & (TIMERS.c.due_at <= _micros(now))) if self._stuck else come
        asked = sa.select(TIMERS).where(wanted).order_by(TIMERS.c.look_at).limit(MOST)
        with self._engine.connect() as connection:
            return [self._read(row, now) for row in connection.execute(asked)]

    def _read(self, row: Any, now: datetime) -> DueTimer:
        ask = Ask(
            command_id=timer_command_id(UUID(row.timer_id)),
            agency=row.agency,
            kind=row.kind,
            actor=Actor(id=self._service.replace("_", "-"), roles=("service",)),
            asked_at=now,
            correlation_id=UUID(row.correlation_id),
            causation_id=UUID(row.causation_id),
            body=orjson.loads(bytes(row.body)),
        )
        return DueTimer(row.timer_id, ask, row.tries)

    def _settle(self, answers: Sequence[tuple[DueTimer, Accepted | Refusal | BaseException]]) -> None:
        """A fact has taken its timer away itself; an acceptance without a fact is cleared here, a refusal waits."""
        with self._engine.begin() as connection:
            for due, answer in answers:
                mine = TIMERS.c.timer_id == due.timer_id
                if isinstance(answer, Accepted):
                    connection.execute(sa.delete(TIMERS).where(mine))
                    continue
                reason = answer.code if isinstance(answer, Refusal) else f"fault {type(answer).__name__}"
                pause = min(FIRST_PAUSE * 2 ** min(due.tries, 20), LONGEST_PAUSE)
                again = {"look_at": _micros(self._clock() + pause), "tries": due.tries + 1, "reason": reason}
                self._stuck += connection.execute(sa.update(TIMERS).where(mine).values(again)).rowcount
                log.warning("timer.stuck", service=self._service, kind=due.ask.kind, reason=reason, tries=due.tries + 1)


def _stuck(connection: Connection) -> int:
    found = sa.select(sa.func.count()).select_from(TIMERS).where(TIMERS.c.tries > 0)
    return connection.scalar(found) or 0


def _micros(moment: datetime) -> int:
    return (moment - BEGIN) // timedelta(microseconds=1)
