"""The people, the standard and the mail of one made-up office, as the tests of the road need them."""

from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from contracts.base import Actor, Holding
from contracts.intake import (
    AdoptStandard,
    CaptureMessage,
    ExamineMessage,
    ForwardLetter,
    MessageSource,
    ProducePrintPack,
    Reading,
    RegisterLetter,
)
from contracts.words import BlobRef, LetterFields, RecipientEntry, StandardRef
from services.approval import handlers as approval_handlers
from services.approval import reactions as approval_reactions
from services.dispatch import handlers as dispatch_handlers
from services.dispatch import reactions as dispatch_reactions
from services.intake import handlers as intake_handlers
from services.intake import reactions as intake_reactions
from tests.unit.given_when_then import SERVICE, Desk, Tables
from tests.unit.worktime.offices import PEKALONGAN

INTAKE = Tables.of("intake", intake_handlers, intake_reactions)
APPROVAL = Tables.of("approval", approval_handlers, approval_reactions)
DISPATCH = Tables.of("dispatch", dispatch_handlers, dispatch_reactions)


def _holder(person: str, position: str, role: str, title: str, *more: Holding) -> Actor:
    own = Holding(position=position, title=title, role=role)
    return Actor(
        id=person,
        name=f"Nama {person}",
        nip="199001012015011901",
        roles=(role,),
        holdings=(own, *more),
        qualifications=("sandi",) if role == "operator" else (),
    )


OPERATOR = _holder("operator", "operator-sandi", "operator", "Operator Transmisi Sandi")
KASI = _holder("kasi", "kasi-persandian", "kasi", "Kepala Seksi Persandian")
KABID = _holder("kabid", "kabid-persandian", "kabid", "Kepala Bidang Persandian")
KADIS = _holder("kadis", "kadis", "kadis", "Kepala Dinas")
PLH_KABID = Holding(position="kabid-persandian", title="Plh. Kepala Bidang Persandian", capacity="plh", role="kabid")
KASI_PLH_KABID = _holder("kasi", "kasi-persandian", "kasi", "Kepala Seksi Persandian", PLH_KABID)
COURIER = Actor(id="caraka-1", name="Caraka Satu", roles=("courier",))
OTHER_COURIER = Actor(id="caraka-2", name="Caraka Dua", roles=("courier",))
CITIZEN = Actor(id="tamu")
EVERYBODY = (SERVICE, OPERATOR, KASI, KABID, KADIS, COURIER, OTHER_COURIER, CITIZEN)

RULES: dict[str, Any] = {
    **PEKALONGAN,
    "deadline": {"working_days": 1},
    "tiers": [
        {"position": "kasi-persandian", "title": "Kepala Seksi Persandian"},
        {"position": "kabid-persandian", "title": "Kepala Bidang Persandian"},
        {"position": "kadis", "title": "Kepala Dinas"},
    ],
    "assigner": "kasi-persandian",
    "registrar_role": "operator",
    "delivery": [
        {"recipient_class": "walikota", "copy_kind": "*", "routes": ["aide"], "proof": "receipt"},
        {"recipient_class": "kepala-opd", "copy_kind": "*", "routes": ["courier", "fax", "online"], "proof": "receipt"},
        {"recipient_class": "sekda", "copy_kind": "asli", "routes": ["fax"], "proof": "transmission-report"},
    ],
    "books": {"masuk": {"pattern": "{number:04d}/{year}", "openings": {"2026": 843}}},
}
STANDARD = StandardRef(standard="berita-biasa-sanapati", version=1, decree="060/040/III Tahun 2022")
ADOPT = AdoptStandard(standard=STANDARD, valid_from="2022-03-01", rules=RULES)

WALIKOTA = RecipientEntry(recipient_class="walikota", office="Walikota")
DISDIK = RecipientEntry(recipient_class="kepala-opd", office="Dinas Pendidikan", copy_kind="tembusan")
DINKES = RecipientEntry(recipient_class="kepala-opd", office="Dinas Kesehatan", copy_kind="tembusan")
SEKDA = RecipientEntry(recipient_class="sekda", office="Sekretariat Daerah")
FIELDS = LetterFields(
    sender="Kementerian Dalam Negeri",
    letter_number="005/123/SJ",
    letter_on="2026-03-10",
    subject="Undangan rapat koordinasi",
    urgency="segera",
    recipients=(WALIKOTA, DISDIK),
)

LETTERS = UUID("00000000-0000-5000-8000-000000000002")
THURSDAY_1400 = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)  # Thu 14.00 WIB

office = partial(Desk, "pekalongan")


def letter_id(number: int) -> UUID:
    return uuid5(LETTERS, str(number))


def blob(text: str, media_type: str = "application/pdf") -> BlobRef:
    return BlobRef(sha256=sha256(text.encode()).hexdigest(), size=len(text), media_type=media_type)


def message(number: int = 1, **changes: Any) -> CaptureMessage:
    """The ``number``-th message of the mailbox; each with a content and a Message-ID of its own unless told."""
    content = changes.pop("content", f"raw {number}")
    reading = Reading(
        message_id=changes.pop("message_id", f"<{number}@kemendagri.example>"),
        from_name="Tata Usaha",
        from_address=changes.pop("from_address", "tu@kemendagri.example"),
        subject="Undangan",
        text="Dengan hormat",
    )
    wish: dict[str, Any] = {
        "letter_id": letter_id(number),
        "source": MessageSource(channel="imap", mailbox="sanapati", uidvalidity=7, uid=str(number)),
        "received_at": THURSDAY_1400,
        "content_sha256": sha256(content.encode()).hexdigest(),
        "size": len(content),
        "blob": blob(content, "message/rfc822"),
        "reading": reading,
    }
    return CaptureMessage(**{**wish, **changes})


def counter() -> Desk:
    """An intake alone, with its standard and its book (last paper number 843)."""
    return office((INTAKE,)).when(ADOPT)


def registered(number: int = 1, desk: Desk | None = None, fields: LetterFields = FIELDS) -> Desk:
    desk = desk or counter()
    desk.when(message(number)).when(ExamineMessage(letter_id=letter_id(number), fields=fields), OPERATOR)
    return desk.when(RegisterLetter(letter_id=letter_id(number)), OPERATOR)


def forwarded(desk: Desk | None = None, number: int = 1, fields: LetterFields = FIELDS) -> Desk:
    desk = registered(number, desk, fields)
    pack = ProducePrintPack(letter_id=letter_id(number), blob=blob(f"pack {number}"), pages=4)
    return desk.when(pack, OPERATOR).when(ForwardLetter(letter_id=letter_id(number)), OPERATOR)


def whole_house() -> Desk:
    """All three services of the road, the standard adopted."""
    return office((INTAKE, APPROVAL, DISPATCH)).when(ADOPT).tell()
