"""The page behind the QR code on a copy: it tells whoever holds the paper that it is genuine, and nothing else."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response

from gateway.edge.cases import genuine as known_copy
from gateway.edge.i18n import mark as _
from gateway.web.offices import Office
from gateway.web.page import Pages, rendered

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


def router(pages: Pages, agencies: Sequence[str]) -> APIRouter:
    made = APIRouter()

    @made.get("/s/{agency}/{copy_id}", name="copy.verify")
    async def verify(request: Request, agency: str, copy_id: UUID) -> Response:
        return await verification(pages, request, (agency,) if AGENCY.fullmatch(agency) else (), copy_id)

    @made.get("/s/{copy_id}", name="copy.verify")
    async def verify_any(request: Request, copy_id: UUID) -> Response:
        return await verification(pages, request, agencies, copy_id)

    return made


async def verification(pages: Pages, request: Request, agencies: Sequence[str], copy_id: UUID) -> Response:
    """The same page for a wrong code and an unknown agency; a fault raises Problem, it never reads as "not genuine"."""
    for agency in agencies:
        found = await known_copy(pages.client, agency, copy_id)
        if found is not None:
            office = await pages.offices.of(agency)
            said = STATES.get(found.state, STATES["planned"])
            return rendered(
                request, "public/salinan.html", 200, office=office, counts={}, genuine=True,
                stopped=found.state == STOPPED, kind=found.copy_kind, said=said,
            )  # fmt: skip
    return rendered(
        request,
        "public/salinan.html",
        404,
        office=Office(""),
        counts={},
        genuine=False,
        stopped=False,
        kind="",
        said="",
    )
