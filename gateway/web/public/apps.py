"""What strangers file and track, for a city's own app: the road of the pages in JSON, without a login or a cookie.

The app's random ``Idempotency-Key`` stands for the slip of a page: it makes the command's id, and with it number and
code. A guess at it must be worth nothing, so it has to be a random UUID; the proof of work is bound to it.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.datastructures import UploadFile

from contracts.tracking import TrackedStep
from gateway.api.case_uploads import takes
from gateway.edge.bodies import bounded_form
from gateway.edge.budgets import network_of
from gateway.edge.problems import Problem
from gateway.edge.slips import Slip
from gateway.edge.strangers import looking, spend_for_upload
from gateway.web.forms import closing, line
from gateway.web.page import Pages
from gateway.web.public import app_forms
from gateway.web.public.attaching import carried, shelf_for
from gateway.web.public.filing import filed, offered
from gateway.web.public.kinds import AppForm, PublicKind
from gateway.web.public.strangers import Strangers
from gateway.web.public.tracking import known_to

RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
TAGS = ["public"]
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A random UUID (version 4), new for each case. Whoever has it and the same words has the code, too.",
    "schema": {"type": "string", "format": "uuid"},
}


class FiledCase(BaseModel):
    """``number`` and ``code``: what opens the case from now on. The code is told here alone."""

    number: str
    code: str
    filed_at: AwareDatetime


class StoredFile(BaseModel):
    """``token``: what the form that is sent under the same key names. It lasts some hours."""

    token: str
    media_type: str
    size: Annotated[int, Field(description="Bytes, cleaned.")]


class Challenge(BaseModel):
    """``challenge``: altcha's, version 2. ``ends``: until when a proof of it is worth something."""

    challenge: dict[str, Any]
    ends: AwareDatetime


class TrackedCase(BaseModel):
    """How far a case is: no name, no word of what was written."""

    number: str
    stage: str
    filed_at: AwareDatetime
    due_at: AwareDatetime | None
    paused: bool
    replies: tuple[str, ...]
    steps: tuple[TrackedStep, ...]


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter(prefix="/public/{agency}", tags=list(TAGS))
    for kind in desk.kinds:
        if kind.app is not None:
            _filing(made, pages, desk, kind, kind.app)

    @made.get("/{resource}/challenge", name="public.challenge", openapi_extra={"parameters": [KEY]})
    async def challenge(request: Request, agency: str, resource: str) -> Challenge:
        """Work by which a form of this resource, sent under this key, costs its sender little of the budget."""
        kind = next((each for each in desk.kinds if each.app is not None and each.app.resource == resource), None)
        if kind is None:
            raise Problem("gateway.not-found", 404)
        await offered(pages, desk, agency, kind.slug)
        slip = slip_of(desk, request, agency, kind)
        asked = orjson.loads(desk.proofs.challenge(slip))
        return Challenge(challenge=asked, ends=datetime.fromtimestamp(slip.ends, UTC))

    case = {"type": "object", "required": ["number", "code"], "additionalProperties": False}
    case["properties"] = {name: {"type": "string", "maxLength": 60} for name in ("number", "code")}

    @made.post("/track", name="public.track", openapi_extra=_json(case))
    async def track(request: Request, agency: str) -> TrackedCase:
        """How far a case is, by its number and code. An unknown number and a wrong code are the same 404."""
        await pages.agencies.row(agency)
        number, code = app_forms.texts(await app_forms.object_of(request), ("number", "code"))
        with looking(desk.budgets, network_of(request)) as found:
            known = await known_to(desk, agency, number, code)
            found.append(known)
        return TrackedCase.model_validate(known.case.model_dump(exclude={"case_id", "note"}))

    return made


def _filing(made: APIRouter, pages: Pages, desk: Strangers, kind: PublicKind, app: AppForm) -> None:
    body = app_forms.schema(kind.form, app)

    @made.post(
        f"/{app.resource}", name=f"public.{app.resource}", status_code=201,
        openapi_extra={"parameters": [KEY], **_json(body)},
    )  # fmt: skip
    async def file(request: Request, agency: str) -> FiledCase:
        """Files it. Sent again under the same key it is the same case, with the same number and code."""
        here = await offered(pages, desk, agency, kind.slug)
        slip = slip_of(desk, request, agency, here)
        values, proof = app_forms.read(here.form, app, await app_forms.object_of(request))
        _all_there(desk, agency, here, values)
        done = await filed(desk, request, agency, here, slip, values, proof)
        told = done.accepted.result
        return FiledCase(number=told["number"], code=done.code, filed_at=told["filed_at"])

    if kind.keeps is None:
        return
    more = {"nip": {"type": "string", "maxLength": 40}} if kind.nip else {}
    document: dict[str, Any] = takes()
    document["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"].update(more)

    @made.post(
        f"/{app.resource}/files", name=f"public.{app.resource}-files", status_code=201,
        openapi_extra={"parameters": [KEY], **document},
    )  # fmt: skip
    async def store(request: Request, agency: str) -> StoredFile:
        """A photo or document for what this key is going to file, cleaned. 422 says what is wrong with it."""
        await offered(pages, desk, agency, kind.slug)
        slip = slip_of(desk, request, agency, kind)
        async with closing(await bounded_form(request)) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise app_forms.malformed([("file", "missing")])
            size = file.size or 0
            spend_for_upload(desk.budgets, agency, network_of(request), size, desk.uploads.most_bytes)
            shelf = await shelf_for(desk, agency, kind, {kind.nip: line(form, "nip")}, slip.command_id, None)
            stored = await desk.uploads.take(shelf, file.file, size)
        token = desk.uploads.token(agency, shelf.service, stored)
        return StoredFile(token=token, media_type=stored.media_type, size=stored.size)


def slip_of(desk: Strangers, request: Request, agency: str, kind: PublicKind) -> Slip:
    """Raises Problem 422: with one actor for all strangers, whose keys are not random meet."""
    key = request.headers.get("idempotency-key", "")
    if RANDOM.fullmatch(key) is None:
        raise Problem("gateway.random-key-needed", 422)
    return desk.slips.of_key(agency, kind.slug, UUID(key))


def _all_there(desk: Strangers, agency: str, kind: PublicKind, values: dict[str, str]) -> None:
    """Raises Problem 422: a page says it beside the field, and this has none."""
    for each in kind.form.with_files(values):
        if len(values[each.name].split()) > desk.uploads.most_files:
            raise Problem("gateway.upload-many", 422, most=desk.uploads.most_files)
        if carried(desk, agency, kind, values[each.name], None)[1]:
            raise Problem("gateway.upload-gone", 422)


def _json(body: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}
