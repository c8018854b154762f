"""Complaints as a kind of case: who sees them, what waits for whom, which of them are late."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import READERS, RiskRow
from services.kit.projections import Cases, Generation, moment, whole_moment
from services.kit.worktime import remaining_minutes
from services.projections import policy
from services.projections.views.complaints import tables
from services.projections.views.complaints.rows import LISTED, complaint_row, dated
from services.projections.views.shared.calendars import calendars_of
from services.projections.views.shared.kinds import Asked, CaseKind, Row, mine

CASES = Cases("complaints", "complaint_id", "stage", tables.STREAMS, tables.PASSES, restrictable=True)
ROLES = READERS["complaints"]
RISKY = ("calendar_of", "due_soon_at", "acknowledge_by", "acknowledged_at", "officer", "desk", "approver")


def seen(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    return mine(CASES, ROLES, generation, agency, reader)


def zone(generation: Generation) -> list[sa.ColumnElement[str | None]]:
    """The agency's, by which an anonymous reporter's days are told."""
    table, offices = generation["complaints"], generation["offices"]
    named = sa.select(offices.c.zone).where(offices.c.agency == table.c.agency)
    return [named.scalar_subquery().label("zone")]


def tasks(generation: Generation, agency: str, reader: Reader) -> list[Asked]:
    """The complaint officer's by stage; to answer, to approve, and to sort in his place wait for whoever acts for the
    position.
    """
    table = generation["complaints"]
    every = (
        sa.select(*COMPLAINTS.columns(generation))
        .where(seen(generation, agency, reader))
        .order_by(table.c.due_order, table.c.complaint_id)
    )
    asked: list[Asked] = []
    if policy.COMPLAINT_OFFICER in reader.roles:
        asked += [
            Asked(action, every.where(table.c.stage == stage), stage) for stage, action in policy.COMPLAINT_DESK.items()
        ]
    elif reader.positions:
        asked += [
            Asked(action, every.where(table.c.stage == stage, table.c.desk.in_(reader.positions)))
            for stage, action in policy.COMPLAINT_DESK.items()
        ]
    if reader.positions:
        asked += [
            Asked(action, every.where(table.c.stage == stage, table.c[column].in_(reader.positions)))
            for stage, (action, column) in policy.COMPLAINT_TURNS.items()
        ]
    return asked


def risks(
    connection: Connection, generation: Generation, agency: str, found: Sequence[Row], now: datetime
) -> list[RiskRow]:
    calendars = calendars_of(connection, generation, agency)
    rows = []
    for row in found:
        calendar = calendars.get(row["calendar_of"] or "")
        limit_at = whole_moment(row["limit_at"])
        first = row["acknowledged_at"] is None and row["limit_at"] == row["acknowledge_by"]
        action, column = policy.COMPLAINT_TURNS.get(row["stage"], (policy.COMPLAINT_DESK.get(row["stage"], ""), None))
        told = RiskRow(
            case=complaint_row(row), limit_kind="acknowledge" if first else "case", limit_at=limit_at,
            overdue=limit_at <= now, waits=action, position=row[column] if column else row["desk"] or row["officer"],
            remaining_minutes=remaining_minutes(calendar, now, limit_at) if calendar else None,
            reminded_at=moment(row["due_soon_at"]), overdue_at=moment(row["overdue_at"]),
        )  # fmt: skip
        rows.append(told)
    return rows


COMPLAINTS = CaseKind(
    CASES,
    roles=ROLES,
    listed=LISTED,
    row=complaint_row,
    orders={
        "changed": ("changed_at", True),
        "due": ("due_order", False),
        "received": ("received_at", True),
        "oldest": ("received_at", False),
    },
    searched=tables.COMPLAINTS.searched,
    board=policy.COMPLAINT_BOARD,
    services=("complaint",),
    tasks=tasks,
    limit="limit_at",
    risky=RISKY,
    risks=risks,
    dated=dated,
    beside=zone,
)
