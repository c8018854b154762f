"""What happens to a request: it comes in, is completed, decided, and told of."""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.account_provisioning.provisioning import RequestEvent
from contracts.base import EMPTY, Command, Moment, Officer, Sealed, Slug
from contracts.words import BlobRef, PersonBlob, StandardRef


class RequestFiled(RequestEvent):
    """``missing``: letter, scan, nip, contact; what is missing keeps the clock from starting.

    ``scans``: of the letter. ``papers_id``: under whose key they lie, the NIP, the wishes and what he adds in words;
    destroyed at the end of the standard's period. Empty in older facts: they lie under ``subject_id``, as the name.

    ``unit_admin``: the position that the standard names for the unit of the account, or of the applicant of a new one.
    ``quota``: megabytes that are asked for; None: it stays as it is. ``alias``: the additional address that is asked
    for, a wish until somebody has agreed to it; ``alias_ends``: the one that shall end.
    """

    number: str
    request_kind: Slug
    cause: str = ""
    holder: Slug
    channel: Slug
    received_at: AwareDatetime
    standard: StandardRef
    subject_id: str
    name: Sealed
    nip: Sealed
    contact: Sealed
    unit: str
    account_id: UUID
    address: str = ""
    wishes: Sealed
    letter_number: Sealed
    letter_on: str = ""
    letter: BlobRef | None = None
    scans: tuple[PersonBlob, ...] = ()
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None
    code_mac: str = ""
    papers_id: str = ""
    unit_admin: Slug | None = None
    quota: int | None = None
    alias: Sealed = EMPTY
    alias_ends: str = ""


class RequestNumbered(RequestEvent):
    """Stream ``number:<number>``: by it a request is found whose number somebody brings."""

    number: str


class RequestCompleted(RequestEvent):
    """Here the clock starts."""

    standard: StandardRef
    completed_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    told: Slug | None = None


class RequestSupplemented(RequestEvent):
    letter_number: Sealed
    letter_on: str = ""
    letter: BlobRef | None = None
    scans: tuple[PersonBlob, ...] = ()
    contact: Sealed
    note: Sealed
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None
    nip: Sealed = EMPTY  # of an applicant who had given none
    subject_id: str = ""  # names him by it from now on, and seals nothing here


class CompletionAsked(RequestEvent):
    """``title``: how the standard calls the reason."""

    reason: Slug
    title: str
    words: Sealed
    by: Officer


class RequestWithdrawn(RequestEvent):
    """``retain_until``: so long its papers are kept."""

    reason: Sealed
    by: Officer | None = None
    retain_until: AwareDatetime | None = None


class RequestSeconded(RequestEvent):
    """The first of two who have to agree. Another person's approval takes effect."""

    by: Officer


class RequestApproved(RequestEvent):
    """``connector``: the directory that is to have it. ``unusual``: why the address is not one of the patterns.

    ``alias``: the additional address that a change gives; ``alias_ends``: the one that it takes away.
    """

    account_id: UUID
    address: str
    connector: Slug
    approved_at: AwareDatetime
    unusual: Sealed
    by: Officer
    alias: str = ""
    alias_ends: str = ""


class RequestRejected(RequestEvent):
    rejected_at: AwareDatetime
    reason: Slug
    title: str
    words: Sealed
    by: Officer


class RequestNotified(RequestEvent):
    """``told_at``: when the applicant heard of it. ``hand_over_ends``: of the way in that he was told of.

    ``retain_until``: so long its papers are kept.
    """

    told_at: AwareDatetime
    how: Slug
    by: Officer | None = None
    hand_over_ends: AwareDatetime | None = None
    retain_until: AwareDatetime | None = None


class RequestReceived(RequestEvent):
    by: Officer | None = None


class EndRetention(Command):
    """Timer: the papers of a request have been kept as long as its standard says."""

    request_id: UUID
    due_at: Moment


class ApplicantRetentionEnded(RequestEvent):
    """The key of its papers is to be destroyed: letter, NIP and what he wrote. ``subject_id``: as `papers_id` was."""

    subject_id: str
