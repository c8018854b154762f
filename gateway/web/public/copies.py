"""The page behind the QR code on a copy: whether it is genuine, with number and addressee to compare with the paper.

Whose camera reads no QR types the code below it, with the number of the letter.
"""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from contracts import projections as p
from gateway.edge.budgets import network_of
from gateway.edge.cases import genuine as known_copy
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem, retry_after
from gateway.edge.strangers import looking
from gateway.web.forms import form_of, line
from gateway.web.offices import Office
from gateway.web.page import Pages, rendered, told
from gateway.web.public.strangers import Strangers

AGENCY = re.compile(r"[a-z0-9-]{2,32}")
STOPPED = "closed"

# How far this one copy is, in words for whoever holds it.
STATES: Mapping[str, str] = {
    "planned": _("Surat sudah dicatat dan sedang diproses."),
    "assigned": _("Salinan ini sedang dalam pengantaran."),
    "failed": _("Salinan ini sedang dalam pengantaran."),
    "held": _("Salinan ini ditarik karena suratnya sedang diperbaiki."),
    "delivered": _("Salinan ini sudah diterima dan tercatat."),
    "transmitted": _("Salinan ini sudah dikirim dan tercatat."),
    "waived": _("Salinan ini sudah selesai ditangani."),
    "closed": _("Salinan ini dihentikan dan tidak berlaku lagi."),
}


CODE = re.compile(r"[0-9A-F]{8}")
UNKNOWN = "gateway.unknown-copy"


def router(pages: Pages, desk: Strangers, agencies: Sequence[str]) -> APIRouter:
    made = APIRouter()

    @made.get("/{agency}/salinan", name="copy.page")
    async def page(request: Request, agency: str) -> Response:
        return await asking(pages, request, agency)

    @made.post("/{agency}/salinan", name="copy.find")
    async def find(request: Request, agency: str) -> Response:
        form = await form_of(request)
        number, code = line(form, "nomor")[:40], line(form, "kode")[:40]
        try:
            copy_id = await typed(desk, request, agency, number, code)
        except Problem as problem:
            return await asking(pages, request, agency, problem=problem, number=number, code=code)
        return RedirectResponse(f"/s/{agency}/{copy_id}", 303)

    @made.get("/s/{agency}/{copy_id}", name="copy.verify")
    async def verify(request: Request, agency: str, copy_id: UUID) -> Response:
        return await verification(pages, request, (agency,) if AGENCY.fullmatch(agency) else (), copy_id)

    @made.get("/s/{copy_id}", name="copy.verify")
    async def verify_any(request: Request, copy_id: UUID) -> Response:
        return await verification(pages, request, agencies, copy_id)

    return made


async def asking(  # noqa: PLR0913 - what was entered stays
    pages: Pages, request: Request, agency: str, *, problem: Problem | None = None, number: str = "", code: str = ""
) -> Response:
    """The form. Raises Problem 404 for an agency that there is not."""
    await pages.agencies.row(agency)
    answer = rendered(
        request, "public/salinan-kode.html", problem.status if problem else 200, office=await pages.offices.of(agency),
        counts={}, problem=told(request, problem) if problem else "", number=number, code=code,
    )  # fmt: skip
    if problem is not None:
        answer.headers.update(retry_after(problem))
    return answer


async def typed(desk: Strangers, request: Request, agency: str, number: str, code: str) -> UUID:
    """Raises Problem 404, the same for a wrong number, a wrong code and an unknown agency; 429 after too many."""
    short = re.sub(r"[\s-]", "", code).upper()
    with looking(desk.budgets, network_of(request)) as found:
        copy = None
        if AGENCY.fullmatch(agency) and CODE.fullmatch(short) and number:
            copy = await known_copy(desk.client, agency, p.CopyByCode(code=short.lower(), agenda=number))
        if copy is None:
            raise Problem(UNKNOWN, 404)
        found.append(copy)
    return copy.copy_id


async def verification(pages: Pages, request: Request, agencies: Sequence[str], copy_id: UUID) -> Response:
    """The same page for a wrong code and an unknown agency; a fault raises Problem, it never reads as "not genuine"."""
    for agency in agencies:
        found = await known_copy(pages.client, agency, p.CopyDetail(copy_id=copy_id))
        if found is not None:
            office = await pages.offices.of(agency)
            said = STATES.get(found.state, STATES["planned"])
            return rendered(
                request, "public/salinan.html", 200, office=office, counts={}, genuine=True,
                stopped=found.state == STOPPED, copy=found, said=said,
            )  # fmt: skip
    return rendered(
        request,
        "public/salinan.html",
        404,
        office=Office(""),
        counts={},
        genuine=False,
        stopped=False,
        copy=None,
        said="",
    )
