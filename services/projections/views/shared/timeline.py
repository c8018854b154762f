"""A case told by its events, for who may see it."""

import json
from collections.abc import Callable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import CaseHistory, CaseHistoryAnswer, HistoryEntry
from services.kit.projections import Generation, whole_moment
from services.projections.views.shared.kinds import CaseKind, Row

Raw = Callable[[str, int], dict[str, Any] | None]
"""``(service, position) -> the stored event as JSON``."""


def history(  # noqa: PLR0913 - what a history is read from
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, query: CaseHistory, raw: Raw
) -> CaseHistoryAnswer:
    """Oldest first. Moments of different services may be equal; a service's own order is kept."""
    case_id = str(query.case_id)
    cases = generation[kind.name]
    here = kind.mine(generation, agency, query.reader) & (cases.c[kind.cases.id] == case_id)
    wanted = kind.columns(generation) if kind.dated else [cases.c.agency]
    found = connection.execute(sa.select(*wanted).where(here)).mappings().first()
    if found is None:
        return CaseHistoryAnswer(entries=())
    zone = kind.dated(found) if kind.dated else None
    table, ranks = generation["history"], {name: rank for rank, name in enumerate(kind.services)}
    asked = sa.select(table).where(table.c.agency == agency, table.c.case_id == case_id)
    rows = list(connection.execute(asked).mappings())
    rows.sort(key=lambda row: (row["at"], ranks.get(row["service"], len(ranks)), row["position"]))
    opens = query.raw and zone is None  # the stored event tells its moment
    return CaseHistoryAnswer(
        entries=tuple(entry(row, raw(row["service"], row["position"]) if opens else None, zone) for row in rows)
    )


def entry(row: Row, raw: dict[str, Any] | None, zone: ZoneInfo | None = None) -> HistoryEntry:
    """``zone``: its moment is told as the beginning of its day there."""
    at = whole_moment(row["at"])
    at = at if zone is None else datetime.combine(at.astimezone(zone).date(), time(), zone)
    sealed = {name: row[name] for name in ("who", "what") if row[name] is not None}
    return HistoryEntry.model_validate(
        {
            "event_id": row["event_id"], "service": row["service"], "position": row["position"], "kind": row["kind"],
            "at": at, "by_name": row["by_name"] or "", "by_title": row["by_title"] or "",
            "by_capacity": row["by_capacity"] or "", "params": {**json.loads(row["params"]), **sealed}, "raw": raw,
        }
    )  # fmt: skip
