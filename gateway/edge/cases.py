"""The door to the cases: whoever wants something of one asks here, and gets what `gateway.edge.parts` lets him have.

No other module of the gateway puts these questions or fetches these bytes (a test holds it); complaints have theirs in
`gateway.edge.complaints`, notices in `gateway.edge.notices`. Every function raises
Problem: 404 for a case of which the visitor may not know, 403 for a part of it that he may not have.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

import structlog

from contracts import account_provisioning as accounts
from contracts import intake
from contracts import projections as p
from contracts.numbering import NumberingAnswer
from contracts.words import AttachmentRef, BlobRef
from gateway.edge import parts
from gateway.edge.client import SLOW_SECONDS, ServiceClient
from gateway.edge.parts import Matter, Part, matter_of, relations
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from services.kit.blobs import BlobLost, Blobs

R = TypeVar("R", bound=p.CaseRow)
log = structlog.get_logger(__name__)

LONGEST_TOKEN = 60
OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Handed:
    """Bytes for the reader, with the name under which he gets them."""

    parts: AsyncIterator[bytes]
    """Sure before the first of them is given."""
    size: int
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Genuine:
    """What whoever holds a copy on paper is told of it."""

    copy_id: UUID
    state: str
    copy_kind: str
    agenda: str
    office: str


async def letter_of(client: ServiceClient, visitor: Visitor, letter_id: UUID, after: str | None = None) -> p.Letter:
    """One letter, without the parts that this visitor may not have. 404 also for another agency's."""
    query = p.LetterDetail(letter_id=letter_id, after=after)
    letter = (await client.ask(visitor, query, p.LetterDetailAnswer)).letter
    shown = parts.letter_for(visitor, letter) if letter is not None else None
    if shown is None:
        raise Problem("gateway.not-found", 404)
    return shown


def allow(visitor: Visitor, part: Part, letter: p.Letter) -> None:
    """``letter``: as `letter_of` gave it. Raises Problem 403 that says why not."""
    matter = matter_of(letter.row.quarantine)
    if parts.may(relations(visitor, letter), part, matter):
        return
    if matter is Matter.ORDINARY:
        raise Problem("gateway.forbidden", 403)
    raise Problem("gateway.shut-away", 403, reason=letter.row.quarantine)


async def letters_of(client: ServiceClient, visitor: Visitor, query: p.LetterList) -> p.LetterListAnswer:
    """A page of the register. What is found by a word of its title or text is shown only to who may read them."""
    answer = await client.ask(visitor, query, p.LetterListAnswer)
    known = relations(visitor)
    found = [row for row in answer.letters if not query.text.strip() or _may_find(known, matter_of(row.quarantine))]
    return answer.model_copy(update={"letters": rows_for(visitor, found)})


def _may_find(known: frozenset[parts.Relation], matter: Matter) -> bool:
    """Of what is set aside the views hold no text."""
    needed = (Part.TITLE, Part.TEXT) if matter is Matter.ORDINARY else (Part.TITLE,)
    return all(parts.may(known, part, matter) for part in needed)


async def every_letter_of(
    client: ServiceClient, visitor: Visitor, stages: tuple[str, ...], most: int
) -> list[p.LetterRow]:
    """Letters in these stages, the most overdue first, page after page; none for who reads none."""
    found: list[p.LetterRow] = []
    cursor = ""
    while reads_letters(visitor):
        query = p.LetterList(stages=stages, order="due", limit=200, cursor=cursor)
        answer = await letters_of(client, visitor, query)
        found += answer.letters
        cursor = answer.cursor
        if not cursor or len(found) >= most:
            break
    return found


def reads_letters(visitor: Visitor) -> bool:
    return parts.may(relations(visitor), Part.ROW, Matter.ORDINARY)


async def board_of(
    client: ServiceClient, visitor: Visitor, kind: str, limit: int, after: str | None = None
) -> p.BoardAnswer:
    """The live board of a kind; its change is named for this visitor alone."""
    answer = await client.ask(visitor, p.Board(case_kind=kind, limit=limit, after=after), p.BoardAnswer)
    columns = [column.model_copy(update={"cards": rows_for(visitor, column.cards)}) for column in answer.columns]
    change = client.opaque.name(answer.change, visitor.actor.id)
    return answer.model_copy(update={"columns": tuple(columns), "change": change})


