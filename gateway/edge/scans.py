"""Scans of applicants' letters, for the counter and the reviewers; what there is, the sheet says."""

from contracts import account_provisioning as accounts
from contracts import projections as p
from gateway.edge import parts
from gateway.edge.cases import OCTETS, Handed, sheet_of
from gateway.edge.client import ServiceClient
from gateway.edge.parts import Matter, Part
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.uploads import Numbered, Uploads, extension, found_in
from services.kit.uploads import Drawn

ACCOUNTS = accounts.RequestSheet.service()


async def scan_of(
    client: ServiceClient, uploads: Uploads, visitor: Visitor, request: p.AccountRequest, name: str
) -> Handed:
    """A scan of its letter, to be taken away. ``request``: as `request_of` gave it. Raises Problem 403, 404, 410."""
    file = await _scan(client, visitor, request, name)
    handed = await uploads.stream(visitor.agency, ACCOUNTS, file.ref)
    number = request.row.number.replace("/", "-")
    return Handed(handed, file.ref.size, OCTETS, f"surat-{number}-{file.number}{extension(file.ref)}")


async def scan_page_of(  # noqa: PLR0913 - a page of a scan of a request, for somebody
    client: ServiceClient, uploads: Uploads, visitor: Visitor, request: p.AccountRequest, name: str, page: int
) -> tuple[Numbered, Drawn]:
    """A page of it as a picture, drawn now and kept nowhere."""
    file = await _scan(client, visitor, request, name)
    return file, await uploads.drawn(visitor.agency, ACCOUNTS, file.ref, page)


async def _scan(client: ServiceClient, visitor: Visitor, request: p.AccountRequest, name: str) -> Numbered:
    if not parts.may(parts.of_request(visitor, request), Part.LETTER_SCAN, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    sheet = await sheet_of(client, visitor, request)
    return found_in(sheet.files.values(), name, erased=sheet.erased or sheet.retained)
