"""A complaint that somebody brings by telephone or in person, written down by an officer on his behalf in ten seconds.

The answer to the form is the strip itself: number and code are shown once, the code is computed and kept nowhere, and
the same form sent again shows the same.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts.complaint import FileComplaint
from contracts.words import CaseRef
from gateway.api.commands import visitor_of
from gateway.edge.cases import letter_of, request_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import COMPLAINT_OFFICER
from gateway.web import complaint_words as words
from gateway.web.accounts.actions import entered
from gateway.web.forms import NEEDED, NOT_A_MOMENT, TOO_LONG, closing, form_of, key, line, moment, wrong
from gateway.web.on_behalf import TO_COMPLAINT, Files, files_in, none_yet
from gateway.web.page import Pages, told
from gateway.web.public.receipts import tracking_qr
from gateway.web.public.strangers import Strangers

UNNUMBERED = "surat belum bernomor"
FIELDS = ("channel", "complaint_kind", "stance", "contact", "place", "paper_number", "about_officer")


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/pengaduan/catat", name="complaints.enter")
    async def blank(request: Request) -> Response:
        tentang = request.query_params.get("tentang", "")
        about = await about_of(pages, visitor_of(request), tentang)
        said = {"tentang": tentang} if about else {}
        return await _shown(
            pages, desk, request, said, {}, about=about, paper=request.query_params.get("asal") == "kertas"
        )

    @made.post("/pengaduan/catat", name="complaints.enter")
    async def enter(request: Request) -> Response:
        visitor, files, deed = visitor_of(request), none_yet(TO_COMPLAINT), ""
        office = await pages.offices.of(visitor.agency)
        async with closing(await form_of(request)) as form:
            about = await about_of(pages, visitor, line(form, "tentang"))
            command, errors = checked(form, office.zone, about)
            deed = key(form, "enter") or str(uuid4())
            try:
                files = await files_in(desk, request, visitor, TO_COMPLAINT, form, deed)
                files.told()
                if command is None:
                    wrong()
                command = command.model_copy(update={"attachments": files.uploads})
                accepted = await pages.client.do(visitor, command, key=deed)
            except Problem as problem:
                said = entered(form)
                again: dict[str, Any] = {"key": line(form, "key")[:80]} if line(form, "key") else {}
                return await _shown(
                    pages, desk, request, said, errors, files,
                    status=problem.status, problem=told(request, problem), about=about, **again,
                )  # fmt: skip
        code = await desk.codes.of(visitor.agency, accepted.command_id)
        number, at = str(accepted.result["number"]), str(accepted.result["filed_at"])
        address, hashed = f"{desk.base_url}/{visitor.agency}/lacak", sha256(command.words.encode()).hexdigest()
        return await pages.show(
            request,
            "complaints/tercatat.html",
            once=True,
            complaint_id=accepted.result["complaint_id"],
            after=accepted.after,
            number=number,
            code=code.shown,
            filed_on=datetime.fromisoformat(at),
            paper_number=command.paper_number,
            hashed=hashed,
            address=address,
            qr=tracking_qr(address, number, hashed),
            shows=bool(COMPLAINT_OFFICER & visitor.roles) and not command.about_officer,
        )

    return made


async def about_of(pages: Pages, visitor: Visitor, said: str) -> CaseRef | None:
    """``surat:<id>`` or ``akun:<id>``; none where he does not see such a case himself."""
    what, _colon, plain = said.partition(":")
    try:
        case_id = UUID(plain)
        if what == "surat":
            row = (await letter_of(pages.client, visitor, case_id)).row
            return CaseRef(service="intake", case_id=case_id, number=row.agenda or UNNUMBERED)
        if what == "akun":
            found = await request_of(pages.client, visitor, case_id)
            return CaseRef(service="account_provisioning", case_id=case_id, number=found.row.number)
    except (ValueError, Problem):
        return None
    return None


def checked(form: FormData, zone: str, about: CaseRef | None = None) -> tuple[FileComplaint | None, dict[str, str]]:
    """The command, or none and what is wrong. Of an anonymous reporter nothing is passed on that was typed of him:
    the service refuses it, so that the officer hears that he cannot keep it.
    """
    said = {name: line(form, name) for name in FIELDS}
    text, reporter, received = line(form, "words").replace("\r\n", "\n"), line(form, "reporter"), None
    errors: dict[str, str] = {} if text else {"words": NEEDED}
    if typed := line(form, "received_at"):
        received = moment(typed, zone)
        errors |= {} if received else {"received_at": NOT_A_MOMENT}
    elif said["paper_number"]:
        errors["received_at"] = NEEDED
    if errors:
        return None, errors
    name, contact = named(reporter, said["contact"])
    try:
        return FileComplaint(
            complaint_kind=said["complaint_kind"] or "pengaduan", channel=said["channel"] or words.BY_HAND[0],
            stance=said["stance"] or "named", words=text, name=name, contact=contact, place=said["place"],
            received_at=received, about=about, paper_number=said["paper_number"],
            about_officer=bool(said["about_officer"]),
        ), {}  # fmt: skip
    except ValidationError as error:
        where = {str(one["loc"][-1]) for one in error.errors() if one["loc"]}
        return None, {"reporter" if each in {"name", "contact"} else each: TOO_LONG for each in where}


def named(reporter: str, contact: str) -> tuple[str, str]:
    """One field takes either: what has more figures than letters, or is an address, is how to reach him."""
    if contact:
        return reporter, contact
    figures = sum(sign.isdecimal() for sign in reporter)
    reaches = "@" in reporter or figures > sum(sign.isalpha() for sign in reporter)
    return ("", reporter) if reaches else (reporter, "")


async def _shown(  # noqa: PLR0913 - a form, and what was wrong with it
    pages: Pages, desk: Strangers, request: Request, values: Mapping[str, str], errors: Mapping[str, str],
    files: Files | None = None, **context: Any,
) -> Response:  # fmt: skip
    """A form that comes back keeps its key: nobody knows whether what it has sent was done."""
    kept: dict[str, Any] = {
        "key": str(uuid4()), "brought": files or none_yet(TO_COMPLAINT), "uploads": desk.uploads,
        "paper": bool(values.get("paper_number")), **context,
    }  # fmt: skip
    return await pages.show(request, "complaints/catat.html", values=values, errors=errors, said=words, **kept)
