"""What an applicant says, or an officer for him: the application, what was missing, that it is withdrawn."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Command, Line, Moment, Sha256, Shape, Slug
from contracts.words import BlobRef, BlobUpload

CodeMac = Sha256 | None
"""Of a stranger's code (`contracts.tracking`): who has no account shows by it that the request is his."""
MOST_SCANS = 5
Words = Field(default="", max_length=2000, pattern=r"^[^\x00]*$")


class Applicant(Shape):
    """Who asks for it, as the form has it; sealed in the event. ``nip``: 18 digits, spaces allowed; units have none.

    ``contact``: a telephone number or an address by which he hears of it.
    """

    name: Line
    nip: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    unit: Line
    contact: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class ApplicationLetter(Shape):
    """The letter that the standard demands: its own number and date (``YYYY-MM-DD``), and its scan if there is one.

    ``scans``: photos of its pages, or a PDF, under the applicant's key. ``blob``: what lies under the agency's.
    """

    number: str = Field(default="", max_length=100, pattern=r"^[^\x00]*$")
    on: str = ""
    blob: BlobRef | None = None
    scans: tuple[BlobUpload, ...] = Field(default=(), max_length=MOST_SCANS)


class FileRequest(Command):
    """``request_kind``: create, reset, change, suspend, resume, close. ``cause`` of a reset: forgotten, compromised.

    ``address``: the account that it is about; none for a new one. ``wishes``: addresses that he would like.
    ``holder``: pns, pppk, unit. ``subject_id`` names the person by a keyed hash of his NIP; ``code_mac`` is of the code
    that follows from this command's id, as the edge shows it. The service fills in both. ``quota``: megabytes, one of
    those of the standard, with a change; None: as it is. ``alias``: an additional address under which the same mailbox
    shall receive; ``alias_ends``: one of the account's additional addresses that shall end; both with a change.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"subject_id", "code_mac"})

    request_kind: Slug
    cause: Literal["", "forgotten", "compromised"] = ""
    holder: Slug = "pns"
    applicant: Applicant
    address: str = Field(default="", max_length=254)
    letter: ApplicationLetter | None = None
    wishes: tuple[Line, ...] = Field(default=(), max_length=3)
    channel: Slug = "counter"
    received_at: Moment | None = None
    quota: int | None = Field(default=None, ge=1)
    alias: str = Field(default="", max_length=254)
    alias_ends: str = Field(default="", max_length=254)
    subject_id: str = Field(default="", max_length=64)
    code_mac: CodeMac = None


class SupplementRequest(Command):
    """What was missing, or what the reviewer asked for. Only what is said changes.

    ``nip``: of who has given none yet; ``subject_id`` names him by it, and the service fills it in.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"subject_id"})

    request_id: UUID
    letter: ApplicationLetter | None = None
    contact: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    note: str = Words
    nip: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    subject_id: str = Field(default="", max_length=64)
    code_mac: CodeMac = None


class WithdrawRequest(Command):
    request_id: UUID
    reason: Line
    code_mac: CodeMac = None
