"""The complaint book: the register line by line, without reporters. What its reader may not know has a number alone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import BookLine, ComplaintBook, ComplaintBookAnswer
from services.kit.projections import Generation, micros
from services.projections.views.complaints.kind import seen
from services.projections.views.complaints.rows import ZONE, on
from services.projections.views.shared.kinds import Row
from services.projections.views.shared.risk import zone_of

COLUMNS = (
    "register_year", "register_number", "received_at", "complaint_kind", "channel", "class_title", "gist", "stage",
    "outcome", "due_at", "answered_at", "closed_at", "late", "overdue_at", "restricted",
    "paper_number", "aside",
)  # fmt: skip


def book(
    connection: Connection, generation: Generation, agency: str, query: ComplaintBook, now: datetime
) -> ComplaintBookAnswer:
    """Empty where the days are none, or the last comes before the first."""
    zone = zone_of(connection, generation, agency, ZONE)
    try:
        first, last = date.fromisoformat(query.from_on), date.fromisoformat(query.until_on)
        begin, end = (micros(datetime.combine(each, time(), zone)) for each in (first, last + timedelta(days=1)))
    except (ValueError, OverflowError):
        return ComplaintBookAnswer()
    table = generation["complaints"]
    known = sa.case((seen(generation, agency, query.reader), 1), else_=0).label("known")
    within = (table.c.received_at >= begin) & (table.c.received_at < end) & table.c.register_number.is_not(None)
    asked = (
        sa.select(*[table.c[each] for each in COLUMNS], known)
        .where(table.c.agency == agency, within)
        .order_by(table.c.register_year, table.c.register_number)
        .limit(query.limit + 1)
    )
    rows = connection.execute(asked).mappings().all()
    lines = tuple(_line(row, zone, now) for row in rows[: query.limit])
    return ComplaintBookAnswer.model_construct(lines=lines, more=len(rows) > query.limit)


def _line(row: Row, zone: ZoneInfo, now: datetime) -> BookLine:
    if row["restricted"] or not row["known"]:
        return BookLine(year=row["register_year"], number=row["register_number"], excluded=True)
    return BookLine(
        year=row["register_year"],
        number=row["register_number"],
        paper_number=row["paper_number"] or "",
        received_on=_day(row["received_at"], zone),
        complaint_kind=row["complaint_kind"],
        channel=row["channel"],
        class_title=row["class_title"] or "",
        gist=row["gist"] or "",
        outcome=row["outcome"] or row["stage"],
        aside=row["aside"] or "",
        due_on=_day(row["due_at"], zone),
        answered_on=_day(row["answered_at"], zone),
        closed_on=_day(row["closed_at"], zone),
        on_time=_on_time(row, now),
    )


def _day(value: int | None, zone: ZoneInfo) -> str:
    found = on(value, zone)
    return found.isoformat() if found else ""


def _on_time(row: Row, now: datetime) -> bool | None:
    """As it was said when it was answered or closed; before that, whether it is late already."""
    if row["late"] is not None:
        return not row["late"]
    late = row["overdue_at"] is not None or (row["due_at"] is not None and row["due_at"] <= (micros(now) or 0))
    return False if late else None
