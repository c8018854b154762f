"""Before a print pack is decided it is rendered and stored: the letter's own events become the sheets."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from contracts.base import Ask, Recorded, Refusal, Sealed
from contracts.intake import (
    LetterForwarded,
    LetterRegistered,
    LetterRevised,
    MessageCaptured,
    MessageExamined,
    MessageReleased,
    PrintPackProduced,
    ProducePrintPack,
    StandardAdopted,
    TwinLinked,
)
from contracts.words import AttachmentRef, Copy, SealedFields
from services.intake.adapters.print_initials import tiers_of
from services.intake.domain.capture import stream
from services.intake.policy import refuse
from services.intake.print_pack import (
    MOST_COPIES,
    Letterhead,
    PrintedAttachment,
    PrintedCopy,
    PrintedLetter,
    PrintPack,
    Reprint,
)
from services.kit.blobs import Blobs
from services.kit.deadlines import standard_stream
from services.kit.sandbox import SandboxFailure
from services.kit.service import Before

Open = Callable[[Sealed], str]
History = Callable[[str, str], Awaitable[Sequence[Recorded]]]


class Printer(Protocol):
    async def render(self, pack: PrintPack) -> bytes: ...


@dataclass
class LetterSoFar:
    """The letter as its events tell it so far. ``revision``: that of the round that is under way, 0: none is."""

    arrived: MessageCaptured | TwinLinked | MessageReleased | None = None
    fields: SealedFields | None = None
    registered: LetterRegistered | None = None
    registered_at: datetime | None = None
    copies: tuple[Copy, ...] = ()
    prints: int = 0
    revision: int = 0
    forwarded_at: datetime | None = None
    rules: dict[str, Any] = field(default_factory=dict)


def tell(history: Sequence[Recorded]) -> LetterSoFar:
    told = LetterSoFar()
    for recorded in history:
        match recorded.event:
            case MessageCaptured() | TwinLinked() | MessageReleased() as event:
                told.arrived = event
            case MessageExamined() as event:
                told.fields = event.fields
            case LetterRegistered() as event:
                told.registered, told.registered_at, told.copies = event, recorded.at, event.copies
            case LetterRevised() as event:
                told.fields, told.copies, told.revision = event.fields, event.copies, 0
            case LetterForwarded() as event:
                told.revision, told.forwarded_at = event.revision, recorded.at
            case PrintPackProduced():
                told.prints += 1
    return told


def printing(  # noqa: PLR0913 - what a sheet is made of
    history: History, open_field: Open, blobs: Blobs, printer: Printer, base_url: str, clock: Callable[[], datetime]
) -> Before:
    """Renders the pack, stores it, and completes ``ProducePrintPack`` with its hash; a retry renders nothing anew."""

    async def render(ask: Ask) -> Ask | Refusal | None:
        command = ProducePrintPack.model_validate({**ask.body, "blob": None, "pages": 0})
        told = tell(await history(ask.agency, stream(command.letter_id)))
        registered = told.registered
        if registered is None or told.fields is None or len(told.copies) > MOST_COPIES:
            return None  # the decision says what is missing
        told.rules = await rules_of(history, ask.agency, registered)
        pack = pack_of(told, command, open_field, base_url, ask.agency, clock())
        try:
            pdf = await printer.render(pack)
        except SandboxFailure as failure:
            return refuse("not-rendered", reason=failure.reason)
        blob = await blobs.put(ask.agency, pdf, "application/pdf")
        body = {**ask.body, "blob": blob.model_dump(mode="json"), "pages": pages_in(pdf)}
        return ask.model_copy(update={"body": body})

    return render


async def rules_of(history: History, agency: str, registered: LetterRegistered) -> dict[str, Any]:
    """The rules of the version that the letter runs under."""
    adopted = await history(agency, standard_stream(registered.standard.standard))
    versions = [one.event for one in adopted if isinstance(one.event, StandardAdopted)]
    return next(one.rules for one in reversed(versions) if one.standard.version == registered.standard.version)


def pages_in(pdf: bytes) -> int:
    """Pages of a PDF as typst writes it: its page tree stands uncompressed, ``/Type/Page`` once per page."""
    return len(re.findall(rb"/Type\s*/Page(?!s)", pdf))


def pack_of(  # noqa: PLR0913 - a sheet's sources
    told: LetterSoFar, command: ProducePrintPack, open_field: Open, base_url: str, agency: str, now: datetime
) -> PrintPack:
    registered, fields, head, given = told.registered, told.fields, told.rules["letterhead"], command.given
    if registered is None or fields is None or told.registered_at is None:
        raise ValueError("only a registered letter has a pack")
    return PrintPack(
        letterhead=Letterhead(
            agency=head["agency"], office=head["office"], address=tuple(head.get("address", ())), place=head["place"]
        ),
        letter=_letter(told, registered, fields, open_field, base_url),
        copies=tuple(_copy(copy, base_url, agency, told.rules.get("aides", {})) for copy in told.copies),
        tiers=tiers_of(registered.tiers, given.initials if given and given.revision == told.revision else ()),
        zone=told.rules["zone"],
        printed_at=now,
        reprint=Reprint(number=told.prints, reason=command.reason) if told.prints and command.reason else None,
    )


def _letter(
    told: LetterSoFar, registered: LetterRegistered, fields: SealedFields, open_field: Open, base_url: str
) -> PrintedLetter:
    arrived = told.arrived
    return PrintedLetter(
        agenda_number=registered.agenda,
        agenda_book=told.rules["books"][registered.book].get("title", registered.book),
        number=open_field(fields.letter_number),
        dated_on=_day(fields.letter_on),
        sender=open_field(fields.sender),
        sender_address=open_field(arrived.from_address) if arrived else "",
        subject=open_field(fields.subject),
        summary=open_field(fields.summary),
        urgency=fields.urgency,
        classification=fields.classification,
        received_at=registered.received_at,
        registered_at=told.registered_at or registered.received_at,
        due_at=registered.due_at,
        standard=registered.standard.decree,
        verify_url=f"{base_url}/surat/{registered.letter_id}",
        body=open_field(arrived.text) if arrived else "",
        attachments=tuple(
            PrintedAttachment(name=_named(one), size=one.size, sha256=one.sha256)
            for one in (arrived.attachments if arrived else ())
        ),
    )


def _named(one: AttachmentRef) -> str:
    return f"{one.name} (dalam {one.within})" if one.within else one.name


def _copy(copy: Copy, base_url: str, agency: str, aides: Mapping[str, str]) -> PrintedCopy:
    """``aides``: class of recipient → who receives for him, as the agency's file names him."""
    aide = aides.get(copy.recipient_class) if copy.route == "aide" else None
    return PrintedCopy(
        copy_id=copy.copy_id,
        recipient=copy.office,
        recipient_class=copy.recipient_class,
        kind="tembusan" if copy.copy_kind == "tembusan" else "asli",
        route=f"melalui {aide}" if aide else copy.route,
        proof=copy.proof,
        verify_url=verify_url(base_url, agency, copy.copy_id),
    )


def verify_url(base_url: str, agency: str, copy_id: UUID) -> str:
    """What the QR on paper opens; the agency is in it, since whoever scans it has no session."""
    return f"{base_url}/s/{agency}/{copy_id}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
