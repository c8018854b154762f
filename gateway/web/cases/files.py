"""A file that somebody brought to his case, looked at: its pages as pictures that can do nothing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import request_of
from gateway.edge.complaints import complaint_of, complaint_page_of
from gateway.edge.i18n import mark as _
from gateway.edge.scans import scan_page_of
from gateway.edge.uploads import Numbered, Uploads
from gateway.web.page import Pages
from gateway.web.public.attaching import word_of
from services.kit.uploads import Drawn

MOST_PAGES = 200  # shown on one page; the rest is in the file
Name = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def router(pages: Pages, uploads: Uploads) -> APIRouter:
    made = APIRouter()

    @made.get("/pengaduan/{complaint_id}/berkas/{sha256}", name="page.complaint-file")
    async def of_complaint(request: Request, complaint_id: UUID, sha256: Name) -> Response:
        visitor = visitor_of(request)
        found = await complaint_of(pages.client, visitor, complaint_id, after_of(request))
        file, drawn = await complaint_page_of(pages.client, uploads, visitor, found, sha256, 1)
        place = ("/pengaduan", _("Pengaduan"), f"/pengaduan/{complaint_id}", found.row.number)
        return await shown(pages, request, file, drawn, place, f"/api/v1/complaints/{complaint_id}/files/{sha256}")

    @made.get("/akun/{request_id}/pindaian/{sha256}", name="page.request-scan")
    async def of_request(request: Request, request_id: UUID, sha256: Name) -> Response:
        visitor = visitor_of(request)
        found = await request_of(pages.client, visitor, request_id, after_of(request))
        file, drawn = await scan_page_of(pages.client, uploads, visitor, found, sha256, 1)
        place = ("/akun", _("Akun surel"), f"/akun/{request_id}", found.row.number)
        return await shown(pages, request, file, drawn, place, f"/api/v1/account-requests/{request_id}/files/{sha256}")

    return made


async def shown(  # noqa: PLR0913 - a page, and what stands on it
    pages: Pages, request: Request, file: Numbered, drawn: Drawn, place: tuple[str, str, str, str], address: str
) -> Response:
    """``place``: list and case, each with its address before its word."""
    return await pages.show(
        request, "cases/berkas.html", file=file, word=word_of(file.ref.media_type), drawn=drawn, place=place,
        address=address, numbers=range(1, min(drawn.pages, MOST_PAGES) + 1), most=MOST_PAGES,
    )  # fmt: skip
