"""Pengaduan: the list, and one complaint with what was said, what is done about it, and its timeline."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.complaint import ComplaintSheetAnswer
from contracts.offices import PeopleAnswer, PersonRow, PositionsAnswer, Term
from contracts.organisation import People, Positions
from contracts.words import CaseRef
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.complaints import (
    complaint_deadline_of,
    complaint_history_of,
    complaint_of,
    complaint_sheet_of,
    complaints_of,
)
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.edge.uploads import numbered
from gateway.web import complaint_words as words
from gateway.web.cases.deadlines import deadline_page
from gateway.web.cases.lists import asked_of
from gateway.web.complaints.permits import actions
from gateway.web.complaints.story import story
from gateway.web.on_behalf import TO_COMPLAINT, Files, none_yet
from gateway.web.page import Pages
from gateway.web.public.attaching import word_of
from gateway.web.public.strangers import Strangers
from gateway.web.story import last_of
from gateway.web.words import ROLES, text

UNANSWERED = frozenset({"assigned", "asked", "proposed"})
"""Where an objection, if there was one, waits for its answer."""
PLACES: Mapping[str, str] = {"intake": "/surat", "account_provisioning": "/akun"}


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/pengaduan", name="page.complaints")
    async def complaints(request: Request) -> Response:
        visitor = visitor_of(request)
        query, shown = asked_of(request, p.ComplaintList, p.COMPLAINT_STAGES)
        answer = await complaints_of(pages.client, visitor, query)
        return await pages.show(
            request,
            "complaints/daftar.html",
            answer=answer,
            said=words,
            **shown,
            enters=RIGHTS["complaints.enter"].allows(visitor.roles),
            books=RIGHTS["complaints.book"].allows(visitor.roles),
        )

    @made.get("/pengaduan/{complaint_id}", name="page.complaint")
    async def one(request: Request, complaint_id: UUID) -> Response:
        found = await complaint_of(pages.client, visitor_of(request), complaint_id, after_of(request))
        return await complaint_page(pages, desk, request, found)

    @made.get("/pengaduan/{complaint_id}/tenggat", name="page.complaint-deadline")
    async def deadline(request: Request, complaint_id: UUID) -> Response:
        visitor = visitor_of(request)
        found = await complaint_of(pages.client, visitor, complaint_id, after_of(request))
        answer = await complaint_deadline_of(pages.client, visitor, found, after_of(request))
        return await deadline_page(
            pages,
            request,
            found.row,
            answer,
            register=("/pengaduan", _("Pengaduan")),
            nothing=_("Tenggat dihitung sejak pengaduan diterima."),
        )

    return made


async def complaint_page(  # noqa: PLR0913 - a page, and what was wrong with its form
    pages: Pages,
    desk: Strangers,
    request: Request,
    found: p.Complaint,
    *,
    status: int = 200,
    problem: str = "",
    action: str = "",
    values: Any = None,
    brought: Files | None = None,
) -> Response:
    """``action`` names the form that failed, ``values`` keep what was entered there."""
    visitor, after = visitor_of(request), after_of(request)
    office = await pages.offices.of(visitor.agency)
    entries = await complaint_history_of(pages.client, visitor, found, after)
    sheet = await sheet_or_none(pages, visitor, found, after)
    written, allowed = sheet.words if sheet else {}, actions(visitor, found, sheet)
    people = await people_asked(pages, visitor) if "complaints.about" in allowed else ()
    seats = await seats_of(pages, visitor)
    titles = {row.position: row.title for row in seats.positions}
    filed = next((each for each in entries if each.kind.startswith("complaint.ComplaintFiled.")), None)
    return await pages.show(
        request,
        "complaints/pengaduan.html",
        status=status,
        problem=problem,
        found=found,
        row=found.row,
        sheet=sheet,
        objection=last_of(entries, written, "complaint.ObjectionRaised") if found.row.stage in UNANSWERED else "",
        words_said=written.get(str(filed.event_id), "") if filed else "",
        said=words,
        titles=titles,
        people=people_of(seats, people, request.state.language),
        files=numbered(sheet.attachments.values()) if sheet else [],
        word_of=word_of,
        about_place=place_of(found.about),
        classes=[each for rows in sheet.standards.values() for each in rows] if sheet else [],
        allowed=allowed,
        told=story(found, entries, written, titles, office.moments(request.state.language)),
        just=request.query_params.get("baru", ""),
        action=action,
        values=values or {},
        brought=brought or none_yet(TO_COMPLAINT),
        uploads=desk.uploads,
    )


def place_of(about: CaseRef | None) -> str:
    """The page of the case that it is about; whoever may not see that one hears there that there is none."""
    return f"{PLACES[about.service]}/{about.case_id}" if about is not None and about.service in PLACES else ""


async def sheet_or_none(
    pages: Pages, visitor: Visitor, found: p.Complaint, after: str | None
) -> ComplaintSheetAnswer | None:
    """None where nobody answers now: the page still shows the complaint."""
    try:
        return await complaint_sheet_of(pages.client, visitor, found, after)
    except Problem:
        return None


async def seats_of(pages: Pages, visitor: Visitor) -> PositionsAnswer:
    """Of titles and choices; none where nobody answers now."""
    try:
        return await pages.client.ask(visitor, Positions(), PositionsAnswer)
    except Problem:
        return PositionsAnswer(on="", positions=())


async def people_asked(pages: Pages, visitor: Visitor) -> Sequence[PersonRow]:
    """All people of the agency; none where nobody answers now."""
    try:
        return (await pages.client.ask(visitor, People(), PeopleAnswer)).people
    except Problem:
        return ()


def people_of(seats: PositionsAnswer, people: Sequence[PersonRow], language: str) -> Mapping[str, str]:
    """Who may be complained about, by name: ``<person>|<position>|…`` → his name with what he is.

    The positions are those that he holds; whoever acts for one is shown with its title, anybody else with his roles.
    """
    held: dict[str, list[str]] = {}
    titled: dict[str, list[str]] = {}
    names = {each.person_id: each.name for each in people}
    for row in seats.positions:
        for term in row.terms:
            if not _runs(term, seats.on):
                continue
            names.setdefault(term.person_id, term.name)
            if term.capacity == "holder":
                held.setdefault(term.person_id, []).append(row.position)
            acts = "" if term.capacity == "holder" else f"{term.capacity.capitalize()}. "
            titled.setdefault(term.person_id, []).append(f"{acts}{row.title}")
    roles = {each.person_id: [translate(text(ROLES, role), language) for role in each.roles] for each in people}
    return {
        "|".join((person, *held.get(person, ()))): ", ".join((name, *(titled.get(person) or roles.get(person) or [])))
        for person, name in sorted(names.items(), key=lambda pair: pair[1])
    }


def _runs(term: Term, on: str) -> bool:
    return term.from_on <= on and (not term.until_on or on <= term.until_on) and not term.ended_on
