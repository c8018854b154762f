"""A reader's inbox, and the office's log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

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
from services.projections.views.shared.kinds import Row

LOG_READERS = frozenset({"operator", "kasi", "kabid", "kadis", "leader", "inspector"})
KEEPERS = frozenset({"admin"})
"""They see that something was not sent and why, and neither whose it was nor which case."""
MISSING = "–"
Texts = Mapping[tuple[str, str], tuple[str, str]]
"""(template, language) → (subject, body)."""


def addressed(table: sa.Table, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    """What this reader was told: in person, as who acts for a position, or as who stands in there."""
    own = table.c.person_id == reader.person_id
    acts = table.c.position.in_(reader.positions) & (table.c.not_for.is_(None) | (table.c.not_for != reader.person_id))
    stands = [(table.c.position == at) & (table.c.not_for == of) for at, of in reader.stand_ins]
    return (table.c.agency == agency) & (table.c.inbox == 1) & sa.or_(own, acts, *stands)


def inbox(
    connection: Connection, generation: Generation, agency: str, query: NoticeList, *, zone: str
) -> NoticeListAnswer:
    if not query.reader.person_id:
        return NoticeListAnswer()
    table = generation["notices"]
    mine = addressed(table, agency, query.reader)
    asked = sa.select(sa.func.count()).select_from(table).where(mine, table.c.seen_at.is_(None))
    unseen = connection.scalar(asked) or 0
    if not query.limit:
        return NoticeListAnswer(unseen=unseen)
    wanted = [mine, *_before(table, query.cursor)]
    if query.notice_id is not None:
        wanted.append(table.c.notice_id == str(query.notice_id))
    if query.unseen:
        wanted.append(table.c.seen_at.is_(None))
    newest = sa.select(table).where(*wanted).order_by(table.c.planned_at.desc(), table.c.notice_id.desc())
    rows = connection.execute(newest.limit(query.limit + 1)).mappings().all()
    shown = rows[: query.limit]
    texts = _texts(connection, generation, agency)
    offices = generation["offices"]
    here = connection.scalar(sa.select(offices.c.zone).where(offices.c.agency == agency)) or zone
    return NoticeListAnswer(
        notices=tuple(_row(each, texts, query.language, here) for each in shown),
        unseen=unseen,
        cursor=_cursor(shown[-1]) if len(rows) > query.limit else "",
    )


def log(connection: Connection, generation: Generation, agency: str, query: NoticeLog) -> NoticeLogAnswer:
    roles = frozenset(query.reader.roles)
    reads = bool(roles & LOG_READERS)
    if not (reads or roles & KEEPERS):
        return NoticeLogAnswer()
    table = generation["notices"]
    here = [table.c.agency == agency, table.c.stage.is_not(None)]
    if query.case_id is not None:
        if not reads:
            return NoticeLogAnswer()
        here.append(table.c.case_id == str(query.case_id))
    if query.hook_id is not None:
        here.append(table.c.hook_id == str(query.hook_id))
    counted = sa.select(table.c.stage, sa.func.count()).where(*here).group_by(table.c.stage)
    counts = {row[0]: row[1] for row in connection.execute(counted)}
    if query.stages:
        here.append(table.c.stage.in_(query.stages))
    newest = sa.select(table).where(*here, *_before(table, query.cursor))
    newest = newest.order_by(table.c.planned_at.desc(), table.c.notice_id.desc()).limit(query.limit + 1)
    rows = connection.execute(newest).mappings().all()
    shown = rows[: query.limit]
    return NoticeLogAnswer(
        notices=tuple(_log_row(each, reads=reads) for each in shown),
        counts=counts,
        cursor=_cursor(shown[-1]) if len(rows) > query.limit else "",
    )


def _row(row: Row, texts: Texts, language: str, zone: str) -> NoticeRow:
    values = json.loads(row["value_list"])
    subject, body = _said(row["template"], values, texts, language, zone)
    return NoticeRow(
        notice_id=UUID(row["notice_id"]), case_kind=row["case_kind"], case_id=UUID(row["case_id"]),
        number=values.get("number", ""), subject=subject, body=body, position=row["position"],
        urgent=bool(row["urgent"]), at=whole_moment(row["planned_at"]), seen_at=moment(row["seen_at"]),
        seen_by=row["seen_by"] or "",
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


def _log_row(row: Row, *, reads: bool) -> NoticeLogRow:
    found = NoticeLogRow(
        notice_id=UUID(row["notice_id"]), event_kind=row["event_kind"], audience=row["audience"], stage=row["stage"],
        channel=row["channel"] or "", how=row["how"] or "", reason=row["reason"] or "", tries=row["tries"] or 0,
        urgent=bool(row["urgent"]), planned_at=whole_moment(row["planned_at"]),
        not_before=whole_moment(row["not_before"]), changed_at=whole_moment(row["notifications_at"]),
        seen_at=moment(row["seen_at"]), hook_id=UUID(row["hook_id"]) if row["hook_id"] else None,
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
    return f"{row['planned_at']}.{row['notice_id']}"


def _before(table: sa.Table, cursor: str) -> list[sa.ColumnElement[bool]]:
    """Keyset paging; an unknown cursor begins anew."""
    at, _, notice = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 19):  # noqa: PLR2004 - fits 64 bits
        return []
    return [sa.tuple_(table.c.planned_at, table.c.notice_id) < sa.tuple_(int(at), notice)]
