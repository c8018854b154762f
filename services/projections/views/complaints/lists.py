"""The list of complaints, one of them, what runs in each class."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import (
    AboutRow,
    ClassClock,
    ComplaintClocks,
    ComplaintClocksAnswer,
    ComplaintDetail,
    ComplaintDetailAnswer,
    ComplaintList,
    ComplaintListAnswer,
    ComplaintsAbout,
    ComplaintsAboutAnswer,
    LeftMail,
)
from services.kit.projections import Generation, micros, moment, whole_moment
from services.projections.policy import COMPLAINT_OFFICER
from services.projections.views.complaints.kind import COMPLAINTS, seen, zone
from services.projections.views.complaints.rows import complaint, complaint_row
from services.projections.views.shared.lists import counts, page

LATELY, MOST_LEFT = timedelta(days=30), 50


def complaints(
    connection: Connection, generation: Generation, agency: str, query: ComplaintList, now: datetime
) -> ComplaintListAnswer:
    found = page(connection, generation, agency, COMPLAINTS, query)
    return ComplaintListAnswer.model_construct(
        complaints=tuple(complaint_row(row) for row in found.rows),
        cursor=found.cursor,
        counts=counts(connection, generation, agency, COMPLAINTS, query.reader),
        left=left(connection, generation, agency, now) if COMPLAINT_OFFICER in query.reader.roles else (),
    )


def left(connection: Connection, generation: Generation, agency: str, now: datetime) -> tuple[LeftMail, ...]:
    """The newest of the last weeks."""
    table = generation["complaint_left"]
    lately = (table.c.agency == agency) & (table.c.received_at > (micros(now - LATELY) or 0))
    asked = sa.select(table).where(lately).order_by(table.c.received_at.desc()).limit(MOST_LEFT)
    return tuple(
        LeftMail(received_at=whole_moment(row["received_at"]), mailbox=row["mailbox"], why=row["why"])
        for row in connection.execute(asked).mappings()
    )


def detail(
    connection: Connection, generation: Generation, agency: str, query: ComplaintDetail
) -> ComplaintDetailAnswer:
    table = generation["complaints"]
    here = seen(generation, agency, query.reader) & (table.c.complaint_id == str(query.complaint_id))
    found = connection.execute(sa.select(table, *zone(generation)).where(here)).mappings().first()
    return ComplaintDetailAnswer(complaint=complaint(found) if found is not None else None)


def about(connection: Connection, generation: Generation, agency: str, query: ComplaintsAbout) -> ComplaintsAboutAnswer:
    """Oldest first."""
    table = generation["complaints"]
    here = (table.c.about_id == str(query.case_id)) & (table.c.about_service == query.case_service)
    open_to_say = (table.c.stance == "named") & (sa.func.coalesce(table.c.restricted, 0) == 0)
    columns = table.c.complaint_id, table.c.number, table.c.stage
    asked = sa.select(*columns).where(seen(generation, agency, query.reader), here, open_to_say)
    found = connection.execute(asked.order_by(table.c.received_at).limit(MOST_LEFT)).all()
    return ComplaintsAboutAnswer(
        complaints=tuple(AboutRow(complaint_id=UUID(each), number=number, stage=stage) for each, number, stage in found)
    )


def clocks(
    connection: Connection, generation: Generation, agency: str, query: ComplaintClocks, now: datetime
) -> ComplaintClocksAnswer:
    """The most urgent class first; what nobody has classified stands as a class without a name."""
    table, at = generation["complaints"], micros(now)
    # Those that run, by their index: a class as it stands would have all cases read in the order of classes.
    open_ones = seen(generation, agency, query.reader) & (table.c.limit_at > 0)
    named = sa.func.coalesce(table.c.complaint_class, "")
    late = sa.case((table.c.due_at <= at, 1), else_=0)
    ahead = sa.func.min(sa.case((table.c.due_at > at, table.c.due_at)))
    columns = named, sa.func.max(table.c.class_title), sa.func.count(), sa.func.sum(late), ahead
    asked = sa.select(*columns).where(open_ones).group_by(named)
    found = [
        ClassClock(complaint_class=name or None, title=title or "", running=many, overdue=past, next_due_at=moment(due))
        for name, title, many, past, due in connection.execute(asked)
    ]
    found.sort(key=lambda each: (each.overdue == 0, each.next_due_at is None, each.next_due_at or now, each.title))
    return ComplaintClocksAnswer(classes=tuple(found))
