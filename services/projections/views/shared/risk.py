"""What is at risk today: cases with a limit that falls today or is past, the least working time left first."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import AtRisk, AtRiskAnswer, RiskRow
from services.kit.projections import Generation, micros
from services.projections.views.shared.kinds import CaseKind


def at_risk(  # noqa: PLR0913 - what a morning is read from
    connection: Connection,
    generation: Generation,
    agency: str,
    kinds: Sequence[CaseKind],
    query: AtRisk,
    now: datetime,
    zone: str,
) -> AtRiskAnswer:
    """One row per case, by its most urgent limit; the day is the agency's."""
    begin = midnight(connection, generation, agency, now, zone)
    end = datetime.combine(begin.date() + timedelta(days=1), begin.timetz())
    rows: list[RiskRow] = []
    total = past = 0
    for kind in kinds:
        if kind.limit is None or kind.risks is None:
            continue
        table = generation[kind.name]
        limit = table.c[kind.limit]
        mine = kind.mine(generation, agency, query.reader) & (limit < micros(end))
        more = [each for each in dict.fromkeys((kind.limit, *kind.risky)) if each not in kind.listed]
        wanted = [*kind.columns(generation), *[table.c[each] for each in more]]
        asked = sa.select(*wanted).where(mine).order_by(limit, table.c[kind.cases.id]).limit(query.limit)
        rows += kind.risks(connection, generation, agency, connection.execute(asked).mappings().all(), now)
        late = sa.func.sum(sa.case((limit <= micros(now), 1), else_=0))
        count, over = connection.execute(sa.select(sa.func.count(), late).select_from(table).where(mine)).one()
        total, past = total + count, past + (over or 0)
    rows.sort(key=lambda each: (each.remaining_minutes is None, each.remaining_minutes or 0))
    return AtRiskAnswer(
        rows=tuple(rows[: query.limit]), asof_at=now, today_on=begin.date().isoformat(), overdue=past,
        today=total - past,
    )  # fmt: skip


def midnight(connection: Connection, generation: Generation, agency: str, now: datetime, zone: str) -> datetime:
    """When the agency's day began; ``zone`` is that of an agency whose standard names none."""
    here = zone_of(connection, generation, agency, zone)
    return datetime.combine(now.astimezone(here).date(), time(), here)


def zone_of(connection: Connection, generation: Generation, agency: str, zone: str) -> ZoneInfo:
    """The agency's own; ``zone``: where its standard names none."""
    offices = generation["offices"]
    named = connection.scalar(sa.select(offices.c.zone).where(offices.c.agency == agency)) or zone
    try:
        return ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(zone)
