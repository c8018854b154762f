"""The life of a letter for `benchmarks.history`, once, with marks where letters differ."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from contracts import approval, dispatch, intake
from contracts.base import Event, Officer, Sealed
from contracts.words import BlobRef, Copy, RecipientEntry, SealedFields, StandardRef, Tier

AGENCY = "pekalongan"
YEAR = 2025
COPIES = 3
MARK_LETTER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
MARK_COMMAND = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
WHOLE = {"number": b"987654321", "version": b"987654322"}
"""Marks of whole numbers."""
MOMENT = datetime(2099, 1, 1, tzinfo=UTC)
"""The second of this minute is the hour of the life."""
LETTER = UUID(MARK_LETTER)
BLOB = BlobRef(sha256="f" * 64, size=1, media_type="application/pdf")
TIERS = (Tier(position="kasi", title="Kasi Persandian"), Tier(position="kabid", title="Kabid Aplikasi"))
ROUTES = (
    ("walikota", "aide", "receipt"), ("kepala-opd", "courier", "receipt"),
    ("lainnya", "fax", "transmission-report"),
)  # fmt: skip
TEXT = "Dengan hormat, bersama ini kami sampaikan surat nomor 005/@n@ perihal @topic@. " * 8


@dataclass(frozen=True, slots=True)
class Step:
    """A command's events in one service, ``hour`` hours after the letter came. ``claims``: as of a captured message."""

    service: str
    hour: int
    actor: str
    events: tuple[tuple[str, Event], ...]
    claims: bool = False


def officer(person: str, position: str | None = None) -> Officer:
    return Officer(
        person_id=person, name=Sealed.of(f"Bapak {person.title()}"), nip=Sealed.of("197001012000031001"),
        position=position, title=position.title() if position else "",
    )  # fmt: skip


def hour(number: int) -> datetime:
    return MOMENT + timedelta(seconds=number)


def copies_of(count: int) -> tuple[Copy, ...]:
    return tuple(
        Copy.model_construct(
            copy_id=cast("UUID", f"@copy{number}@"),  # a place in the mould, filled in later
            recipient_class=recipient, office=f"Kantor {recipient}", copy_kind="asli",
            route=route, routes=(route,), proof=proof, limit=None,
        )
        for number, (recipient, route, proof) in enumerate(ROUTES[:count])
    )  # fmt: skip


def life(count: int) -> tuple[Step, ...]:
    """From the mailbox to the archive, with ``count`` copies."""
    return (*_taken_in(count), *_agreed(count), *_brought(count))


def _taken_in(count: int) -> tuple[Step, ...]:
    stream, operator = f"letter:{LETTER}", officer("operator")
    fields = SealedFields(
        sender=Sealed.of("Dinas @n@ Kabupaten"), letter_number=Sealed.of("005/@n@"), letter_on="2025-02-27",
        subject=Sealed.of("Perihal @topic@ @n@"), summary=Sealed.of("Ringkasan @topic@ untuk tindak lanjut"),
        urgency="biasa", classification="005",
        recipients=(RecipientEntry(recipient_class="walikota", office="Kantor Wali Kota"),),
    )  # fmt: skip
    captured = intake.MessageCaptured(
        letter_id=LETTER,
        source=intake.MessageSource(channel="imap", mailbox="history", uidvalidity=YEAR, uid=WHOLE["number"].decode()),
        received_at=hour(0), content_sha256="b" * 64, size=4000,
        from_name=Sealed.of("Pengirim @n@", "applicant", "x"), sender_subject="@sender@",
        from_address=Sealed.of("tu@n@@dinas.example", "applicant", "x"), subject=Sealed.of("@topic@ @n@"),
        text=Sealed.of(TEXT), sent_at=hour(0),
    )  # fmt: skip
    examined = intake.MessageExamined(letter_id=LETTER, fields=fields, by=operator)
    number = int(WHOLE["number"])
    taken = intake.AgendaNumberTaken(book="masuk", year=YEAR, number=number, letter_id=LETTER)
    registered = intake.LetterRegistered(
        letter_id=LETTER, book="masuk", year=YEAR, number=number, agenda="@agenda@",
        standard=StandardRef(standard="berita-biasa-sanapati", version=1, decree="060/040/III/2022"),
        received_at=hour(0), due_at=hour(30), calendar="default", copies=(), tiers=TIERS, urgency="biasa", by=operator,
    )  # fmt: skip
    pack = intake.PrintPackProduced(letter_id=LETTER, blob=BLOB, pages=4, print_number=1, by=operator)
    forwarded = intake.LetterForwarded(
        letter_id=LETTER, revision=1, agenda="@agenda@", urgency="biasa", due_at=hour(30), tiers=TIERS, copies=(),
        registrar=operator, assigner="kasi", by=operator,
    )  # fmt: skip
    copies = {"copies": copies_of(count)}
    return (
        Step("intake", 0, "caraka", ((stream, captured),), claims=True),
        Step("intake", 1, "operator", ((stream, examined),)),
        Step("intake", 2, "operator", (
            (f"book:masuk:{YEAR}", taken), (stream, registered.model_copy(update=copies)),
        )),
        Step("intake", 3, "operator", ((stream, pack),)),
        Step("intake", 4, "operator", ((stream, forwarded.model_copy(update=copies)),)),
    )  # fmt: skip


