"""Complaints, suggestions, appreciation as the views show them. A complaint's *stage*: filed, acknowledged, classified,
assigned, asked, proposed, answered, closed, referred, set-aside, withdrawn.

The views hold no word of the reporter and nothing of who he is: the gist that the office wrote, numbers, moments. What
was said is asked of the complaint service (`contracts.complaint.ComplaintSheet`). Of an anonymous reporter's case every
moment is the day alone, at its beginning.
"""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, ServiceName, Shape, Slug
from contracts.projections.cases import CaseList, CaseListAnswer, CaseRow
from contracts.words import CaseRef

COMPLAINT_STAGES = (
    "filed", "acknowledged", "classified", "assigned", "asked", "proposed", "answered", "closed", "referred",
    "set-aside", "withdrawn",
)  # fmt: skip


class ComplaintRow(CaseRow):
    """A complaint in a list. ``title`` and ``who`` are its gist and its class; empty before it is classified.

    ``handler``: the position that has it. ``class_title``: as the standard calls it. ``paper_number``: under which it
    stood in the paper book.
    """

    complaint_id: UUID
    complaint_kind: Slug
    channel: Slug
    stance: Slug
    complaint_class: Slug | None = None
    class_title: str = ""
    restricted: bool = False
    handler: Slug | None = None
    paper_number: str = ""
    overdue_at: AwareDatetime | None = None


class Complaint(Shape):
    """Everything that the views know of one complaint.

    ``desk``: the position that sorts it in place of its officer, who is complained about. ``entered``: an officer wrote
    it down. ``default``: the deadline of its class is the house's, not the standard's. ``rung``: the position that it
    was escalated to. ``until``: when silence closes it, or until when the reporter may object. ``attachments``: how
    many.
    """

    row: ComplaintRow
    standard: str = ""
    default: bool = False
    officer: Slug | None = None
    desk: Slug | None = None
    entered: bool = False
    approver: Slug | None = None
    examiner: Slug | None = None
    rung: Slug | None = None
    about: CaseRef | None = None
    attachments: int = 0
    acknowledge_by: AwareDatetime | None = None
    answered_at: AwareDatetime | None = None
    object_until: AwareDatetime | None = None
    close_at: AwareDatetime | None = None
    objections: int = 0
    outcome: Slug | None = None
    closed_at: AwareDatetime | None = None
    erased: bool = False


class ComplaintList(CaseList):
    """Complaints, newest change first (``order``: changed, due, received, oldest: by arrival)."""


class LeftMail(Shape):
    """A message of the complaints' mailbox that became nothing, and lies there still. ``why``: as
    `contracts.complaint.MessageLeft`.
    """

    received_at: AwareDatetime
    mailbox: str
    why: Slug


class ComplaintListAnswer(CaseListAnswer):
    """``left``: what came by mail lately and became nothing; for the complaint officer alone."""

    complaints: tuple[ComplaintRow, ...]
    left: tuple[LeftMail, ...] = ()


class ComplaintDetail(ReaderQuery):
    complaint_id: UUID


class ComplaintDetailAnswer(Shape):
    complaint: Complaint | None = None


class ComplaintsAbout(ReaderQuery):
    """Complaints about a case of another service, for that case's own page. Only of *named* reporters and none that is
    restricted: beside somebody's case a confidential complaint would tell who reported.
    """

    case_service: ServiceName
    case_id: UUID


class AboutRow(Shape):
    complaint_id: UUID
    number: str
    stage: Slug


class ComplaintsAboutAnswer(Shape):
    complaints: tuple[AboutRow, ...] = ()


class ComplaintClocks(ReaderQuery):
    """What runs in each class: for the board."""


class ClassClock(Shape):
    """A class with complaints that the office still has to answer. ``next_due_at``: of the first that is not late."""

    complaint_class: Slug | None = None
    title: str = ""
    running: int = 0
    overdue: int = 0
    next_due_at: AwareDatetime | None = None


class ComplaintClocksAnswer(Shape):
    classes: tuple[ClassClock, ...] = ()


class ComplaintBook(ReaderQuery):
    """The register from one civil day of the agency to another, both included, in the order of its numbers."""

    from_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    until_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    limit: int = Field(default=5_000, ge=1, le=20_000)


class BookLine(Shape):
    """A line of the register. ``excluded``: nothing but its number is told (restricted, or not for this reader).

    ``received_on``, ``answered_on``, ``closed_on``: civil days. ``on_time``: None while nobody can say. ``outcome``:
    accepted, silent, referred, set-aside, withdrawn; else the stage. ``aside``: why it was set aside, for what has no
    gist. ``paper_number``: of the paper book before it.
    """

    year: int
    number: int
    paper_number: str = ""
    excluded: bool = False
    received_on: str = ""
    complaint_kind: Slug = "pengaduan"
    channel: str = ""
    class_title: str = ""
    gist: str = ""
    outcome: str = ""
    aside: str = ""
    due_on: str = ""
    answered_on: str = ""
    closed_on: str = ""
    on_time: bool | None = None


class ComplaintBookAnswer(Shape):
    """``more``: there are lines beyond ``limit``."""

    lines: tuple[BookLine, ...] = ()
    more: bool = False


QUERIES: tuple[type[Query], ...] = (ComplaintList, ComplaintDetail, ComplaintsAbout, ComplaintClocks, ComplaintBook)
ANSWERS: dict[type[Query], type[Shape]] = {
    ComplaintList: ComplaintListAnswer,
    ComplaintDetail: ComplaintDetailAnswer,
    ComplaintsAbout: ComplaintsAboutAnswer,
    ComplaintClocks: ComplaintClocksAnswer,
    ComplaintBook: ComplaintBookAnswer,
}
