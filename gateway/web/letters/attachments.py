"""An attachment, looked at: its pages as pictures that can do nothing, its text as text, or only a way to take it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import letter_of, shown_attachment_of
from gateway.web.cases.files import MOST_PAGES
from gateway.web.page import Pages

BACK = {"paraf": "/paraf/", "kotak-masuk": "/kotak-masuk/"}


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/surat/{letter_id}/lampiran/{sha256}", name="page.attachment")
    async def attachment(
        request: Request, letter_id: UUID, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
    ) -> Response:
        visitor = visitor_of(request)
        letter = await letter_of(pages.client, visitor, letter_id, after_of(request))
        named, shown = await shown_attachment_of(pages.client, visitor, letter, sha256)
        back = BACK.get(request.query_params.get("dari", ""), "/surat/")
        return await pages.show(
            request, "letters/lampiran.html", row=letter.row, letter=letter, file=named, shown=shown,
            back=f"{back}{letter_id}", numbers=range(1, min(shown.pages, MOST_PAGES) + 1), most=MOST_PAGES,
        )  # fmt: skip

    return made
