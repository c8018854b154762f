"""The door to complaints, beside that to all other cases: what of one the visitor may have.

Every function raises Problem: 404 for a complaint of which he may not know, 403 for a part of it that he may not have.
"""

from collections.abc import Sequence
from uuid import UUID

from contracts import complaint as c
from contracts import projections as p
from contracts.numbering import NumberingAnswer
from contracts.tracking import TrackCase
from gateway.edge import parts
from gateway.edge.cases import OCTETS, Handed, fetched, rows_for
from gateway.edge.client import SLOW_SECONDS, ServiceClient
from gateway.edge.parts import Matter, Part, relations
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.edge.uploads import Numbered, Uploads, extension, found_in
from services.kit.blobs import Blobs
from services.kit.uploads import Drawn

COMPLAINT = c.ComplaintSheet.service()


async def complaints_of(client: ServiceClient, visitor: Visitor, query: p.ComplaintList) -> p.ComplaintListAnswer:
    """A page of the complaints that he may see."""
    answer = await client.ask(visitor, query, p.ComplaintListAnswer)
    return answer.model_copy(update={"complaints": rows_for(visitor, answer.complaints)})


async def complaint_of(
    client: ServiceClient, visitor: Visitor, complaint_id: UUID, after: str | None = None
) -> p.Complaint:
    """One complaint. 404 also for one that he may not see, and for another agency's."""
    query = p.ComplaintDetail(complaint_id=complaint_id, after=after)
    found = (await client.ask(visitor, query, p.ComplaintDetailAnswer)).complaint
    if found is None or not parts.may(relations(visitor), Part.COMPLAINT, Matter.ORDINARY):
        raise Problem("gateway.not-found", 404)
    return found


