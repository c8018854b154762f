"""Tugas saya: what waits for a person's positions and roles, and a courier's stops."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import CourierStops, CourierStopsAnswer, Task, TaskList, TaskListAnswer
from services.kit.projections import Generation, micros
from services.projections import policy
from services.projections.views.letters.detail import copies_of
from services.projections.views.letters.lists import counts
from services.projections.views.letters.rows import LISTED, copy_row, letter_row

Asked = tuple[str, sa.Select[Any], str | None]
"""Action, letters or copies, and the stage when every letter of that stage is asked for (they are counted already)."""


def tasks(connection: Connection, generation: Generation, agency: str, query: TaskList, most: int) -> TaskListAnswer:
    """Most overdue first; at most ``most`` of each action, with true counts."""
    found: list[tuple[int, Task]] = []
    totals: dict[str, int] = {}
    staged: dict[str, int] = {}
    for action, asked, stage in _asked(generation, agency, query):
        rows = connection.execute(asked.limit(most + 1)).mappings().all()
        number = len(rows)
        if number > most and stage is not None:
            staged = staged or counts(connection, generation, agency)
            number = staged.get(stage, number)
        elif number > most:
            number = connection.scalar(sa.select(sa.func.count()).select_from(asked.order_by(None).subquery())) or 0
        if number:
            totals[action] = totals.get(action, 0) + number
        for row in rows[:most]:
            copy_id = UUID(row["copy_id"]) if "copy_id" in row else None
            task = Task(action=action, letter=letter_row(row), copy_id=copy_id)
            found.append((row["due_order"], task))
    found.sort(key=lambda pair: pair[0])
    return TaskListAnswer.model_construct(tasks=tuple(task for _, task in found), counts=totals)


def _asked(generation: Generation, agency: str, query: TaskList) -> list[Asked]:
    letters, copies = generation["letters"], generation["copies"]
    mine = letters.c.agency == agency
    listed = [letters.c[each] for each in LISTED]
    every = sa.select(*listed).where(mine).order_by(letters.c.due_order, letters.c.letter_id)
    under_way = letters.c.stage.in_(policy.UNDER_WAY)
    of_copy = (
        sa.select(*listed, copies.c.copy_id)
        .join(copies, (copies.c.agency == letters.c.agency) & (copies.c.letter_id == letters.c.letter_id))
        .where(mine, copies.c.agency == agency, under_way)
        .order_by(letters.c.due_order, copies.c.copy_id)
    )
    asked: list[Asked] = []
    if policy.OPERATOR in query.roles:
        asked += [(action, every.where(letters.c.stage == stage), stage) for stage, action in policy.DESK.items()]
        unsent = copies.c.route.in_(policy.SENT_BY_DESK) & (copies.c.state == "planned")
        asked.append(("transmit", of_copy.where(letters.c.copies_unsent > 0, unsent), None))
    for position, registrar in query.stand_ins:
        passed = (letters.c.round_position == position) & (letters.c.round_registrar == registrar)
        asked.append(("initial", every.where(letters.c.stage == "forwarded", passed), None))
    if query.positions:
        turn = (
            (letters.c.stage == "forwarded")
            & letters.c.round_position.in_(query.positions)
            & (letters.c.round_registrar != query.person_id)
        )
        his = letters.c.assigner.in_(query.positions)
        asked += [
            ("initial", every.where(turn), None),
            ("retry", of_copy.where(his, letters.c.copies_failed > 0, copies.c.state == "failed"), None),
        ]
        # One stage at a time: only so does the index on (stage, due) serve.
        open_copies = his & (letters.c.copies_unassigned > 0)
        asked += [("assign", every.where(letters.c.stage == stage, open_copies), None) for stage in policy.UNDER_WAY]
    asked.append(("deliver", of_copy.where(copies.c.courier_id == query.person_id, copies.c.state == "assigned"), None))
    return asked


def stops(  # noqa: PLR0913 - what a day of a courier is read from
    connection: Connection, generation: Generation, agency: str, query: CourierStops, now: datetime, zone: str
) -> CourierStopsAnswer:
    """What he still has to deliver or bring back, most overdue first; then what he brought today (agency's day)."""
    copies = generation["copies"]
    begin = micros(midnight(connection, generation, agency, now, zone))
    his = copies.c.courier_id == query.courier_id
    todo = copies_of(connection, generation, agency, his & copies.c.state.in_(("assigned", "held")))
    done = copies_of(
        connection, generation, agency, his & (copies.c.state == "delivered") & (copies.c.happened_at >= begin)
    )
    todo.sort(key=lambda row: (row["due_at"] or 0, row["copy_id"]))
    done.sort(key=lambda row: (row["happened_at"], row["copy_id"]))
    shown = [copy_row(row) for row in todo if not row["stopped"]] + [copy_row(row) for row in done]
    return CourierStopsAnswer(stops=tuple(shown))


def midnight(connection: Connection, generation: Generation, agency: str, now: datetime, zone: str) -> datetime:
    offices = generation["offices"]
    named = connection.scalar(sa.select(offices.c.zone).where(offices.c.agency == agency)) or zone
    try:
        here = ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError):
        here = ZoneInfo(zone)
    return datetime.combine(now.astimezone(here).date(), time(), here)