async def risk_of(client: ServiceClient, visitor: Visitor, query: p.AtRisk) -> p.AtRiskAnswer:
    answer = await client.ask(visitor, query, p.AtRiskAnswer)
    shown = [
        risk.model_copy(update={"case": row})
        for risk in answer.rows
        if (row := parts.row_for(relations(visitor), risk.case)) is not None
    ]
    return answer.model_copy(update={"rows": tuple(shown)})


def rows_for(visitor: Visitor, rows: Iterable[R]) -> tuple[R, ...]:
    known = relations(visitor)
    return tuple(shown for row in rows if (shown := parts.row_for(known, row)) is not None)


async def tasks_of(
    client: ServiceClient, visitor: Visitor, after: str | None = None, action: str = "", page: int = 1
) -> p.TaskListAnswer:
    """What waits for him; counted is what he may see. ``action``, ``page``: a page of this one alone."""
    query = p.TaskList(after=after, action=action, page=page, reader=await client.as_applicant(visitor))
    answer = await client.ask_for(visitor.agency, query, p.TaskListAnswer)
    shown = [
        task.model_copy(update={"case": row})
        for task in answer.tasks
        if (row := parts.row_for(parts.of_task(visitor, task.action), task.case)) is not None
    ]
    seen = {task.action for task in shown}
    counts = {name: number for name, number in answer.counts.items() if name in seen}
    more = tuple(name for name in answer.more if name in seen)
    return answer.model_copy(update={"tasks": tuple(shown), "counts": counts, "more": more})


async def stops_of(
    client: ServiceClient, visitor: Visitor, courier: str | None, after: str | None = None
) -> p.CourierStopsAnswer:
    """A courier's own; who reads the letters may ask for any courier's. Raises Problem 403."""
    own = visitor.actor.id
    wanted = courier or own
    known = parts.of_task(visitor, "deliver") if wanted == own else relations(visitor)
    if not parts.may(known, Part.STOP, Matter.ORDINARY):  # only a registered letter has copies
        raise Problem("gateway.forbidden", 403)
    return await client.ask(visitor, p.CourierStops(courier_id=wanted, after=after), p.CourierStopsAnswer)


async def history_of(
    client: ServiceClient, visitor: Visitor, letter: p.Letter, after: str | None = None
) -> tuple[p.HistoryEntry, ...]:
    """Oldest first; the stored events with it for who may read those. ``letter``: as `letter_of` gave it."""
    allow(visitor, Part.HISTORY, letter)
    known, matter = relations(visitor, letter), matter_of(letter.row.quarantine)
    raw = parts.may(known, Part.RAW_EVENT, matter)
    query = p.CaseHistory(case_id=letter.row.letter_id, raw=raw, after=after)
    answer = await client.ask(visitor, query, p.CaseHistoryAnswer)
    return tuple(parts.entry_for(known, matter, entry) for entry in answer.entries)


async def deadline_of(
    client: ServiceClient, visitor: Visitor, letter: p.Letter, after: str | None = None
) -> intake.LetterDeadlineAnswer:
    """Why it is due when it is due. ``letter``: as `letter_of` gave it."""
    allow(visitor, Part.DEADLINE, letter)
    query = intake.LetterDeadline(letter_id=letter.row.letter_id, after=after)
    return await client.ask(visitor, query, intake.LetterDeadlineAnswer)


async def requests_of(client: ServiceClient, visitor: Visitor, query: p.RequestList) -> p.RequestListAnswer:
    """A page of the register of requests for accounts."""
    answer = await client.ask(visitor, query, p.RequestListAnswer)
    return answer.model_copy(update={"requests": rows_for(visitor, answer.requests)})


async def request_of(
    client: ServiceClient, visitor: Visitor, request_id: UUID, after: str | None = None
) -> p.AccountRequest:
    """One request with what else is known of its applicant. 404 also for another agency's."""
    found = (
        await client.ask(visitor, p.RequestDetail(request_id=request_id, after=after), p.RequestDetailAnswer)
    ).request
    if found is None or not parts.may(parts.of_request(visitor, found), Part.REQUEST, Matter.ORDINARY):
        raise Problem("gateway.not-found", 404)
    return found


async def accounts_of(client: ServiceClient, visitor: Visitor, query: p.AccountList) -> p.AccountListAnswer:
    """A page of the directory of accounts."""
    answer = await client.ask(visitor, query, p.AccountListAnswer)
    return answer.model_copy(update={"accounts": rows_for(visitor, answer.accounts)})


