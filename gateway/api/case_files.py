"""Files that people have brought to their cases, over the API: as downloads, or page by page as pictures."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from gateway.api.commands import visitor_of
from gateway.api.files import OCTETS, Hash, Page, gives, send
from gateway.api.reads import after_of, covers
from gateway.edge.cases import request_of
from gateway.edge.client import ServiceClient
from gateway.edge.complaints import complaint_file_of, complaint_of, complaint_page_of
from gateway.edge.problems import Problem
from gateway.edge.scans import scan_of, scan_page_of
from gateway.edge.uploads import Numbered, Uploads
from services.kit.uploads import Drawn


def router(client: ServiceClient, uploads: Uploads) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])

    @made.get("/requests/{request_id}/files/{sha256}", name="requests.scan", tags=["requests"], **gives(OCTETS))
    async def scan(request: Request, request_id: UUID, sha256: Hash) -> Response:
        """A scan of its letter, by the name that its sheet says. 410: it was erased with its applicant."""
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return send(await scan_of(client, uploads, visitor, found, sha256))

    @made.get(
        "/requests/{request_id}/files/{sha256}/pages/{page}", name="requests.scan-page", tags=["requests"],
        **gives("image/jpeg"),
    )  # fmt: skip
    async def scan_page(request: Request, request_id: UUID, sha256: Hash, page: Page) -> Response:
        """A page of it, drawn now and kept nowhere."""
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return _picture(*await scan_page_of(client, uploads, visitor, found, sha256, page))

    @made.get("/complaints/{complaint_id}/files/{sha256}", name="complaints.file", tags=["complaints"], **gives(OCTETS))
    async def complaint_file(request: Request, complaint_id: UUID, sha256: Hash) -> Response:
        """A photo or file of its reporter, by the name that its sheet says, for its handlers. 410: it was erased."""
        visitor = visitor_of(request)
        found = await complaint_of(client, visitor, complaint_id, after_of(request))
        return send(await complaint_file_of(client, uploads, visitor, found, sha256))

    @made.get(
        "/complaints/{complaint_id}/files/{sha256}/pages/{page}", name="complaints.file-page", tags=["complaints"],
        **gives("image/jpeg"),
    )  # fmt: skip
    async def complaint_page(request: Request, complaint_id: UUID, sha256: Hash, page: Page) -> Response:
        """A page of it, drawn now and kept nowhere."""
        visitor = visitor_of(request)
        found = await complaint_of(client, visitor, complaint_id, after_of(request))
        return _picture(*await complaint_page_of(client, uploads, visitor, found, sha256, page))

    return made


def _picture(file: Numbered, drawn: Drawn) -> Response:
    """Raises Problem 404 where there is no such page."""
    if not drawn.picture:
        raise Problem("gateway.not-found", 404)
    headers = {"Content-Disposition": f'inline; filename="{file.number}.jpg"', "Cache-Control": "private, no-store"}
    return Response(drawn.picture, media_type="image/jpeg", headers=headers)
