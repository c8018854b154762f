"""The office's log of what was sent: nothing of a case that a reader may not see is in it or counted (record 0113)."""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.notices import REPORTERS
from contracts.projections import NoticeLog, NoticeLogAnswer, NoticeLogRow
from contracts.projections.notices import MOST_COUNTED, STAGES
from services.kit.projections import Generation
from services.projections.views.complaints.kind import COMPLAINTS
from services.projections.views.complaints.rows import NAMED
from services.projections.views.letters.kind import LETTERS
from services.projections.views.notices.about import its_case
from services.projections.views.notices.lists import Clock, before, cursor_of, selected, zone_of
from services.projections.views.requests.kind import REQUESTS
from services.projections.views.shared.kinds import CaseKind, Row
from services.projections.views.shared.lists import counts

LOG_READERS = frozenset({"operator", "kasi", "kabid", "kadis", "leader", "inspector", "complaint-officer"})
"""Each as far as he may see the cases; what is about no case, all but who works on complaints alone."""
OF_NO_CASE = LOG_READERS - {"complaint-officer"}
KEEPERS = frozenset({"admin"})
"""They see that something was not sent and why, and neither whose it was nor which case; of complaints nothing, for
when something came tells who brought it.
"""
KINDS: Mapping[str, CaseKind] = {kind.name: kind for kind in (LETTERS, REQUESTS, COMPLAINTS)}
NOTHING = sa.false()
EVERYTHING = sa.true()


def log(connection: Connection, generation: Generation, agency: str, query: NoticeLog, *, zone: str) -> NoticeLogAnswer:
    roles = frozenset(query.reader.roles)
    reads = bool(roles & LOG_READERS)
    if not (reads or roles & KEEPERS) or (query.case_id is not None and not reads):
        return NoticeLogAnswer()
    parts = (
        _one(generation, agency, query)
        if query.case_id or query.hook_id or query.notice_id
        else _whole(connection, generation, agency, query)
    )
    told = _counted(connection, generation, parts)
    rows = _newest(connection, generation, agency, query, parts)
    shown, here = rows[: query.limit], zone_of(connection, generation, agency, zone)
    return NoticeLogAnswer(
        notices=tuple(_log_row(each, here, reads=reads) for each in shown),
        counts={stage: min(many, MOST_COUNTED) for stage, many in told.items()},
        more=tuple(stage for stage, many in told.items() if many > MOST_COUNTED),
        cursor=cursor_of(shown[-1]) if len(rows) > query.limit else "",
    )


Parts = list[sa.ColumnElement[bool]]
"""Which notices he sees, in parts that exclude each other: each of them stands in an index, the newest at its end."""


def _whole(connection: Connection, generation: Generation, agency: str, query: NoticeLog) -> Parts:
    """A part per kind of case: of most a reader sees all or nothing, and by the kept counts it is known of which."""
    table = generation["notices"]
    parts: Parts = []
    for name in _kinds(connection, table, agency):
        seen = _seen(generation, agency, query.reader, name)
        kind = KINDS.get(name)
        if kind is not None and seen is not EVERYTHING and seen is not NOTHING:
            kept = kind.cases.restrictable and counts(connection, generation, agency, kind, query.reader)
            seen = seen if kept else NOTHING
        if seen is not NOTHING:
            parts.append((table.c.agency == agency) & (table.c.case_kind == name) & seen)
    return parts


def _one(generation: Generation, agency: str, query: NoticeLog) -> Parts:
    """Of a case, of a webhook, or one alone: few, which have an index of their own."""
    table = generation["notices"]
    asked = ((table.c.case_id, query.case_id), (table.c.hook_id, query.hook_id), (table.c.notice_id, query.notice_id))
    here = [table.c.agency == agency, *[column == str(value) for column, value in asked if value is not None]]
    seen = [(table.c.case_kind == name) & _seen(generation, agency, query.reader, name) for name in KINDS]
    others = table.c.case_kind.not_in(list(KINDS)) & _seen(generation, agency, query.reader, "")
    return [sa.and_(*here, sa.or_(*seen, others))]


