"""Files that people have brought to their cases, over the API: as downloads, or page by page as pictures."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.files import OCTETS, Hash, Page, gives, send
from gateway.api.reads import after_of, covers
from gateway.edge.cases import Handed, request_of
from gateway.edge.client import ServiceClient
from gateway.edge.complaints import complaint_file_of, complaint_of, complaint_page_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.scans import scan_of, scan_page_of
from gateway.edge.uploads import Numbered, Uploads
from services.kit.uploads import Drawn

Case = TypeVar("Case", p.AccountRequest, p.Complaint)


@dataclass(frozen=True, slots=True)
class Held(Generic[Case]):
    """Files of one kind of case. ``case``: a dependency that finds it for who asks; ``file``, ``page``: as the edge
    gives them to who may have them. ``names``: of the two routes.
    """

    where: str
    tag: str
    names: tuple[str, str]
    said: str
    case: Callable[..., Awaitable[Case]]
    file: Callable[[ServiceClient, Uploads, Visitor, Case, str], Awaitable[Handed]]
    page: Callable[[ServiceClient, Uploads, Visitor, Case, str, int], Awaitable[tuple[Numbered, Drawn]]]


def router(client: ServiceClient, uploads: Uploads) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])

    async def request(request: Request, request_id: UUID) -> p.AccountRequest:
        return await request_of(client, visitor_of(request), request_id, after_of(request))

    async def complaint(request: Request, complaint_id: UUID) -> p.Complaint:
        return await complaint_of(client, visitor_of(request), complaint_id, after_of(request))

    _routes(made, client, uploads, Held(
        "/account-requests/{request_id}/files/{sha256}", "account-requests", ("requests.scan", "requests.scan-page"),
        "A scan of its letter, by the name that its sheet says. 410: it was erased with its applicant.",
        request, scan_of, scan_page_of,
    ))  # fmt: skip
    _routes(made, client, uploads, Held(
        "/complaints/{complaint_id}/files/{sha256}", "complaints", ("complaints.file", "complaints.file-page"),
        "A photo or file of its reporter, by the name that its sheet says, for its handlers. 410: it was erased.",
        complaint, complaint_file_of, complaint_page_of,
    ))  # fmt: skip
    return made


def _routes(made: APIRouter, client: ServiceClient, uploads: Uploads, held: Held[Case]) -> None:
    whole, one = held.names

    @made.get(held.where, name=whole, tags=[held.tag], description=held.said, **gives(OCTETS))
    async def file(request: Request, found: Annotated[Case, Depends(held.case)], sha256: Hash) -> Response:
        return send(await held.file(client, uploads, visitor_of(request), found, sha256))

    @made.get(f"{held.where}/pages/{{page}}", name=one, tags=[held.tag], **gives("image/jpeg"))
    async def drawn(request: Request, found: Annotated[Case, Depends(held.case)], sha256: Hash, page: Page) -> Response:
        """A page of it, drawn now and kept nowhere."""
        return _picture(*await held.page(client, uploads, visitor_of(request), found, sha256, page))


def _picture(file: Numbered, drawn: Drawn) -> Response:
    """Raises Problem 404 where there is no such page."""
    if not drawn.picture:
        raise Problem("gateway.not-found", 404)
    headers = {"Content-Disposition": f'inline; filename="{file.number}.jpg"', "Cache-Control": "private, no-store"}
    return Response(drawn.picture, media_type="image/jpeg", headers=headers)
