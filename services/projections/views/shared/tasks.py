"""Tugas saya: what waits for a reader's positions and roles, of all kinds of case together."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import Task, TaskList, TaskListAnswer
from services.kit.projections import Generation
from services.projections.views.shared.kinds import CaseKind
from services.projections.views.shared.lists import counts


def tasks(  # noqa: PLR0913 - what a day of work is read from
    connection: Connection, generation: Generation, agency: str, kinds: Sequence[CaseKind], query: TaskList, most: int
) -> TaskListAnswer:
    """In the order in which each kind is to be worked on; at most ``most`` of each action, with true counts."""
    found: list[tuple[int, Task]] = []
    totals: dict[str, int] = {}
    more: set[str] = set()
    skipped = (query.page - 1) * most if query.action else 0
    for kind in kinds:
        staged: dict[str, int] | None = None
        for asked in kind.tasks(generation, agency, query.reader):
            if query.action not in {"", asked.action}:
                continue
            rows = connection.execute(asked.select.limit(most + 1).offset(skipped)).mappings().all()
            number, beyond = len(rows), len(rows) > most
            if beyond:
                more.add(asked.action)
            if (beyond or skipped) and asked.stage is not None:
                staged = counts(connection, generation, agency, kind, query.reader) if staged is None else staged
                number = staged.get(asked.stage, number)
            elif beyond or skipped:
                plain = asked.select.order_by(None).subquery()
                number = connection.scalar(sa.select(sa.func.count()).select_from(plain)) or 0
            if number:
                totals[asked.action] = totals.get(asked.action, 0) + number
            for row in rows[:most]:
                part = UUID(row["part_id"]) if "part_id" in row else None
                found.append((row[kind.work_order], Task(action=asked.action, case=kind.row(row), part_id=part)))
    found.sort(key=lambda pair: pair[0])
    return TaskListAnswer.model_construct(
        tasks=tuple(task for _, task in found), counts=totals, more=tuple(sorted(more))
    )
