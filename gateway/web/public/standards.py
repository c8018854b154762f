"""For everybody, without a login: a standard's six published components, and the service pledge; pages and PDF."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts import organisation as o
from gateway.edge.problems import Problem
from gateway.web.page import Pages, rendered
from gateway.web.public.sheets import Sheets
from gateway.web.settings import standard_text
from gateway.web.settings import words as w
from services.kit.blobs import Blobs

AGENCY = re.compile(r"[a-z0-9-]{2,32}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# The pledge is the office's own word, in the words of Permenpan RB 15/2014: Indonesian for every reader.
PLEDGE = (
    "Dengan ini kami menyatakan sanggup menyelenggarakan pelayanan sesuai standar pelayanan yang telah ditetapkan, "
    "dan apabila tidak menepati janji ini, kami siap menerima sanksi sesuai peraturan perundang-undangan yang berlaku."
)


def router(pages: Pages, blobs: Blobs) -> APIRouter:
    made = APIRouter()
    sheets = Sheets(pages.client, blobs)

    @made.get("/standar/{agency}/{standard}.pdf", name="standard.pdf")
    async def standard_pdf(agency: str, standard: str) -> Response:
        return await sheet(sheets, agency, standard)

    @made.get("/maklumat/{agency}.pdf", name="pledge.pdf")
    async def pledge_pdf(agency: str) -> Response:
        return await sheet(sheets, agency, None)

    @made.get("/standar/{agency}/{standard}", name="page.standard")
    async def standard(request: Request, agency: str, standard: str) -> Response:
        rows = await in_force(pages, agency)
        found = next((row for row in rows if row.standard.standard == standard), None)
        if found is None:
            raise Problem("gateway.not-found", 404)
        return await _shown(
            pages, request, "public/standar-publik.html", agency, shown=found,
            others=[r for r in rows if r is not found],
            parts=standard_text.components(found.components, published=True),
        )  # fmt: skip

    @made.get("/maklumat/{agency}", name="page.pledge")
    async def pledge(request: Request, agency: str) -> Response:
        return await _shown(
            pages, request, "public/maklumat.html", agency, rows=await in_force(pages, agency), pledge=PLEDGE
        )

    return made


async def in_force(pages: Pages, agency: str) -> tuple[o.StandardRow, ...]:
    """At least one. Raises Problem 404, for an unknown agency too."""
    if not AGENCY.fullmatch(agency):
        raise Problem("gateway.not-found", 404)
    rows = (await pages.client.ask_for(agency, o.Standards(), o.StandardsAnswer)).standards
    if not rows:
        raise Problem("gateway.not-found", 404)
    return rows


async def _shown(pages: Pages, request: Request, template: str, agency: str, **context: Any) -> Response:
    office = await pages.offices.of(agency)
    return rendered(request, template, 200, office=office, counts={}, w=w, text=standard_text, **context)


async def sheet(sheets: Sheets, agency: str, standard: str | None) -> Response:
    """The PDF as the organisation has set it. Raises Problem 404, 503."""
    if not AGENCY.fullmatch(agency) or (standard is not None and not SLUG.fullmatch(standard)):
        raise Problem("gateway.not-found", 404)
    name = f"standar-{standard}-{agency}" if standard else f"maklumat-{agency}"
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "public, max-age=300"}
    return Response(await sheets.of(agency, standard), media_type="application/pdf", headers=headers)
