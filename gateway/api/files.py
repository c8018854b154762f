"""Files over the API: an .eml comes in, the raw message and the print pack go out. Bytes go through the blob store, in
parts: none of them is ever whole in this process's memory.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, Literal, cast
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts.base import FIRST_YEAR, Accepted
from contracts.intake import UploadMessage
from gateway.api.commands import settle, visitor_of
from gateway.api.initials import given_in
from gateway.api.reads import after_of, covers
from gateway.edge.cases import (
    Handed,
    attachment_of,
    attachment_page_of,
    initials_sheet_of,
    letter_of,
    print_pack_of,
    raw_of,
    reply_of,
    request_of,
)
from gateway.edge.client import SLOW_SECONDS, ServiceClient, idempotency_key
from gateway.edge.complaints import answer_letter_of, complaint_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from services.kit.blobs import Blobs

IN_MEMORY = 256 * 1024
"""Of a file that comes in; what is longer goes on in a file without a name."""
PDF = "application/pdf"
INLINE = {PDF, "image/jpeg"}
OCTETS = "application/octet-stream"
Page = Annotated[int, Path(ge=1, le=2000)]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
BYTES = {"schema": {"type": "string", "format": "binary"}}
TAKES = {"requestBody": {"required": True, "content": {"message/rfc822": BYTES}}}


def gives(media_type: str) -> dict[str, Any]:
    """For the documents: what a route answers that is no JSON."""
    return {"response_class": Response, "responses": {200: {"content": {media_type: BYTES}}}}


def router(client: ServiceClient, blobs: Blobs) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])

    @made.post("/letters/upload", name="letters.upload", tags=["letters"], openapi_extra=TAKES)
    async def upload(
        request: Request,
        response: Response,
        received_at: Annotated[datetime | None, Header(alias="Received-At")] = None,
    ) -> Accepted:
        """The body is the message itself (``message/rfc822``), at most 30 MiB; ``Received-At`` where it came
        earlier.
        """
        async with taken_down(request) as raw:
            accepted = await hand_in(client, blobs, visitor_of(request), raw, received_at, key=idempotency_key(request))
        await settle(client, request, response, accepted)
        return accepted

    @made.get("/account-requests/{request_id}/letter", name="requests.letter", tags=["account-requests"], **gives(PDF))
    async def reply(request: Request, request_id: UUID) -> Response:
        """The reply letter to an applicant."""
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return send(await reply_of(blobs, visitor, found))

    @made.get("/letters/{letter_id}/raw", name="letters.raw", tags=["letters"], **gives("message/rfc822"))
    async def raw(
        request: Request, letter_id: UUID, despite: Annotated[Literal["", "quarantine"], Query()] = ""
    ) -> Response:
        """A message in quarantine only with ``?despite=quarantine``, only where it may be had at all, and closed."""
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return send(await raw_of(client, blobs, visitor, letter, despite_quarantine=despite == "quarantine"))

    @made.get("/letters/{letter_id}/print-pack", name="letters.print-pack", tags=["letters"], **gives(PDF))
    async def print_pack(request: Request, letter_id: UUID) -> Response:
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return send(await print_pack_of(blobs, visitor, letter))

    @made.get(
        "/letters/{letter_id}/attachments/{sha256}", name="letters.attachment", tags=["letters"],
        **gives("application/octet-stream"),
    )  # fmt: skip
    async def attachment(request: Request, letter_id: UUID, sha256: Hash) -> Response:
        """An attachment by the hash that the letter names, as it came: a download, whatever it is."""
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return send(await attachment_of(client, blobs, visitor, letter, sha256))

    @made.get(
        "/letters/{letter_id}/attachments/{sha256}/pages/{page}", name="letters.attachment-page", tags=["letters"],
        **gives("image/jpeg"),
    )  # fmt: skip
    async def attachment_page(request: Request, letter_id: UUID, sha256: Hash, page: Page) -> Response:
        """A page of a PDF or picture, drawn where it can do no harm. 404: there is no such page, or nothing to show."""
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return send(await attachment_page_of(client, blobs, visitor, letter, sha256, page))

    @made.get(
        "/complaints/{complaint_id}/answer-letter", name="complaints.answer-letter", tags=["complaints"], **gives(PDF)
    )
    async def answer_letter(request: Request, complaint_id: UUID) -> Response:
        """Surat jawaban: the newest answer as the official letter that it went out as. 404: there is none."""
        visitor, after = visitor_of(request), after_of(request)
        found = await complaint_of(client, visitor, complaint_id, after)
        return send(await answer_letter_of(client, blobs, visitor, found, after))

    @made.get("/letters/{letter_id}/initials-sheet", name="letters.initials-sheet", tags=["letters"], **gives(PDF))
    async def initials_sheet(request: Request, letter_id: UUID) -> Response:
        """Lembar paraf: who has initialled so far, when and in which capacity. The same round gives the same bytes."""
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return send(await initials_sheet_of(client, blobs, visitor, letter, given_in(letter)))

    return made


async def hand_in(  # noqa: PLR0913 - an upload and its circumstances
    client: ServiceClient,
    blobs: Blobs,
    visitor: Visitor,
    raw: BinaryIO,
    received_at: datetime | None,
    *,
    key: str | None,
    name: str = "",
) -> Accepted:
    """Stores the bytes first, then tells intake. Raises Problem."""
    if not raw.seek(0, SEEK_END):
        raise Problem("gateway.empty-upload", 422)
    if received_at is not None and not (
        received_at.tzinfo is not None and received_at.year >= FIRST_YEAR and received_at <= datetime.now(UTC)
    ):
        raise Problem("gateway.bad-received-at", 422)
    try:
        blob = await blobs.put(visitor.agency, raw, "message/rfc822")
    except OSError as full:  # the disk: nothing was taken, the client may try again
        raise Problem("gateway.unavailable", 503, service="blobs") from full
    command = UploadMessage(blob=blob, received_at=received_at, file_name=name[:300])
    return await client.do(visitor, command, key=key, seconds=SLOW_SECONDS)


@asynccontextmanager
async def taken_down(request: Request) -> AsyncIterator[BinaryIO]:
    """The request's body as a file, gone afterwards; how long it may be is held at the door (`gateway.edge.bodies`)."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        try:
            async for part in request.stream():
                await asyncio.to_thread(file.write, part)
        except OSError as full:  # the temporary folder
            raise Problem("gateway.unavailable", 503, service="files") from full
        yield cast("BinaryIO", file)


def send(handed: Handed) -> Response:
    """As a download with ``nosniff``; only our own PDF is shown in the browser."""
    where = "inline" if handed.media_type in INLINE else "attachment"
    headers = {
        "Content-Disposition": _disposition(where, handed.name),
        "Content-Length": str(handed.size),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(handed.parts, media_type=handed.media_type, headers=headers)


def _disposition(where: str, name: str) -> str:
    """A name with other letters than ASCII's is said twice, as RFC 6266 wants it."""
    plain = re.sub(r"[^A-Za-z0-9._ ()+-]", "_", name)
    said = f'{where}; filename="{plain}"'
    return said if plain == name else f"{said}; filename*=UTF-8''{quote(name, safe='')}"
