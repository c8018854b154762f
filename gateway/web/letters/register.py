"""Surat: the register, one letter with its fields, copies, initials and timeline, and why it is due then."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts import organisation
from contracts import projections as p
from contracts.intake import PauseReason
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import deadline_of, history_of, letter_of, letters_of
from gateway.edge.complaints import complaints_about
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.cases.deadlines import deadline_page
from gateway.web.cases.lists import asked_of
from gateway.web.complaint_words import STAGES
from gateway.web.forms import LetterForm
from gateway.web.letters.permits import BY_WIRE, actions, by_wire, open_by_hand
from gateway.web.page import Pages
from gateway.web.story import signed, story


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/surat", name="page.letters")
    async def letters(request: Request) -> Response:
        query, shown = asked_of(request, p.LetterList, p.STAGES)
        answer = await letters_of(pages.client, visitor_of(request), query)
        return await pages.show(
            request,
            "letters/surat-daftar.html",
            answer=answer,
            books=RIGHTS["books.show"].allows(visitor_of(request).roles),
            **shown,
        )

    @made.get("/surat/{letter_id}", name="page.letter")
    async def letter(request: Request, letter_id: UUID) -> Response:
        found = await letter_of(pages.client, visitor_of(request), letter_id, after_of(request))
        return await letter_page(pages, request, found)

    @made.get("/surat/{letter_id}/tenggat", name="page.deadline")
    async def deadline(request: Request, letter_id: UUID) -> Response:
        visitor = visitor_of(request)
        found = await letter_of(pages.client, visitor, letter_id, after_of(request))
        answer = await deadline_of(pages.client, visitor, found, after_of(request))
        allowed = actions(visitor, found)
        return await deadline_page(
            pages,
            request,
            found.row,
            answer,
            register=("/surat", _("Surat")),
            nothing=_("Tenggat dihitung ketika surat diagendakan."),
            allowed=allowed if answer.pauses else allowed - {"letters.pause"},
        )

    return made


async def letter_page(
    pages: Pages, request: Request, letter: p.Letter, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    """The page of one letter; ``action`` names the form that failed, ``values`` keep what was entered there."""
    visitor = visitor_of(request)
    office = await pages.offices.of(visitor.agency)
    allowed = actions(visitor, letter, office.assigner)
    entries = await history_of(pages.client, visitor, letter, after_of(request))
    time = office.moments(request.state.language)
    reasons = await pauses(pages, visitor, letter) if office.pauses and "letters.pause" in allowed else ()
    shown = {"action": "", "values": {}, "form": LetterForm.examined(letter), **entered}
    return await pages.show(
        request,
        "letters/surat.html",
        status=status,
        problem=problem,
        letter=letter,
        row=letter.row,
        allowed=allowed if reasons else allowed - {"letters.pause"},
        pauses=reasons,
        told=story(letter, entries, time),
        couriers=await couriers(pages, visitor) if "dispatches.assign" in allowed else (),
        open_by_hand=[copy for copy in letter.copies if open_by_hand(copy)],
        by_wire=[copy for copy in letter.copies if by_wire(copy)],
        wires=BY_WIRE,
        signed=signed,
        griped=await complaints_about(pages.client, visitor, "intake", letter.row.letter_id),
        gripes=RIGHTS["complaints.enter"].allows(visitor.roles),
        complained=STAGES,
        just=request.query_params.get("baru", ""),
        **shown,
    )


async def pauses(pages: Pages, visitor: Visitor, letter: p.Letter) -> tuple[PauseReason, ...]:
    """For what this letter's clock may stand still, by the version that it runs under; none without an answer."""
    try:
        return (await deadline_of(pages.client, visitor, letter)).pauses
    except Problem:
        return ()


async def couriers(pages: Pages, visitor: Visitor) -> tuple[organisation.PersonRow, ...]:
    """Who may carry; nobody when organisation does not answer (the page still shows the letter)."""
    try:
        answer = await pages.client.ask(visitor, organisation.People(role="courier"), organisation.PeopleAnswer)
    except Problem:
        return ()
    return answer.people
