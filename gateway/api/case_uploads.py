"""Files for a complaint or a request over the API: each is cleaned and stored at once, and answered as what the command
of the same ``Idempotency-Key`` names among its ``attachments`` or ``scans``. What no command names is swept away.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile

from contracts.account_provisioning import FilesOfRequest
from contracts.complaint import FilesOfComplaint
from contracts.tracking import FilesOf
from contracts.words import BlobUpload
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of, covers
from gateway.edge.bodies import bounded_form
from gateway.edge.budgets import Budgets, network_of
from gateway.edge.cases import request_of
from gateway.edge.client import ServiceClient, idempotency_key, identity_of
from gateway.edge.complaints import complaint_of
from gateway.edge.problems import Problem
from gateway.edge.strangers import spend_for_upload
from gateway.edge.uploads import Uploads

FILE = {"type": "string", "format": "binary"}


def takes(**more: dict[str, str]) -> dict[str, Any]:
    """For the documents: one file, and what else the form says."""
    schema = {"type": "object", "required": ["file", *more], "properties": {"file": FILE, **more}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def router(client: ServiceClient, uploads: Uploads, budgets: Budgets) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])

    async def taken(
        request: Request, question: type[FilesOf], case_id: UUID | None = None, *, of_person: bool = False
    ) -> BlobUpload:
        visitor, key = visitor_of(request), idempotency_key(request)
        if key is None:
            raise Problem("gateway.bad-idempotency-key", 422)
        form = await bounded_form(request)
        try:
            file, nip = form.get("file"), form.get("nip", "") if of_person else ""
            if not isinstance(file, UploadFile):
                raise Problem("gateway.malformed", 422, errors=[{"at": "file", "what": "missing"}])
            if of_person and not (isinstance(nip, str) and 0 < len(nip) <= 40):  # noqa: PLR2004 - as the question takes
                raise Problem("gateway.malformed", 422, errors=[{"at": "nip", "what": "missing"}])
            asked = question(command_id=identity_of(visitor, key), case_id=case_id, nip=str(nip))
            shelf = await uploads.shelf(visitor.agency, asked)
            size = file.size or 0
            spend_for_upload(budgets, visitor.agency, network_of(request), size, uploads.most_bytes)
            return await uploads.take(shelf, file.file, size)
        finally:
            await form.close()

    @made.post("/complaints/files", name="complaints.enter-files", tags=["complaints"], openapi_extra=takes())
    async def for_complaint(request: Request) -> BlobUpload:
        """A photo or document for the complaint that this key is going to file. 422 says what is wrong with it."""
        return await taken(request, FilesOfComplaint)

    @made.post(
        "/complaints/{complaint_id}/files",
        name="complaints.reply-files",
        tags=["complaints"],
        openapi_extra=takes(),
    )
    async def for_reply(request: Request, complaint_id: UUID) -> BlobUpload:
        """The same, for what its reporter adds."""
        found = await complaint_of(client, visitor_of(request), complaint_id, after_of(request))
        return await taken(request, FilesOfComplaint, found.row.case_id)

    @made.post(
        "/account-requests/files",
        name="requests.file-files",
        tags=["account-requests"],
        openapi_extra=takes(nip={"type": "string"}),
    )
    async def for_request(request: Request) -> BlobUpload:
        """A scan of the letter of the request that this key is going to file; ``nip``: its applicant's."""
        return await taken(request, FilesOfRequest, of_person=True)

    @made.post(
        "/account-requests/{request_id}/files",
        name="requests.supplement-files",
        tags=["account-requests"],
        openapi_extra=takes(),
    )
    async def for_supplement(request: Request, request_id: UUID) -> BlobUpload:
        """The same, for what completes it."""
        found = await request_of(client, visitor_of(request), request_id, after_of(request))
        return await taken(request, FilesOfRequest, found.row.case_id)

    return made
