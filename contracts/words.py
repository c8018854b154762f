"""Value words that several services share: the office's vocabulary, as slugs (no closed enums on the wire)."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from contracts.base import Event, Line, Sealed, ServiceName, Sha256, Shape, Slug

# Roles that nobody is given: they follow from the positions that somebody acts for, or would act for, today.
EXAMINER = "examiner"  # acts for a position that is a tier of a standard
ASSIGNER = "assigner"  # acts for the position that assigns the couriers of a standard
STAND_IN = "stand-in"  # would act for a tier, were its officer barred from a letter (`Actor.stand_ins`)
BY_POSITION = frozenset({EXAMINER, ASSIGNER, STAND_IN})

LETTER_ROLES = frozenset({
    "operator", "kasi", "kabid", "kadis", "leader", "inspector", "complaint-officer", "complaint-handler", "personnel",
    "unit-admin",
})  # fmt: skip
"""Roles that read letters, or hear of what others brought; so do those that follow from a position that is a tier or
assigns couriers.
"""

LEADERS = frozenset({"kadis", "leader"})
"""Who confirms that more people come to see letters."""

DEPLOYMENT = "deployment"
"""The reserved agency of the whole installation: housekeeping over all agencies is its; it has no letters."""

PUBLIC = "public"
"""Whoever is nobody in particular: the id and the only role of all strangers together, never of a person or machine."""

ADDRESSES = frozenset({
    "akun", "api", "bahasa", "berisiko", "catat", "catatan-pemberitahuan", "healthz", "kanal", "kata-sandi", "keluar",
    "kontak-diblokir", "kotak-masuk", "kurir", "maklumat", "masuk", "metrics", "operasi", "papan", "paraf",
    "pemberitahuan", "pengaduan", "pengaturan", "readyz", "s", "standar", "static", "surat", "tugas", "unggah",
})  # fmt: skip
"""How the gateway's own addresses begin. No agency is named so: its pages stand at ``/<agency>/``."""

MACHINE = "machine-"
"""How a machine's name as an actor begins. No person's does, so that a token never acts as somebody."""


def _plain_name(value: str) -> str:
    if "/" in value or "\\" in value or value in {".", ".."}:
        raise ValueError("a file name has no path")
    return value


FileName = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain_name)]


class LetterEvent(Event):
    """A fact of one letter, whichever service states it."""

    case: ClassVar[str] = "letter_id"
    letter_id: UUID


class BlobRef(Shape):
    """Bytes outside the event: ``sha256`` of the plaintext names them within the agency; synced before the event."""

    sha256: Sha256
    size: int
    media_type: str
    key_id: str | None = None


class BlobUpload(Shape):
    """Bytes of a person that have been stored, as a command names them. ``name``: an HMAC under his key."""

    name: Sha256
    size: int
    media_type: str
    key_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: Sha256


class PersonBlob(Shape):
    """The same as an event keeps it: what would tell the content is sealed with the person's key, as the bytes are.

    ``file_name``: empty where it is not kept, because it might betray whose it is.
    """

    name: Sha256
    size: int
    media_type: str
    key_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: Sealed
    file_name: Sealed


class AttachmentRef(Shape):
    """What a message carries besides its text; the bytes stay inside the raw message.

    ``within``: the name of the attached letter that it lies in; empty for the message's own.
    """

    name: FileName
    media_type: str
    size: int
    sha256: Sha256
    within: str = Field(default="", max_length=200)


class RecipientEntry(Shape):
    """A recipient as the operator enters it.

    ``recipient_class``: walikota, sekda, asisten, kepala-opd, lainnya. ``copy_kind``: asli, tembusan.
    """

    recipient_class: Slug
    office: Line
    copy_kind: Slug = "asli"


class TimeLimit(Shape):
    """How long something may take in working time: exactly one of the two, as a standard's row says it."""

    service_minutes: int | None = None
    working_days: int | None = None


