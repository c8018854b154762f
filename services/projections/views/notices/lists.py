"""A reader's inbox, and the office's log: of a case that he may not see there is nothing in them (decision 0113)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.notices import MOMENTS
from contracts.projections import (
    NoticeList,
    NoticeListAnswer,
    NoticeLog,
    NoticeLogAnswer,
    NoticeLogRow,
    NoticeRow,
)
from services.kit.projections import Generation, moment, whole_moment
from services.kit.templates import filled, said
from services.projections.views.complaints.kind import COMPLAINTS
from services.projections.views.complaints.rows import ANONYMOUS, ZONE, day
from services.projections.views.letters.kind import LETTERS
from services.projections.views.notices.about import its_case, shut
from services.projections.views.requests.kind import REQUESTS
from services.projections.views.shared.kinds import CaseKind, Row

LOG_READERS = frozenset({"operator", "kasi", "kabid", "kadis", "leader", "inspector", "complaint-officer"})
"""Each as far as he may see the cases; what is about no case, all but who works on complaints alone."""
OF_NO_CASE = LOG_READERS - {"complaint-officer"}
KEEPERS = frozenset({"admin"})
"""They see that something was not sent and why, and neither whose it was nor which case; of complaints nothing, for
when something came tells who brought it.
"""
KINDS: tuple[CaseKind, ...] = (LETTERS, REQUESTS, COMPLAINTS)
MISSING = "–"
Texts = Mapping[tuple[str, str], tuple[str, str]]
"""(template, language) → (subject, body)."""


def addressed(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    """What this reader was told: in person, as who acts for a position, or as who stands in there; nothing of what has
    been shut to him since.
    """
    table = generation["notices"]
    own = table.c.person_id == reader.person_id
    acts = table.c.position.in_(reader.positions) & (table.c.not_for.is_(None) | (table.c.not_for != reader.person_id))
    stands = [(table.c.position == at) & (table.c.not_for == of) for at, of in reader.stand_ins]
    told = (table.c.agency == agency) & (table.c.inbox == 1) & sa.or_(own, acts, *stands)
    return told & ~shut(generation, agency, reader)


def _seen(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    """Of the log: what is about a case that he may see, by the one predicate of its kind."""
    table, roles = generation["notices"], frozenset(reader.roles)
    if not roles & LOG_READERS:
        return table.c.case_kind != COMPLAINTS.name if roles & KEEPERS else sa.false()
    seen: list[sa.ColumnElement[bool]] = (
        [table.c.case_kind.not_in([each.name for each in KINDS])] if roles & OF_NO_CASE else []
    )
    for kind in KINDS:
        of_kind = table.c.case_kind == kind.name
        if not kind.sees_all(reader):
            of_kind &= its_case(table, generation[kind.name], kind, agency, kind.mine(generation, agency, reader))
        seen.append(of_kind)
    return sa.or_(*seen)


def _selected(generation: Generation, agency: str) -> sa.Select[Any]:
    """A notice, and whether who reported its case is anonymous: its moments are days then."""
    table, complaints = generation["notices"], generation["complaints"]
    anonymous = its_case(table, complaints, COMPLAINTS, agency, complaints.c.stance == ANONYMOUS)
    return sa.select(table, ((table.c.case_kind == COMPLAINTS.name) & anonymous).label("dated"))


def _zone(connection: Connection, generation: Generation, agency: str, otherwise: str) -> str:
    offices = generation["offices"]
    return connection.scalar(sa.select(offices.c.zone).where(offices.c.agency == agency)) or otherwise


class _Clock:
    """The moments of a row as they are told."""

    def __init__(self, row: Row, zone: str) -> None:
        self._zone: ZoneInfo | None = None
        if row["dated"]:
            try:
                self._zone = ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError):
                self._zone = ZoneInfo(ZONE)

    def at(self, value: int) -> datetime:
        return day(whole_moment(value), self._zone)

    def perhaps(self, value: int | None) -> datetime | None:
        found = moment(value)
        return None if found is None else day(found, self._zone)


def inbox(
    connection: Connection, generation: Generation, agency: str, query: NoticeList, *, zone: str
) -> NoticeListAnswer:
    if not query.reader.person_id:
        return NoticeListAnswer()
    table = generation["notices"]
    mine = addressed(generation, agency, query.reader)
    asked = sa.select(sa.func.count()).select_from(table).where(mine, table.c.seen_at.is_(None))
    unseen = connection.scalar(asked) or 0
    if not query.limit:
        return NoticeListAnswer(unseen=unseen)
    wanted = [mine, *_before(table, agency, query.cursor)]
    if query.notice_id is not None:
        wanted.append(table.c.notice_id == str(query.notice_id))
    if query.unseen:
        wanted.append(table.c.seen_at.is_(None))
    newest = _selected(generation, agency).where(*wanted).order_by(table.c.planned_at.desc(), table.c.notice_id.desc())
    rows = connection.execute(newest.limit(query.limit + 1)).mappings().all()
    shown = rows[: query.limit]
    texts = _texts(connection, generation, agency)
    here = _zone(connection, generation, agency, zone)
    return NoticeListAnswer(
        notices=tuple(_row(each, texts, query.language, here) for each in shown),
        unseen=unseen,
        cursor=_cursor(shown[-1]) if len(rows) > query.limit else "",
    )


def log(connection: Connection, generation: Generation, agency: str, query: NoticeLog, *, zone: str) -> NoticeLogAnswer:
    roles = frozenset(query.reader.roles)
    reads = bool(roles & LOG_READERS)
    if not (reads or roles & KEEPERS):
        return NoticeLogAnswer()
    table = generation["notices"]
    here = [table.c.agency == agency, table.c.stage.is_not(None), _seen(generation, agency, query.reader)]
    if query.case_id is not None:
        if not reads:
            return NoticeLogAnswer()
        here.append(table.c.case_id == str(query.case_id))
    if query.hook_id is not None:
        here.append(table.c.hook_id == str(query.hook_id))
    if query.notice_id is not None:
        here.append(table.c.notice_id == str(query.notice_id))
    counted = sa.select(table.c.stage, sa.func.count()).where(*here).group_by(table.c.stage)
    counts = {row[0]: row[1] for row in connection.execute(counted)}
    if query.stages:
        here.append(table.c.stage.in_(query.stages))
    newest = _selected(generation, agency).where(*here, *_before(table, agency, query.cursor))
    newest = newest.order_by(table.c.planned_at.desc(), table.c.notice_id.desc()).limit(query.limit + 1)
    rows = connection.execute(newest).mappings().all()
    shown = rows[: query.limit]
    told = _zone(connection, generation, agency, zone)
    return NoticeLogAnswer(
        notices=tuple(_log_row(each, told, reads=reads) for each in shown),
        counts=counts,
        cursor=_cursor(shown[-1]) if len(rows) > query.limit else "",
    )


def _row(row: Row, texts: Texts, language: str, zone: str) -> NoticeRow:
    values = json.loads(row["value_list"])
    subject, body = _said(row["template"], values, texts, language, zone)
    clock = _Clock(row, zone)
    return NoticeRow(
        notice_id=UUID(row["notice_id"]), case_kind=row["case_kind"], case_id=UUID(row["case_id"]),
        number=values.get("number", ""), subject=subject, body=body, position=row["position"],
        urgent=bool(row["urgent"]), at=clock.at(row["planned_at"]), seen_at=clock.perhaps(row["seen_at"]),
        seen_by=row["seen_by"] or "", dated=bool(row["dated"]),
    )  # fmt: skip


def _said(template: str, values: Mapping[str, str], texts: Texts, language: str, zone: str) -> tuple[str, str]:
    """A template of today may name what an older notice has not: a dash stands there, and nothing is lost."""
    found = next((lang for lang in (language, "id", "en") if (template, lang) in texts), None)
    if found is None:
        return values.get("number", ""), ""
    words = _Lenient(said(values, MOMENTS, zone, found))
    subject, body = texts[template, found]
    return filled(subject, words), filled(body, words)


class _Lenient(dict[str, str]):
    def get(self, key: str, _default: Any = None) -> str:
        return super().get(key) or MISSING


def _log_row(row: Row, zone: str, *, reads: bool) -> NoticeLogRow:
    clock = _Clock(row, zone)
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
        "by": row["done_by"] or "",
    }  # fmt: skip
    return found.model_copy(update=theirs)


def _texts(connection: Connection, generation: Generation, agency: str) -> Texts:
    table = generation["notice_templates"]
    rows = connection.execute(sa.select(table).where(table.c.agency == agency)).mappings()
    return {(row["template"], row["language"]): (row["subject"], row["body"]) for row in rows}


def _cursor(row: Row) -> str:
    """No moment stands in it: that of an anonymous case is told to nobody."""
    return str(row["notice_id"])


def _before(table: sa.Table, agency: str, cursor: str) -> list[sa.ColumnElement[bool]]:
    """Keyset paging; an unknown cursor begins anew."""
    if not cursor:
        return []
    last = table.alias("last")
    at = sa.select(last.c.planned_at).where(last.c.agency == agency, last.c.notice_id == cursor).scalar_subquery()
    place = sa.tuple_(table.c.planned_at, table.c.notice_id) < sa.tuple_(at, sa.literal(cursor))
    return [at.is_(None) | place]