async def account_of(client: ServiceClient, visitor: Visitor, account_id: UUID, after: str | None = None) -> p.Account:
    """One account with its requests and what happened to it. 404 also for another agency's."""
    found = (
        await client.ask(visitor, p.AccountDetail(account_id=account_id, after=after), p.AccountDetailAnswer)
    ).account
    if found is None or not parts.may(relations(visitor), Part.ACCOUNT, Matter.ORDINARY):
        raise Problem("gateway.not-found", 404)
    return found.model_copy(update={"requests": rows_for(visitor, found.requests)})


async def request_history_of(
    client: ServiceClient, visitor: Visitor, request: p.AccountRequest, after: str | None = None
) -> tuple[p.HistoryEntry, ...]:
    """Oldest first; the stored events with it for who may read those. ``request``: as `request_of` gave it."""
    known = parts.of_request(visitor, request)
    if not parts.may(known, Part.REQUEST_HISTORY, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    raw = parts.may(known, Part.RAW_EVENT, Matter.ORDINARY)
    query = p.CaseHistory(case_kind="requests", case_id=request.row.request_id, raw=raw, after=after)
    return (await client.ask(visitor, query, p.CaseHistoryAnswer)).entries


async def request_deadline_of(
    client: ServiceClient, visitor: Visitor, request: p.AccountRequest, after: str | None = None
) -> accounts.RequestDeadlineAnswer:
    """Why it is due when it is due: for who may read its history. ``request``: as `request_of` gave it."""
    if not parts.may(parts.of_request(visitor, request), Part.REQUEST_HISTORY, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    query = accounts.RequestDeadline(request_id=request.row.request_id, after=after)
    return await client.ask(visitor, query, accounts.RequestDeadlineAnswer)


def handles(visitor: Visitor, request: p.AccountRequest) -> bool:
    return parts.may(parts.of_request(visitor, request), Part.APPLICANT, Matter.ORDINARY)


async def sheet_of(
    client: ServiceClient, visitor: Visitor, request: p.AccountRequest, after: str | None = None
) -> accounts.RequestSheetAnswer:
    """What the counter and the reviewer need besides; kept nowhere. Raises Problem 403 for anybody else."""
    if not handles(visitor, request):
        raise Problem("gateway.forbidden", 403)
    query = accounts.RequestSheet(request_id=request.row.request_id, after=after)
    return await client.ask(visitor, query, accounts.RequestSheetAnswer)


async def reply_of(blobs: Blobs, visitor: Visitor, request: p.AccountRequest) -> Handed:
    """The reply letter. ``request``: as `request_of` gave it."""
    if not parts.may(parts.of_request(visitor, request), Part.REPLY, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    name = f"balasan-{request.reply_number or request.row.number}.pdf".replace("/", "-")
    return await fetched(blobs, visitor.agency, request.reply, name)


async def claim_of(client: ServiceClient, agency: str, claim_id: UUID, token: str) -> accounts.ClaimStateAnswer:
    """What a link to an account is worth, for whoever has it; nothing is opened. Raises Problem 404: it is no link."""
    if token.isascii() and token.isalnum() and len(token) <= LONGEST_TOKEN:
        query = accounts.ClaimState(request_id=claim_id, token=token)
        found = await client.ask_for(agency, query, accounts.ClaimStateAnswer)
        if found.state != "unknown":
            return found
    raise Problem("account_provisioning.claim-unknown", 404)


async def changes_since(client: ServiceClient, visitor: Visitor, kind: str, last: str) -> p.ChangesSinceAnswer:
    """What has changed since; which case, to which stage. Raises Problem 403."""
    if not parts.hears(visitor):
        raise Problem("gateway.forbidden", 403)
    return await client.ask(visitor, p.ChangesSince(case_kind=kind, change=last), p.ChangesSinceAnswer)


async def genuine(client: ServiceClient, agency: str, which: p.CopyDetail | p.CopyByCode) -> Genuine | None:
    """For the QR on paper or the code below it, asked by nobody in particular; None: there is no such copy."""
    found = (await client.ask_for(agency, which, p.CopyDetailAnswer)).copy_row
    if found is None or not parts.may(frozenset({parts.Relation.PAPER}), Part.GENUINE, Matter.ORDINARY):
        return None
    return Genuine(found.copy_id, found.state, found.copy_kind, found.agenda, found.office)


async def raw_of(
    client: ServiceClient, blobs: Blobs, visitor: Visitor, letter: p.Letter, *, despite_quarantine: bool
) -> Handed:
    """The message as it came. Out of quarantine: only to who says that he knows, closed so that nothing opens it, and
    after a fact that says who takes it.
    """
    allow(visitor, Part.RAW, letter)
    letter_id, reason = letter.row.letter_id, letter.row.quarantine
    if reason is None:
        return await fetched(blobs, visitor.agency, letter.blob, f"{letter_id}.eml")
    if not despite_quarantine:
        raise Problem("gateway.quarantine-warning", 403, reason=reason)
    taken = await fetched(blobs, visitor.agency, letter.blob, f"karantina-{letter_id}.bin")
    await client.do(visitor, intake.TakeMessage(letter_id=letter_id))
    log.warning("quarantine.taken", letter_id=str(letter_id), reason=reason)
    return replace(taken, media_type="application/octet-stream")


async def print_pack_of(blobs: Blobs, visitor: Visitor, letter: p.Letter) -> Handed:
    allow(visitor, Part.PRINT_PACK, letter)
    return await fetched(blobs, visitor.agency, letter.print_pack, f"{_named(letter)}.pdf")


async def initials_sheet_of(
    client: ServiceClient, blobs: Blobs, visitor: Visitor, letter: p.Letter, given: intake.GivenInitials
) -> Handed:
    """``given``: what the round has said so far, as the views tell it."""
    allow(visitor, Part.INITIALS_SHEET, letter)
    query = intake.InitialsSheet(letter_id=letter.row.letter_id, given=given)
    blob = (await client.ask(visitor, query, intake.InitialsSheetAnswer, seconds=SLOW_SECONDS)).blob
    return await fetched(blobs, visitor.agency, blob, f"paraf-{_named(letter)}.pdf")


async def attachment_of(client: ServiceClient, blobs: Blobs, visitor: Visitor, letter: p.Letter, sha256: str) -> Handed:
    """An attachment as it came, to be taken away; never to be opened by the browser itself."""
    named = _attached(visitor, letter, sha256)
    query = intake.AttachmentFile(letter_id=letter.row.letter_id, sha256=sha256)
    blob = (await client.ask(visitor, query, intake.AttachmentFileAnswer, seconds=SLOW_SECONDS)).blob
    handed = await fetched(blobs, visitor.agency, blob, named.name)
    return replace(handed, media_type=OCTETS)


async def shown_attachment_of(
    client: ServiceClient, visitor: Visitor, letter: p.Letter, sha256: str, page: int = 1
) -> tuple[AttachmentRef, intake.AttachmentShownAnswer]:
    """What it is, and one page of it as it was drawn in the sandbox."""
    named = _attached(visitor, letter, sha256)
    query = intake.AttachmentShown(letter_id=letter.row.letter_id, sha256=sha256, page=page)
    return named, await client.ask(visitor, query, intake.AttachmentShownAnswer, seconds=SLOW_SECONDS)


async def attachment_page_of(  # noqa: PLR0913 - a page of an attachment of a letter, for somebody
    client: ServiceClient, blobs: Blobs, visitor: Visitor, letter: p.Letter, sha256: str, page: int
) -> Handed:
    """The picture of one page. Raises Problem 404 where there is none."""
    _, shown = await shown_attachment_of(client, visitor, letter, sha256, page)
    return await fetched(blobs, visitor.agency, shown.picture, f"{sha256[:16]}-{page}.jpg")


def _attached(visitor: Visitor, letter: p.Letter, sha256: str) -> AttachmentRef:
    allow(visitor, Part.ATTACHMENTS, letter)
    found = next((one for one in letter.attachments if one.sha256 == sha256), None)
    if found is None:
        raise Problem("gateway.not-found", 404)
    return found


def _named(letter: p.Letter) -> str:
    return (letter.row.agenda or str(letter.row.letter_id)).replace("/", "-")


async def fetched(blobs: Blobs, agency: str, ref: BlobRef | None, name: str) -> Handed:
    """For whoever may have it, which was asked before. Raises Problem 404: there is none."""
    if ref is None:
        raise Problem("gateway.not-found", 404)
    try:
        return Handed(await blobs.stream(agency, ref), ref.size, ref.media_type, name)
    except BlobLost as error:
        raise Problem("gateway.blob-lost", 500) from error


async def book_numbering_of(client: ServiceClient, visitor: Visitor, book: str, year: int) -> NumberingAnswer:
    """Where an agenda book begins, and who said so; nothing of a letter. Raises Problem 403."""
    if not RIGHTS["books.show"].allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    return await client.ask(visitor, intake.BookNumbering(book=book, year=year), intake.BookNumberingAnswer)
