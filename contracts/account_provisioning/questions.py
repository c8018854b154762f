"""What account provisioning tells of a request to who handles it; kept nowhere else."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, Shape, Slug
from contracts.clocks import DeadlineAnswer, PauseReason
from contracts.tracking import FilesOf, FilesOfAnswer, TrackCase, TrackedAnswer
from contracts.words import PersonBlob


class RequestSheet(ReaderQuery):
    """What the counter and the reviewer need of a request besides what the views have (decision 0076)."""

    request_id: UUID


class AddressProposal(Shape):
    """An address that the standard's patterns give, or an additional one that was asked for. *alike*: a reader takes
    another for it, *unusual*: it was asked for and the patterns do not give it; both need a reason.
    """

    address: str
    state: Literal["free", "taken", "alike", "unusual"]


class RequestSheetAnswer(Shape):
    """``words``: event id → what was written to the applicant or by him. ``eyes``: how many have to agree.

    ``proposals``: the nicest first, down to some that are free; none when it is no question any more. ``alias``: the
    additional address that was asked for; it is the first of the proposals then. ``reject``, ``pauses``: the standard's
    reasons. What was erased reads as erased. ``leads``: of an account that is to be
    suspended or closed, what leads to it or away from it now; None: it is no question, or the directory did not say.
    ``files``: event id → scans of the letter. ``scan_needed``: the standard says so. ``erased``: the applicant's words
    and files cannot be read any more. ``retain_until``: so long letter and NIP are kept; ``retained``: that is over,
    and they cannot be read any more, though the account stands.
    """

    nip: str = ""
    contact: str = ""
    wishes: tuple[str, ...] = ()
    letter_number: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    proposals: tuple[AddressProposal, ...] = ()
    alias: str = ""
    eyes: int = 1
    domain: str = ""
    reject: tuple[PauseReason, ...] = ()
    pauses: tuple[PauseReason, ...] = ()
    notices: tuple[Slug, ...] = ()
    leads: tuple[Slug, ...] | None = None
    files: dict[str, tuple[PersonBlob, ...]] = Field(default_factory=dict)
    scan_needed: bool = False
    erased: bool = False
    retain_until: AwareDatetime | None = None
    retained: bool = False


class TrackRequest(TrackCase):
    """How far a stranger's request is, by its number and code."""


class FilesOfRequest(FilesOf):
    """For the scan of its letter."""


class SubjectOf(Query):
    """Under which an officer himself applies, so that his own request is not his to decide. ``nip``: his own."""

    nip: str = Field(max_length=40, repr=False)


class SubjectOfAnswer(Shape):
    """``subject_id`` empty: he has no NIP."""

    subject_id: str = ""


class RequestDeadline(Query):
    """Why this request is due when it is due, and what has moved it."""

    request_id: UUID


class RequestDeadlineAnswer(DeadlineAnswer):
    """``deadline`` is None before the request is complete."""


QUERIES: tuple[type[Query], ...] = (RequestSheet, RequestDeadline, TrackRequest, FilesOfRequest, SubjectOf)
ANSWERS: dict[type[Query], type[Shape]] = {
    RequestSheet: RequestSheetAnswer, RequestDeadline: RequestDeadlineAnswer, TrackRequest: TrackedAnswer,
    FilesOfRequest: FilesOfAnswer, SubjectOf: SubjectOfAnswer,
}  # fmt: skip
