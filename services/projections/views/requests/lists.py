"""The register of requests, and one of them with what else is known of its applicant."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import ERASED
from contracts.projections import RequestDetail, RequestDetailAnswer, RequestList, RequestListAnswer
from services.kit.projections import Generation, find_cases
from services.projections.views.requests.kind import REQUESTS, newest_first, reviewers_of, seen
from services.projections.views.requests.rows import request, request_row
from services.projections.views.shared.kinds import Row
from services.projections.views.shared.lists import counts, page

MOST_HINTS = 10


def requests(connection: Connection, generation: Generation, agency: str, query: RequestList) -> RequestListAnswer:
    found = page(connection, generation, agency, REQUESTS, query)
    return RequestListAnswer.model_construct(
        requests=tuple(request_row(row) for row in found.rows),
        cursor=found.cursor,
        counts=counts(connection, generation, agency, REQUESTS, query.reader),
    )


def detail(connection: Connection, generation: Generation, agency: str, query: RequestDetail) -> RequestDetailAnswer:
    table = generation["requests"]
    mine = seen(generation, agency, query.reader)
    row = connection.execute(sa.select(table).where(mine, table.c.request_id == str(query.request_id))).mappings()
    found = row.first()
    if found is None:
        return RequestDetailAnswer()
    others = mine & (table.c.request_id != found["request_id"])
    same = (table.c.subject_id == found["subject_id"]) | (table.c.account_id == found["account_id"])
    reviewers = reviewers_of(connection, generation, agency).get(found["calendar_of"], [])
    earlier = _newest(connection, generation, others & same)
    return RequestDetailAnswer(
        request=request(found, reviewers, earlier, _namesakes(connection, generation, agency, found, others & ~same))
    )


def _namesakes(
    connection: Connection, generation: Generation, agency: str, found: Row, others: sa.ColumnElement[bool]
) -> Sequence[Row]:
    """Who is called just the same and has another number: a hint, found by the index of words."""
    table, name = generation["requests"], (found["name"] or "").strip()
    if not name or name == ERASED:
        return []
    cases = find_cases(connection, generation, "requests", agency, name)
    if cases is None:
        return []
    alike = sa.func.lower(table.c.name) == sa.func.lower(name)
    return _newest(connection, generation, others & alike & table.c.request_id.in_(cases))


def _newest(connection: Connection, generation: Generation, which: sa.ColumnElement[bool]) -> Sequence[Row]:
    table = generation["requests"]
    asked = sa.select(*REQUESTS.columns(generation)).where(which)
    asked = asked.order_by(*newest_first(table)).limit(MOST_HINTS)
    return connection.execute(asked).mappings().all()
