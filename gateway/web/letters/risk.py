"""Berisiko hari ini: of which letters a limit falls today or is past, how much working time is left, who has it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.web.letters.tasks import PLACES
from gateway.web.moments import SOON_MINUTES, Moments
from gateway.web.page import Pages

LIMIT = 200
KINDS: Mapping[str, str] = {
    "letter": _("Tenggat surat"),
    "tier": _("Batas paraf"),
    "delivery": _("Batas antar"),
}


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/berisiko", name="page.risk")
    async def risk(request: Request) -> Response:
        visitor = visitor_of(request)
        answer = await pages.client.ask(visitor, p.AtRisk(limit=LIMIT, after=after_of(request)), p.AtRiskAnswer)
        office = await pages.offices.of(visitor.agency)
        time = office.moments(request.state.language)
        mine = {held.position for held in visitor.actor.holdings}
        return await pages.show(
            request,
            "letters/berisiko.html",
            answer=answer,
            kinds=KINDS,
            rows=[(row, state(row), left(row, time), place(row, mine)) for row in answer.rows],
            mine=mine,
        )

    return made


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
        return (
            time.told(_("Terlambat {span} kerja"), span=time.span(late))
            if late
            else time.told(_("Tenggat sudah lewat"))
        )
    return time.told(_("Sisa {span} kerja"), span=time.span(row.remaining_minutes))


def place(row: p.RiskRow, mine: set[str]) -> str:
    """Where it can be done by this visitor, else the letter."""
    pattern = PLACES.get(row.waits, "/surat/{letter_id}") if row.position is None or row.position in mine else ""
    return (pattern or "/surat/{letter_id}").format(letter_id=row.letter.letter_id, copy_id=row.copy_id)
