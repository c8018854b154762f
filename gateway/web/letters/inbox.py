"""Kotak Masuk: list, message and form side by side; examine and register in one go; upload; enter by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from contracts import intake
from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.files import hand_in
from gateway.api.reads import after_of
from gateway.edge.bodies import MOST_MESSAGE
from gateway.edge.cases import history_of, letter_of, letters_of
from gateway.edge.client import ServiceClient
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.web.forms import (
    FIELDS,
    LONG_AGO,
    NOT_A_MOMENT,
    FormRow,
    LetterForm,
    form_of,
    key,
    line,
    moment,
    padded,
    version,
    wrong,
)
from gateway.web.letters.permits import TO_EXAMINE, actions
from gateway.web.letters.proposal import propose
from gateway.web.operations.mailboxes import MailboxAway, mailboxes_away
from gateway.web.page import Pages, onward, told
from services.kit.blobs import Blobs

WAITING = ("captured", "twin", "examined", "quarantined")
SHOWN = 50
UNASKED = timedelta(days=60)  # a slip of the hand in the date counts from another year
INBOX = "/kotak-masuk"
BY_HAND = ("paper", "fax")


def router(pages: Pages, blobs: Blobs) -> APIRouter:  # noqa: C901 - a list of routes, one below the other
    made = APIRouter()

    @made.get(INBOX, name="page.inbox")
    async def inbox(request: Request) -> Response:
        return await inbox_page(pages, request, None)

    @made.get(INBOX + "/{letter_id}", name="page.inbox")
    async def message(request: Request, letter_id: UUID) -> Response:
        return await inbox_page(pages, request, letter_id)

    @made.post(INBOX + "/{letter_id}/daftar", name="letters.register")
    async def register(request: Request, letter_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        entered = LetterForm.entered(form)
        accepted, problem = await examine_and_register(pages.client, visitor, letter_id, entered, form)
        if problem is not None:
            problem = await _taken_before(pages, visitor, letter_id) or problem
            return await inbox_page(
                pages, request, letter_id, after=accepted, form=entered, status=problem.status,
                problem=told(request, problem),
            )  # fmt: skip
        return onward(INBOX, accepted, terdaftar=str(letter_id))

    @made.post(INBOX + "/{letter_id}/sisihkan", name="letters.cancel")
    async def put_aside(request: Request, letter_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        reason = line(form, "reason")[:500]
        try:
            if not reason:
                wrong()
            command = intake.CancelLetter(letter_id=letter_id, reason=reason)
            accepted = await pages.client.do(visitor, command, key=key(form, "cancel"), expected=version(form))
        except Problem as problem:
            return await inbox_page(
                pages,
                request,
                letter_id,
                status=problem.status,
                problem=told(request, problem),
                reason=reason,
                aside=True,
            )
        return onward(INBOX, accepted.after, disisihkan=str(letter_id))

    @made.post("/unggah", name="letters.upload")
    async def upload(request: Request) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        try:
            accepted = await _handed_in(pages, blobs, visitor, form)
        except Problem as problem:
            return await inbox_page(
                pages, request, None, status=problem.status, problem=told(request, problem), uploading=True
            )
        finally:
            await form.close()
        letter_id = str(accepted.result.get("letter_id", ""))
        return onward(f"{INBOX}/{letter_id}" if letter_id else INBOX, accepted.after, unggah="1")

    @made.get("/catat", name="letters.enter")
    async def blank(request: Request) -> Response:
        empty: dict[str, Any] = {"form": LetterForm.blank(), "channel": "paper", "received": "", "long_ago": False}
        return await pages.show(request, "letters/catat.html", **empty)

    @made.post("/catat", name="letters.enter")
    async def enter(request: Request) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        entered, channel, received = LetterForm.entered(form), line(form, "channel"), line(form, "received_at")
        office = await pages.offices.of(visitor.agency)
        arrived, fields = moment(received, office.zone), entered.checked()
        if arrived is None:
            entered.errors["received_at"] = NOT_A_MOMENT
        long_ago = arrived is not None and arrived < datetime.now(UTC) - UNASKED
        if long_ago and not line(form, "long_ago"):
            arrived, entered.errors["received_at"] = None, LONG_AGO
        try:
            if fields is None or arrived is None:
                wrong()
            command = intake.EnterLetter(
                channel=channel if channel in BY_HAND else "paper", received_at=arrived, fields=fields
            )
            accepted = await pages.client.do(visitor, command, key=key(form, "enter"))
        except Problem as problem:
            return await pages.show(
                request, "letters/catat.html", status=problem.status, problem=told(request, problem), form=entered,
                channel=channel, received=received, long_ago=long_ago,
            )  # fmt: skip
        return onward(f"/surat/{accepted.result['letter_id']}", accepted.after, baru="letters.register")

    return made


async def examine_and_register(
    client: ServiceClient, visitor: Visitor, letter_id: UUID, entered: LetterForm, form: Any
) -> tuple[str, Problem | None]:
    """Two commands with keys of their own. The cursor that covers what was done, and the problem where one arose."""
    fields = entered.checked()
    if fields is None:
        return "", Problem("gateway.malformed", 422)
    after = ""
    try:
        examine = intake.ExamineMessage(letter_id=letter_id, fields=fields)
        examined = await client.do(visitor, examine, key=key(form, "examine"), expected=version(form))
        after = examined.after
        register = intake.RegisterLetter(letter_id=letter_id)
        registered = await client.do(visitor, register, key=key(form, "register"), expected=examined.version)
    except Problem as problem:
        return after, problem
    return registered.after, None


async def inbox_page(
    pages: Pages, request: Request, chosen: UUID | None, *, after: str = "", status: int = 200, **context: Any
) -> Response:
    """The list of what waits, oldest first, and the chosen message (or the first one) with its form."""
    visitor = visitor_of(request)
    covered = after or after_of(request)
    cursor = request.query_params.get("lanjut", "")[:400]
    query = p.LetterList(stages=WAITING, order="oldest", limit=SHOWN, after=covered, cursor=cursor)
    answer = await letters_of(pages.client, visitor, query)
    listed = [row.letter_id for row in answer.letters]
    current = chosen or next(iter(listed), None)
    letter = await letter_of(pages.client, visitor, current, covered) if current else None
    at = listed.index(current) if current in listed else -1
    shown: dict[str, Any] = {"form": None, "problem": "", "reason": "", "aside": False, "uploading": False, **context}
    if letter is not None and shown["form"] is None:
        shown["form"] = proposed(letter)
    return await pages.show(
        request,
        "letters/kotak-masuk.html",
        status=status,
        rows=answer.letters,
        mailboxes=[box for box in await _away(pages) if box.agency == visitor.agency],
        at=_at(cursor),
        onwards=_at(answer.cursor),
        total=sum(answer.counts.get(stage, 0) for stage in WAITING),
        letter=letter,
        chosen=chosen is not None,
        previous=listed[at - 1] if at > 0 else None,
        following=listed[at + 1] if 0 <= at < len(listed) - 1 else None,
        place=at + 1,
        allowed=actions(visitor, letter) if letter else frozenset(),
        open_form=letter is not None and letter.row.stage in TO_EXAMINE,
        twin=await _named(pages, visitor, letter.row.twin_of if letter else None),
        registered=await _named(pages, visitor, _id(request.query_params.get("terdaftar", "")), covered),
        put_aside=_id(request.query_params.get("disisihkan", "")) is not None,
        now=datetime.now(UTC),
        **shown,
    )


def proposed(letter: p.Letter) -> LetterForm:
    """What was examined already, else what the message seems to say; the operator confirms it."""
    if letter.row.stage == "examined":
        return LetterForm.examined(letter)
    said = propose(letter)
    rows = [FormRow(each.recipient_class, each.office, each.copy_kind) for each in said.recipients]
    return LetterForm({name: getattr(said, name, "") for name in FIELDS}, padded(rows), dated_from=said.dated_from)


async def _away(pages: Pages) -> list[MailboxAway]:
    return mailboxes_away([report.as_dict() for report in await pages.looked.reports()])


def _at(cursor: str) -> str:
    """What an address of this page of the list ends with; empty for the first."""
    return f"?lanjut={quote(cursor)}" if cursor else ""


async def _named(
    pages: Pages, visitor: Visitor, letter_id: UUID | None, after: str | None = None
) -> p.LetterRow | None:
    if letter_id is None:
        return None
    try:
        return (await letter_of(pages.client, visitor, letter_id, after)).row
    except Problem:
        return None


async def _taken_before(pages: Pages, visitor: Visitor, letter_id: UUID) -> Problem | None:
    """Somebody else has drawn a number for it: which, and who. None: nobody has, as far as the views tell."""
    try:
        letter = await letter_of(pages.client, visitor, letter_id)
        if not letter.row.agenda:
            return None
        entries = await history_of(pages.client, visitor, letter)
    except Problem:
        return None
    who = next((entry.by_name for entry in entries if entry.kind == intake.LetterRegistered.kind()), "")
    return Problem("gateway.registered-before", 409, agenda=letter.row.agenda, who=who or "…")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _handed_in(pages: Pages, blobs: Blobs, visitor: Visitor, form: Any) -> Any:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Problem("gateway.empty-upload", 422)
    if (file.size or 0) > MOST_MESSAGE:
        raise Problem("gateway.too-large", 413, most=MOST_MESSAGE)
    office = await pages.offices.of(visitor.agency)
    stated = line(form, "received_at")
    arrived = moment(stated, office.zone)
    if stated and arrived is None:
        raise Problem("gateway.bad-received-at", 422)
    return await hand_in(
        pages.client, blobs, visitor, file.file, arrived, key=key(form, "upload"), name=file.filename or ""
    )