class WorkingTime(Shape):
    """The working time that a case runs under, in the words of a standard's rules: whoever has it can recompute.

    ``closed``: the closed days from the year of its making on. ``calendar`` names the version it was taken from.
    ``seasons``: frames that were decreed later than the hours and go before them.
    """

    calendar: str
    zone: str
    hours: tuple[dict[str, object], ...]
    closed: tuple[str, ...] = ()
    seasons: tuple[dict[str, object], ...] = ()


class Copy(Shape):
    """One paper or electronic copy of a letter for one recipient, minted at registration so that reprints match.

    ``route``: aide, courier, fax, online. ``proof``: receipt (paraf tanda terima), transmission-report,
    reference-number. ``limit``: how long a courier may have it, where the standard says so.
    """

    copy_id: UUID
    recipient_class: Slug
    office: Line
    copy_kind: Slug
    route: Slug
    routes: tuple[Slug, ...]
    proof: Slug
    limit: TimeLimit | None = None


class Tier(Shape):
    """One step of the tiered initials (paraf berjenjang), bottom up.

    ``limit``: how long the letter may wait here; ``remind_before`` its end (service minutes) the holder is reminded;
    afterwards ``escalate_to`` is told (nothing said: the position of the next tier).
    """

    position: Slug
    title: Line
    limit: TimeLimit | None = None
    remind_before: int | None = None
    escalate_to: Slug | None = None


class StandardRef(Shape):
    """The service standard that a case runs under, for all its life."""

    standard: Slug
    version: int
    decree: str


class LetterFields(Shape):
    """What the operator confirms when he examines a message; plain in a command, sealed in an event."""

    sender: Line
    letter_number: str = ""
    letter_on: str = ""
    subject: Line
    summary: str = ""
    urgency: Slug = "biasa"
    classification: str = ""
    recipients: tuple[RecipientEntry, ...]


class SealedFields(Shape):
    """`LetterFields` as an event keeps them."""

    sender: Sealed
    letter_number: Sealed
    letter_on: str = ""
    subject: Sealed
    summary: Sealed
    urgency: Slug
    classification: str = ""
    recipients: tuple[RecipientEntry, ...]


class Instant(Shape):
    """A moment with its source, where the two may differ: ``device``, ``server``, ``stated``."""

    at: AwareDatetime
    source: Slug


class ClosedDay(Shape):
    """A day without service hours. ``kind``: national, joint-leave (cuti bersama), local."""

    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    kind: Literal["national", "joint-leave", "local"] = "national"
    reason: Line


class SeasonHours(Shape):
    """Opening hours of some weekdays (mon … sun) in a season, as ``HH:MM`` of the agency's clock."""

    days: tuple[str, ...]
    open: str
    close: str
    breaks: tuple[tuple[str, str], ...] = ()


class Season(Shape):
    """Other hours from one day to another, both included (Ramadan), by the decree that says so."""

    season: Slug
    name: Line
    from_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    until_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    hours: tuple[SeasonHours, ...] = Field(min_length=1)
    number: Line
    decreed_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


class ClockInterval(Shape):
    """A stretch of a clock. ``why``: window, break, outside-hours, weekday-without-hours, national, joint-leave, local,
    paused, day-of-receipt. ``day``: the number of the working day that it completes.
    """

    from_at: AwareDatetime
    until_at: AwareDatetime
    counted: bool
    why: Slug
    note: str = ""
    day: int = 0


class DeadlineAccount(Shape):
    """Why a deadline falls when it falls. ``kind``: working_days, service_minutes. ``sentence``: Indonesian.

    ``intervals`` follow each other without a gap from ``received_at`` to ``due_at``. ``undecreed``: years in
    between whose closed days nobody has decreed yet.
    """

    standard: StandardRef
    kind: str
    amount: int
    received_at: AwareDatetime
    starts_at: AwareDatetime
    due_at: AwareDatetime
    calendar: str
    zone: str
    intervals: tuple[ClockInterval, ...]
    undecreed: tuple[int, ...] = ()
    sentence: str = ""


Stance = Literal["named", "confidential", "anonymous"]
"""How much is known of who reports: to the handlers; sealed, and shown to nobody by himself; never stored."""


class CaseRef(Shape):
    """Another case that a case is about. ``number``: as people write it."""

    service: ServiceName
    case_id: UUID
    number: Line
