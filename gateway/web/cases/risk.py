"""Berisiko hari ini: of which cases a limit falls today or is past, how much working time is left, who has it."""

from collections import Counter
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.offices import PositionsAnswer
from contracts.organisation import Positions
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import risk_of
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.web.kinds import CASES, risk_place
from gateway.web.moments import SOON_MINUTES, Moments
from gateway.web.page import Pages

LIMIT = 200


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/berisiko", name="page.risk")
    async def risk(request: Request) -> Response:
        visitor = visitor_of(request)
        answer = await risk_of(pages.client, visitor, p.AtRisk(limit=LIMIT, after=after_of(request)))
        office = await pages.offices.of(visitor.agency)
        time = office.moments(request.state.language)
        titles = await titles_of(pages, visitor) if any(each.positions or each.position for each in answer.rows) else {}
        mine = {held.position for held in visitor.actor.holdings}
        return await pages.show(
            request,
            "cases/berisiko.html",
            answer=answer,
            limits={name: kind.limits for name, kind in CASES.items()},
            rows=[(row, state(row), left(row, time), risk_place(row, mine)) for row in answer.rows],
            mine=mine,
            titles=titles,
            titled=titled,
        )

    return made


async def titles_of(pages: Pages, visitor: Visitor) -> Mapping[str, str]:
    """Position → as people call it; none where nobody answers now."""
    try:
        seats = await pages.client.ask(visitor, Positions(), PositionsAnswer)
    except Problem:
        return {}
    return {each.position: each.title for each in seats.positions}


def titled(row: p.RiskRow, titles: Mapping[str, str]) -> str:
    """All whose turn it is; of two that are called alike, how many there are."""
    known = Counter(titles.get(each, each) for each in row.positions)
    return ", ".join(title if many == 1 else f"{title} ({many})" for title, many in known.items())


def state(row: p.RiskRow) -> str:
    if row.overdue:
        return "overdue"
    soon = row.remaining_minutes is not None and row.remaining_minutes <= SOON_MINUTES
    return "soon" if soon else "ahead"


def left(row: p.RiskRow, time: Moments) -> str:
    """“sisa 2 jam kerja”; where the calendar is not known, the moment says it alone."""
    if row.remaining_minutes is None:
        return time.told(_("Terlambat")) if row.overdue else ""
    if row.overdue:
        late = abs(row.remaining_minutes)
        span = time.working(late, row.limit_at, time.now)
        return time.told(_("Terlambat {span}"), span=span) if late else time.told(_("Tenggat sudah lewat"))
    return time.told(_("Sisa {span}"), span=time.working(row.remaining_minutes, time.now, row.limit_at))
