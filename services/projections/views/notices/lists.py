"""A reader's inbox: of a case that he may not see there is nothing in it (decision 0113)."""

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
    NoticeRow,
)
from services.kit.projections import Generation, moment, whole_moment
from services.kit.templates import filled, said
from services.projections.views.complaints.kind import COMPLAINTS
from services.projections.views.complaints.rows import ANONYMOUS, ZONE, day
from services.projections.views.notices.about import its_case, shut
from services.projections.views.shared.kinds import Row

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


def selected(generation: Generation, agency: str) -> sa.Select[Any]:
    """A notice, and whether who reported its case is anonymous: its moments are days then."""
    table, complaints = generation["notices"], generation["complaints"]
    anonymous = its_case(table, complaints, COMPLAINTS, agency, complaints.c.stance == ANONYMOUS)
    return sa.select(table, ((table.c.case_kind == COMPLAINTS.name) & anonymous).label("dated"))


def zone_of(connection: Connection, generation: Generation, agency: str, otherwise: str) -> str:
    offices = generation["offices"]
    return connection.scalar(sa.select(offices.c.zone).where(offices.c.agency == agency)) or otherwise


class Clock:
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
    wanted = [mine, *before(table, agency, query.cursor)]
    if query.notice_id is not None:
        wanted.append(table.c.notice_id == str(query.notice_id))
    if query.unseen:
        wanted.append(table.c.seen_at.is_(None))
    newest = selected(generation, agency).where(*wanted).order_by(table.c.planned_at.desc(), table.c.notice_id.desc())
    rows = connection.execute(newest.limit(query.limit + 1)).mappings().all()
    shown = rows[: query.limit]
    texts = _texts(connection, generation, agency)
    here = zone_of(connection, generation, agency, zone)
    return NoticeListAnswer(
        notices=tuple(_row(each, texts, query.language, here) for each in shown),
        unseen=unseen,
        cursor=cursor_of(shown[-1]) if len(rows) > query.limit else "",
    )


def _row(row: Row, texts: Texts, language: str, zone: str) -> NoticeRow:
    values = json.loads(row["value_list"])
    subject, body = _said(row["template"], values, texts, language, zone)
    clock = Clock(row, zone)
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


def _texts(connection: Connection, generation: Generation, agency: str) -> Texts:
    table = generation["notice_templates"]
    rows = connection.execute(sa.select(table).where(table.c.agency == agency)).mappings()
    return {(row["template"], row["language"]): (row["subject"], row["body"]) for row in rows}


def cursor_of(row: Row) -> str:
    """No moment stands in it: that of an anonymous case is told to nobody."""
    return str(row["notice_id"])


def before(table: sa.Table, agency: str, cursor: str) -> list[sa.ColumnElement[bool]]:
    """Keyset paging; an unknown cursor begins anew."""
    if not cursor:
        return []
    last = table.alias("last")
    at = sa.select(last.c.planned_at).where(last.c.agency == agency, last.c.notice_id == cursor).scalar_subquery()
    place = sa.tuple_(table.c.planned_at, table.c.notice_id) < sa.tuple_(at, sa.literal(cursor))
    return [at.is_(None) | place]