def _kinds(connection: Connection, table: sa.Table, agency: str) -> list[str]:
    """The kinds of case of which there are notices, each found behind the one before."""
    found: list[str] = []
    last = ""
    while True:
        asked = sa.select(sa.func.min(table.c.case_kind)).where(table.c.agency == agency, table.c.case_kind > last)
        if not (last := connection.scalar(asked) or ""):
            return found
        found.append(last)


def _seen(generation: Generation, agency: str, reader: Reader, name: str) -> sa.ColumnElement[bool]:
    """Of the notices about this kind of case: what is about one that he may see, by the one predicate of its kind."""
    roles, kind = frozenset(reader.roles), KINDS.get(name)
    if not roles & LOG_READERS:
        return EVERYTHING if roles & KEEPERS and kind is not COMPLAINTS else NOTHING
    if kind is None:
        return EVERYTHING if roles & OF_NO_CASE else NOTHING
    if kind.sees_all(reader):
        return EVERYTHING
    table, cases = generation["notices"], generation[kind.name]
    return its_case(table, cases, kind, agency, kind.mine(generation, agency, reader))


def _counted(connection: Connection, generation: Generation, parts: Parts) -> dict[str, int]:
    """By stage, no further than it is told: nobody reads on after a thousand."""
    table = generation["notices"]
    asked = [
        sa.select(sa.literal(stage), sa.select(sa.func.count()).select_from(few.subquery()).scalar_subquery())
        for part in parts
        for stage in STAGES
        for few in [
            sa.select(sa.literal(1)).select_from(table).where(part, table.c.stage == stage).limit(MOST_COUNTED + 1)
        ]
    ]
    told: dict[str, int] = {}
    for stage, many in connection.execute(sa.union_all(*asked)) if asked else ():
        told[stage] = told.get(stage, 0) + many
    return {stage: many for stage, many in told.items() if many}


def _newest(connection: Connection, generation: Generation, agency: str, query: NoticeLog, parts: Parts) -> list[Row]:
    """One more than asked for, if there is one."""
    table = generation["notices"]
    order = (table.c.planned_at.desc(), table.c.notice_id.desc())
    asked = selected(generation, agency).add_columns(_hidden(generation, agency))
    asked = asked.where(*before(table, agency, query.cursor)).order_by(*order).limit(query.limit + 1)
    stages = [table.c.stage == stage for stage in dict.fromkeys(query.stages)] or [table.c.stage.is_not(None)]
    pages = [connection.execute(asked.where(part, stage)).mappings().all() for part in parts for stage in stages]
    merged = heapq.merge(*pages, key=lambda row: (row["planned_at"], row["notice_id"]), reverse=True)
    return [row for _, row in zip(range(query.limit + 1), merged, strict=False)]


def _hidden(generation: Generation, agency: str) -> sa.Label[bool]:
    """Whether it tells a reporter who has not said who he is: no person may learn how he is reached."""
    table, complaints = generation["notices"], generation["complaints"]
    named = its_case(table, complaints, COMPLAINTS, agency, complaints.c.stance == NAMED)
    return (table.c.audience.in_(sorted(REPORTERS)) & ~named).label("hidden")


def _log_row(row: Row, zone: str, *, reads: bool) -> NoticeLogRow:
    clock = Clock(row, zone)
    found = NoticeLogRow(
        notice_id=UUID(row["notice_id"]), event_kind=row["event_kind"], audience=row["audience"], stage=row["stage"],
        channel=row["channel"] or "", how=row["how"] or "", reason=row["reason"] or "", tries=row["tries"] or 0,
        urgent=bool(row["urgent"]), planned_at=clock.at(row["planned_at"]), not_before=clock.at(row["not_before"]),
        changed_at=clock.at(row["notifications_at"]), seen_at=clock.perhaps(row["seen_at"]), dated=bool(row["dated"]),
        hook_id=UUID(row["hook_id"]) if row["hook_id"] else None,
    )  # fmt: skip
    if not reads:
        return found
    theirs = {
        "event_id": UUID(row["event_id"]), "position": row["position"], "person_id": row["person_id"],
        "case_kind": row["case_kind"], "case_id": UUID(row["case_id"]),
        "number": json.loads(row["value_list"]).get("number", ""), "seen_by": row["seen_by"] or "",
        "by": row["done_by"] or "", "hidden": bool(row["hidden"]),
    }  # fmt: skip
    return found.model_copy(update=theirs)
