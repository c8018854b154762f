"""Questions become answers: wait for the asker's own write, then read the generation that serves."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from contracts.base import Query, Shape
from contracts.projections import (
    AtRisk,
    Board,
    ChangesSince,
    CopyDetail,
    CourierStops,
    LetterDetail,
    LetterHistory,
    LetterList,
    Operations,
    OperationsAnswer,
    ProjectionState,
    TaskList,
)
from services.kit.projections import Generation, Projector, ReadableLog, checkpoints, moment, serving
from services.kit.service import QueryHandler
from services.projections.settings import Limits
from services.projections.views import SOURCES
from services.projections.views.letters import detail, lists, risk, tasks

A = TypeVar("A", bound=Shape)
Health = Callable[[], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asking:
    """``log(source)`` opens a service's event log; ``health()`` tells of the followers of this process, by source."""

    projector: Projector
    log: Callable[[str], ReadableLog]
    health: Health
    clock: Callable[[], datetime]
    limits: Limits

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Every question of `contracts.projections`."""
        now, zone, most = self.clock, self.limits.zone, self.limits.tasks
        return {
            LetterList: self._answer(lists.letters),
            LetterDetail: self._answer(detail.detail),
            LetterHistory: self._answer(lambda c, g, agency, query: detail.history(c, g, agency, query, self._raw)),
            Board: self._answer(lambda c, g, agency, query: lists.board(c, g, agency, query, now())),
            TaskList: self._answer(lambda c, g, agency, query: tasks.tasks(c, g, agency, query, most)),
            AtRisk: self._answer(lambda c, g, agency, query: risk.at_risk(c, g, agency, query, now(), zone)),
            CourierStops: self._answer(lambda c, g, agency, query: tasks.stops(c, g, agency, query, now(), zone)),
            CopyDetail: self._answer(detail.copy),
            ChangesSince: self._answer(lists.changes),
            Operations: self._answer(self._operations),
        }

    def _answer(self, read: Callable[[Connection, Generation, str, Any], A]) -> Callable[[str, Any], Awaitable[A]]:
        def look(agency: str, query: Any) -> A:
            with self.projector.engine.connect() as connection:
                return read(connection, serving(connection, self.projector.views), agency, query)

        async def answer(agency: str, query: Any) -> A:
            await self.projector.wait_for(query.after, self.limits.wait_seconds)
            try:
                return await asyncio.to_thread(look, agency, query)
            except (ProgrammingError, OperationalError):  # the generation was swapped and dropped under the read
                return await asyncio.to_thread(look, agency, query)

        return answer

    def _raw(self, service: str, position: int) -> dict[str, Any] | None:
        """The event as it is stored, sealed fields sealed. The gateway asks for it only on behalf of an inspector."""
        rows = self.log(service).read(position - 1, 1)
        if not rows or rows[0].position != position:
            return None
        return dict(json.loads(rows[0].data))

    def _operations(
        self, connection: Connection, generation: Generation, _agency: str, _query: Any
    ) -> OperationsAnswer:
        found, followers = checkpoints(connection, generation), self.health()
        poison = generation["poison"]
        asked = sa.select(poison.c.source, sa.func.count()).group_by(poison.c.source)
        positions = generation["positions"]
        moved = {row.source: row.moved_at for row in connection.execute(sa.select(positions))}
        skipped: dict[str, int] = {row[0]: row[1] for row in connection.execute(asked)}
        states = []
        for source in SOURCES:
            standing, told = found.get(source), followers.get(source, {})
            position = standing.position if standing else 0
            head, reason = self._head(source)
            state = ProjectionState(
                view="letters", source=source, position=position, head=head, behind=max(0, head - position),
                state=str(told.get("state", "following" if head <= position else "waiting")),
                reason=str(told.get("reason", "")) or reason,
                moved_at=moment(moved.get(source)), poison=skipped.get(source, 0),
            )  # fmt: skip
            states.append(state)
        return OperationsAnswer(projections=tuple(states), generation=generation.number)

    def _head(self, source: str) -> tuple[int, str]:
        try:
            return self.log(source).head(), ""
        except Exception as error:  # noqa: BLE001 - whatever ails that log, the page that shows it must appear
            return 0, f"{source}: {type(error).__name__}"
