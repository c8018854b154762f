"""Questions become answers: wait for the asker's own write, then read the generation that serves."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from contracts.base import Query, Shape
from contracts.projections import (
    AtRisk,
    Board,
    BoardAnswer,
    CaseHistory,
    CaseHistoryAnswer,
    ChangesSince,
    ChangesSinceAnswer,
    Operations,
    OperationsAnswer,
    ProjectionState,
    TaskList,
    ViewsCover,
    ViewsCoverAnswer,
)
from services.kit.projections import Generation, Projector, ReadableLog, checkpoints, moment, serving
from services.kit.service import QueryHandler
from services.projections.settings import Limits
from services.projections.views.shared import lists, risk, tasks, timeline
from services.projections.views.shared.kinds import CaseKind

A = TypeVar("A", bound=Shape)
Read = Callable[[Connection, Generation, str, Any], Any]
Health = Callable[[], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asking:
    """``log(source)`` opens a service's event log; ``health()`` tells of this process's subscriptions, by source.

    ``kinds``: the kinds of case; ``answers``: their own questions.
    """

    projector: Projector
    log: Callable[[str], ReadableLog]
    health: Health
    clock: Callable[[], datetime]
    limits: Limits
    sources: Sequence[str]
    kinds: Sequence[CaseKind]
    answers: Mapping[type[Query], Callable[..., Shape]]

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Every question of `contracts.projections`: those of all kinds here, a kind's own in its `ANSWERS`."""
        now, zone, most = self.clock, self.limits.zone, self.limits.tasks
        shared: Mapping[type[Query], Read] = {
            CaseHistory: self._of_kind(
                lambda c, g, agency, kind, query: timeline.history(c, g, agency, kind, query, self._raw),
                CaseHistoryAnswer(entries=()),
            ),
            Board: self._of_kind(
                lambda c, g, agency, kind, query: lists.board(c, g, agency, kind, query, now()), BoardAnswer(columns=())
            ),
            ChangesSince: self._of_kind(lists.changes, ChangesSinceAnswer(changes=(), last="")),
            TaskList: lambda c, g, agency, query: tasks.tasks(c, g, agency, self.kinds, query, most),
            AtRisk: lambda c, g, agency, query: risk.at_risk(c, g, agency, self.kinds, query, now(), zone),
            Operations: self._operations,
        }
        own = {query: partial(read, now=now, zone=zone) for query, read in self.answers.items()}
        asked: dict[type[Query], Read] = {**shared, **own}
        return {**{query: self._answer(read) for query, read in asked.items()}, ViewsCover: self._covers}

    async def _covers(self, _agency: str, query: ViewsCover) -> ViewsCoverAnswer:
        return ViewsCoverAnswer(covered=await self.projector.wait_for(query.after, self.limits.wait_seconds))

    def _of_kind(self, read: Callable[..., A], nothing: A) -> Read:
        """A question about one kind; of a kind that nobody knows there is nothing."""
        known = {kind.name: kind for kind in self.kinds}

        def look(connection: Connection, generation: Generation, agency: str, query: Any) -> A:
            kind = known.get(query.case_kind)
            return nothing if kind is None else read(connection, generation, agency, kind, query)

        return look

    def _answer(self, read: Read) -> Callable[[str, Any], Awaitable[Any]]:
        def look(agency: str, query: Any) -> Any:
            with self.projector.engine.connect() as connection:
                return read(connection, serving(connection, self.projector.views), agency, query)

        async def answer(agency: str, query: Any) -> Any:
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
        for source in self.sources:
            standing, told = found.get(source), followers.get(source, {})
            position = standing.position if standing else 0
            head, reason = self._head(source)
            state = ProjectionState(
                view="views", source=source, position=position, head=head, behind=max(0, head - position),
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
