"""Requests as a kind of case: who sees them, what waits for whom, which of them are late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import READERS, RiskRow
from services.kit.projections import Cases, Generation, moment, whole_moment
from services.kit.worktime import remaining_minutes
from services.projections import policy
from services.projections.views.requests import tables
from services.projections.views.requests.rows import LISTED, request_row
from services.projections.views.shared.calendars import calendars_of
from services.projections.views.shared.kinds import Asked, CaseKind, Row, mine

CASES = Cases("requests", "request_id", "stage", tables.STREAMS)
ROLES = READERS["requests"]
RISKY = ("calendar_of", "due_soon_at")


def seen(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    return mine(CASES, ROLES, generation, agency, reader)


def tasks(generation: Generation, agency: str, reader: Reader) -> list[Asked]:
    """The counter's, by stage; a decision waits for whoever acts for a position that the standard names.

    His own request waits for others (decision 0101). Of two who have to agree, the first has done his part.
    """
    requests, reviewers = generation["requests"], generation["reviewers"]
    every = (
        sa.select(*[requests.c[each] for each in LISTED])
        .where(seen(generation, agency, reader))
        .order_by(requests.c.due_order, requests.c.request_id)
    )
    others = requests.c.subject_id.is_distinct_from(reader.subject_id) if reader.subject_id else sa.true()
    asked: list[Asked] = []
    if policy.OPERATOR in reader.roles:
        asked += [
            Asked(action, every.where(requests.c.stage == stage), stage)
            for stage, action in policy.REQUEST_DESK.items()
        ]
    if policy.PERSONNEL in reader.roles or reader.positions:
        theirs = sa.true() if policy.PERSONNEL in reader.roles else requests.c.unit_admin.in_(reader.positions)
        waits = requests.c.hand_over.in_(("open", "opened")) & requests.c.confirmed.is_(None) & theirs
        asked.append(Asked("confirm", every.where(waits & others & (requests.c.hand_over_way == "notice"))))
    if reader.positions:
        decided = sa.select(reviewers.c.standard).where(
            reviewers.c.agency == agency, reviewers.c.position.in_(reader.positions)
        )
        first = requests.c.seconded_by.is_(None) | (requests.c.seconded_by != reader.person_id)
        turn = others & (requests.c.stage == "complete") & requests.c.calendar_of.in_(decided) & first
        asked.append(Asked("decide", every.where(turn)))
    return asked


def risks(
    connection: Connection, generation: Generation, agency: str, found: Sequence[Row], now: datetime
) -> list[RiskRow]:
    calendars = calendars_of(connection, generation, agency)
    first = reviewers_of(connection, generation, agency)
    rows = []
    for row in found:
        calendar = calendars.get(row["calendar_of"] or "")
        limit_at = whole_moment(row["limit_at"])
        waits = policy.REQUEST_WAITS.get(row["stage"], "")
        reviewer = first.get(row["calendar_of"], ()) if waits == "decide" else ()
        told = RiskRow(
            case=request_row(row), limit_kind="case", limit_at=limit_at, overdue=limit_at <= now, waits=waits,
            remaining_minutes=remaining_minutes(calendar, now, limit_at) if calendar else None,
            position=reviewer[0] if reviewer else None, positions=tuple(reviewer),
            reminded_at=moment(row["due_soon_at"]), overdue_at=moment(row["overdue_at"]),
        )  # fmt: skip
        rows.append(told)
    return rows


def newest_first(requests: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    """Of a few that a person or an account has: reckoned, so that no database reads all by age to find them."""
    return sa.func.coalesce(requests.c.received_at, 0).desc(), requests.c.number.desc()


def reviewers_of(connection: Connection, generation: Generation, agency: str) -> dict[str, list[str]]:
    """``<standard>.<version>`` → the positions that decide, in the standard's order."""
    table = generation["reviewers"]
    asked = sa.select(table.c.standard, table.c.position).where(table.c.agency == agency).order_by(table.c.place)
    found: dict[str, list[str]] = {}
    for standard, position in connection.execute(asked):
        found.setdefault(standard, []).append(position)
    return found


REQUESTS = CaseKind(
    CASES,
    roles=ROLES,
    listed=LISTED,
    row=request_row,
    orders={
        "changed": ("changed_at", True),
        "due": ("due_order", False),
        "received": ("received_at", True),
        "oldest": ("received_at", False),
    },
    searched=tables.REQUESTS.searched,
    board=policy.REQUEST_BOARD,
    services=("account_provisioning",),
    tasks=tasks,
    limit="limit_at",
    risky=RISKY,
    risks=risks,
)