def _agreed(count: int) -> tuple[Step, ...]:
    stream = f"round:{LETTER}"
    opened = approval.RoundOpened(
        letter_id=LETTER, round_id=LETTER, revision=1, agenda="@agenda@", urgency="biasa", due_at=hour(30),
        tiers=TIERS, registrar_id="operator",
    )  # fmt: skip
    planned = dispatch.DispatchPlanned(
        letter_id=LETTER, revision=1, agenda="@agenda@", urgency="biasa", due_at=hour(30), copies=(), assigner="kasi"
    ).model_copy(update={"copies": copies_of(count)})
    shared = {"letter_id": LETTER, "round_id": LETTER, "revision": 1}
    first, second = (
        approval.TierInitialled.model_validate(
            shared | {"tier": tier, "next_position": after, "by": officer(f"pak-{who}", who)}
        )
        for tier, (who, after) in enumerate((("kasi", "kabid"), ("kabid", None)))
    )
    complete = approval.ApprovalCompleted.model_validate(shared)
    steps: list[tuple[int, tuple[Event, ...], str]] = [
        (4, (opened,), "caraka"), (6, (first,), "pak-kasi"), (8, (second, complete), "pak-kabid"),
    ]  # fmt: skip
    marked = [
        Step("approval", at, who, tuple((stream, each.model_copy(update={"round_id": "@round@"})) for each in events))
        for at, events, who in steps
    ]
    plan = Step("dispatch", 4, "caraka", ((f"dispatch:{LETTER}", planned),))
    return marked[0], plan, marked[1], marked[2]


def _brought(count: int) -> tuple[Step, ...]:
    stream, courier = f"dispatch:{LETTER}", officer("caraka-1")
    mine = tuple(f"@copy{number}@" for number, (_, route, _) in enumerate(ROUTES[:count]) if route != "fax")
    assigned = dispatch.CourierAssigned(
        letter_id=LETTER, courier_id="caraka-1", courier_name=Sealed.of("Caraka Satu"), copy_ids=(),
        by=officer("pak-kasi", "kasi"),
    ).model_copy(update={"copy_ids": mine})  # fmt: skip
    proofs: list[Event] = [
        dispatch.CopyDelivered(
            letter_id=LETTER, copy_id=LETTER, receiver_name=Sealed.of("Penerima @n@"), receiver_position="staf",
            happened_at=hour(12), recorded_at=hour(12), by=courier,
        ).model_copy(update={"copy_id": copy})
        for copy in mine
    ]  # fmt: skip
    if count == COPIES:
        sent = dispatch.CopyTransmitted(
            letter_id=LETTER, copy_id=LETTER, route="fax", reference="OK 12", happened_at=hour(12), by=courier
        )
        proofs.append(sent.model_copy(update={"copy_id": f"@copy{COPIES - 1}@"}))
    proven = dispatch.DispatchProven(letter_id=LETTER, revision=1, completed_at=hour(12))
    archived = dispatch.LetterArchived(letter_id=LETTER, classification="005", place="Lemari 2", by=officer("operator"))
    last = len(proofs) - 1
    return (
        Step("dispatch", 9, "caraka", ((stream, dispatch.DispatchReleased(letter_id=LETTER, revision=1)),)),
        Step("dispatch", 10, "pak-kasi", ((stream, assigned),)),
        *(
            Step("dispatch", 12, "caraka-1", ((stream, each), *(((stream, proven),) if number == last else ())))
            for number, each in enumerate(proofs)
        ),
        Step("intake", 13, "dispatch", ((f"letter:{LETTER}", intake.ClockStopped(letter_id=LETTER, at=hour(12))),)),
        Step("dispatch", 20, "operator", ((stream, archived),)),
    )