async def complaint_history_of(
    client: ServiceClient, visitor: Visitor, complaint: p.Complaint, after: str | None = None
) -> tuple[p.HistoryEntry, ...]:
    """Oldest first, and never as it is stored: the event tells moments and seals. ``complaint``: of `complaint_of`."""
    if not parts.may(relations(visitor), Part.COMPLAINT_HISTORY, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    query = p.CaseHistory(case_kind="complaints", case_id=complaint.row.complaint_id, after=after)
    return (await client.ask(visitor, query, p.CaseHistoryAnswer)).entries


async def complaint_deadline_of(
    client: ServiceClient, visitor: Visitor, complaint: p.Complaint, after: str | None = None
) -> c.ComplaintDeadlineAnswer:
    """Why it is due when it is due. ``complaint``: as `complaint_of` gave it. 404 for an anonymous one: the account
    would tell the hour at which somebody came.
    """
    if complaint.row.dated:
        raise Problem("gateway.not-found", 404)
    if not parts.may(relations(visitor), Part.COMPLAINT_HISTORY, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    query = c.ComplaintDeadline(complaint_id=complaint.row.complaint_id, after=after)
    return await client.ask(visitor, query, c.ComplaintDeadlineAnswer)


async def complaint_sheet_of(
    client: ServiceClient, visitor: Visitor, complaint: p.Complaint, after: str | None = None
) -> c.ComplaintSheetAnswer:
    """What was said and written; kept nowhere. Who reported, the service tells its handlers of a named one alone."""
    if not parts.may(relations(visitor), Part.COMPLAINT_WORDS, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    query = c.ComplaintSheet(complaint_id=complaint.row.complaint_id, after=after)
    return await client.ask(visitor, query, c.ComplaintSheetAnswer)


async def complaints_about(
    client: ServiceClient, visitor: Visitor, service: str, case_id: UUID
) -> tuple[p.AboutRow, ...]:
    """Of another case, for its page: those that he may see and that may be told of beside it."""
    if not parts.may(relations(visitor), Part.COMPLAINT, Matter.ORDINARY):
        return ()
    try:
        query = p.ComplaintsAbout(case_service=service, case_id=case_id)
        return (await client.ask(visitor, query, p.ComplaintsAboutAnswer)).complaints
    except Problem:
        return ()


async def answer_letter_of(
    client: ServiceClient, blobs: Blobs, visitor: Visitor, complaint: p.Complaint, after: str | None = None
) -> Handed:
    """The newest answer as the letter that it went out as. 404: it was given in words alone."""
    sheet = await complaint_sheet_of(client, visitor, complaint, after)
    return await letter_handed(blobs, visitor.agency, sheet.letters)


async def letter_handed(blobs: Blobs, agency: str, letters: Sequence[c.AnswerLetter]) -> Handed:
    """For whoever has shown that it is his: an officer who reads the case, or its reporter by number and code."""
    if not letters:
        raise Problem("gateway.not-found", 404)
    newest = letters[-1]
    return await fetched(blobs, agency, newest.blob, f"jawaban-{newest.number}.pdf".replace("/", "-"))


async def complaint_file_of(
    client: ServiceClient, uploads: Uploads, visitor: Visitor, complaint: p.Complaint, name: str
) -> Handed:
    """A photo or file of its reporter, to be taken away under a name that says nothing. Raises Problem 404, 410."""
    file = await _file(client, visitor, complaint, name)
    parts_ = await uploads.stream(visitor.agency, COMPLAINT, file.ref)
    return Handed(parts_, file.ref.size, OCTETS, f"{complaint.row.number}-{file.number}{extension(file.ref)}")


async def complaint_page_of(  # noqa: PLR0913 - a page of a file of a complaint, for somebody
    client: ServiceClient, uploads: Uploads, visitor: Visitor, complaint: p.Complaint, name: str, page: int
) -> tuple[Numbered, Drawn]:
    """A page of it as a picture, drawn now and kept nowhere."""
    file = await _file(client, visitor, complaint, name)
    return file, await uploads.drawn(visitor.agency, COMPLAINT, file.ref, page)


async def _file(client: ServiceClient, visitor: Visitor, complaint: p.Complaint, name: str) -> Numbered:
    if not parts.may(relations(visitor), Part.COMPLAINT_FILES, Matter.ORDINARY):
        raise Problem("gateway.forbidden", 403)
    sheet = await complaint_sheet_of(client, visitor, complaint)
    return found_in(sheet.attachments.values(), name, erased=sheet.erased)


async def receipt_stands(client: ServiceClient, agency: str, number: str, hashed: str) -> bool:
    """For whoever holds the receipt: it is on record, unchanged. Nothing else is said of it."""
    asked = c.CheckReceipt(number=number, sha256=hashed)
    return (await client.ask_for(agency, asked, c.CheckReceiptAnswer)).stands


async def thread_of(client: ServiceClient, agency: str, asked: TrackCase) -> c.ReadThreadAnswer:
    """What was said on either side, for whoever has the number and the code; nothing where they do not fit."""
    return await client.ask_for(agency, asked, c.ReadThreadAnswer)


async def complaint_clocks_of(
    client: ServiceClient, visitor: Visitor, after: str | None = None
) -> p.ComplaintClocksAnswer:
    """What runs in each class, of what he may see."""
    return await client.ask(visitor, p.ComplaintClocks(after=after), p.ComplaintClocksAnswer)


async def complaint_book_of(client: ServiceClient, visitor: Visitor, query: p.ComplaintBook) -> p.ComplaintBookAnswer:
    """The register without reporters. Raises Problem 403."""
    if not RIGHTS["complaints.book"].allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    return await client.ask(visitor, query, p.ComplaintBookAnswer, seconds=SLOW_SECONDS)


async def register_numbering_of(client: ServiceClient, visitor: Visitor, year: int) -> NumberingAnswer:
    """Where the register begins, and who said so. Raises Problem 403."""
    if not RIGHTS["complaints.register"].allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    return await client.ask(visitor, c.RegisterNumbering(year=year), c.RegisterNumberingAnswer)
