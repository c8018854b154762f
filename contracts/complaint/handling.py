"""What the office does with a complaint, from its acknowledgement to its closing."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Officer, Sealed, Slug
from contracts.complaint.filing import ComplaintCommand, ComplaintEvent, Rung, Short, Words
from contracts.words import BlobRef, StandardRef

Aside = Literal["spam", "unclear", "not-a-complaint"]
Outcome = Literal["accepted", "silent", "referred", "set-aside", "withdrawn"]


class Acknowledge(ComplaintCommand):
    """The office has it."""


class ClassifyComplaint(ComplaintCommand):
    """First or again. ``complaint_class``: a row of the standard's ``complaints``. ``gist``: neutral, without identity.

    ``standard``: empty: as it is. ``examiner``: a position, needed where the class is restricted. ``reason``: why the
    gist names the reporter all the same, or why the class changes. ``names_reporter``: the service looks by itself.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"names_reporter"})

    complaint_class: Slug
    gist: str = Short
    standard: str = Field(default="", max_length=64)
    examiner: Slug | None = None
    reason: str = Short
    names_reporter: bool = False


class NameComplainedAbout(ComplaintCommand):
    """``person_id``: of the office; he and whoever stands in for him are barred. ``positions``: that he holds.

    ``superior``: who has it then, if it was his; else whom the standard names above him. ``unit``: in words.
    """

    person_id: Slug
    positions: tuple[Slug, ...] = Field(default=(), max_length=20)
    superior: Slug | None = None
    unit: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class AssignComplaint(ComplaintCommand):
    position: Slug


class AddNote(ComplaintCommand):
    """For the office alone; it has no recipient."""

    words: str = Words


class AskReporter(ComplaintCommand):
    """The clock stands still until he has replied. ``reason``: a row of the standard's ``pauses``."""

    reason: Slug
    words: str = Words


class LetteredCommand(ComplaintCommand):
    """``letter``: the answer as it was set, with ``letter_number`` upon it, where the standard wants one; the service
    fills both in. Where another letter has taken that number meanwhile, it is refused and asked again.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"letter", "letter_number"})

    letter: BlobRef | None = None
    letter_number: int = Field(default=0, ge=0)


class AnswerComplaint(LetteredCommand):
    """``template``: the text module that it was made from."""

    words: str = Words
    template: Slug | None = None


class ProposeAnswer(ComplaintCommand):
    words: str = Words
    template: Slug | None = None


class ApproveAnswer(LetteredCommand):
    pass


class ReturnAnswer(ComplaintCommand):
    note: str = Short


class ReferComplaint(ComplaintCommand):
    """``office``: who is responsible; ``how``: how he is reached. The reporter is told both."""

    office: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    how: str = Short
    words: str = Short


class SetAside(ComplaintCommand):
    """``gist``: neutral, without identity; needed where nobody has classified it, but of spam: there the row says it.
    ``names_reporter``: the service looks by itself.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"names_reporter"})

    why: Aside
    words: str = Short
    gist: str = Short
    names_reporter: bool = False


class EscalateComplaint(ComplaintCommand):
    """To the next rung of the ladder."""

    reason: Line


class TimedCommand(ComplaintCommand):
    """A timer: about the moment as it stood when it was set."""

    due_at: AwareDatetime


class FlagUnacknowledged(TimedCommand):
    pass


class EscalateByTime(TimedCommand):
    """``rung``: counted from 1."""

    rung: int = Field(ge=1, le=50)


class FlagSilence(TimedCommand):
    """The reporter was asked and has not replied."""


class CloseSilent(TimedCommand):
    """The reporter has an answer and says nothing."""


class EndRetention(TimedCommand):
    pass


class ComplaintAcknowledged(ComplaintEvent):
    by: Officer


class AcknowledgementOverdue(ComplaintEvent):
    due_at: AwareDatetime
    told: Slug


class ComplaintClassified(ComplaintEvent):
    """``title``: how the standard calls the class. ``default``: the deadline is the house's, not the standard's.

    ``restricted``: from here on it is seen by the complaint officer and the examiner's position alone.
    ``told``: who hears of the deadline. ``desk``: the position that sorts it, where ``officer`` is complained about.
    """

    complaint_class: Slug
    title: str
    default: bool = False
    restricted: bool = False
    examiner: Slug | None = None
    gist: Sealed
    standard: StandardRef
    received_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    told: Slug
    officer: Slug
    desk: Slug | None = None
    rungs: tuple[Rung, ...] = ()
    reason: Sealed
    by: Officer


class ComplaintReclassified(ComplaintClassified):
    """``before``: the class that it had."""

    before: Slug


class ComplainedAboutNamed(ComplaintEvent):
    """``barred``: tokens of readers (`contracts.base.Reader.tokens`) who do not see it from here on.

    What was his goes up in the same fact: ``desk`` is the position that sorts it in place of the complaint officer,
    ``examiner`` and ``approver`` have these parts now; None: that part was not his.
    """

    person_id: Slug
    positions: tuple[Slug, ...] = ()
    unit: Sealed
    barred: tuple[str, ...]
    desk: Slug | None = None
    examiner: Slug | None = None
    approver: Slug | None = None
    by: Officer


class ComplaintAssigned(ComplaintEvent):
    """``position`` handles it now. ``why``: assigned, examiner, objection, complained-about."""

    position: Slug
    why: Slug = "assigned"
    by: Officer | None = None


class NoteAdded(ComplaintEvent):
    words: Sealed
    by: Officer


class ReporterAsked(ComplaintEvent):
    """``silent_at``: when the handler is told that no reply has come."""

    reason: Slug
    title: str
    words: Sealed
    silent_at: AwareDatetime | None = None
    by: Officer


class ReporterSilent(ComplaintEvent):
    told: Slug


class AnswerProposed(ComplaintEvent):
    """``approver``: the position that has to approve."""

    words: Sealed
    template: Slug | None = None
    approver: Slug
    by: Officer


class AnswerReturned(ComplaintEvent):
    note: Sealed
    by: Officer


class ComplaintAnswered(ComplaintEvent):
    """``words``: empty where it was proposed first: then they are those of the last `AnswerProposed`.

    ``object_until``: None: no objection is left. ``close_at``: when silence closes it. ``late``: after its deadline.
    ``letter``: the official letter that it went out as, where the standard wants one; ``letter_number``: as people
    write it. It names nobody who reported.
    """

    words: Sealed
    template: Slug | None = None
    answered_at: AwareDatetime
    object_until: AwareDatetime | None = None
    close_at: AwareDatetime
    late: bool = False
    approved_by: Officer | None = None
    letter: BlobRef | None = None
    letter_number: str = ""
    by: Officer | None = None


class AnswerNumberTaken(Event):
    """Gapless per civil year, in the book of answers. Stream ``letterbook:answers:<year>``."""

    case: ClassVar[str] = "complaint_id"
    year: int
    number: int
    complaint_id: UUID


class ComplaintReferred(ComplaintEvent):
    """``office``, ``how``: said to the reporter."""

    office: Sealed
    how: Sealed
    words: Sealed
    by: Officer


class ComplaintSetAside(ComplaintEvent):
    """``gist``: where it has none of a classification."""

    why: Slug
    words: Sealed
    gist: Sealed | None = None
    by: Officer


class ComplaintEscalated(ComplaintEvent):
    """``why``: hand, time. ``from_position``: who had it; None: nobody yet. ``handler``: who handles it now."""

    rung: int
    from_position: Slug | None = None
    to_position: Slug
    why: Slug
    reason: Sealed
    handler: Slug | None = None
    by: Officer | None = None


class LimitsMoved(ComplaintEvent):
    """Limits beside the deadline, as they are now. ``silent_at``: of the silence after a question or an answer."""

    acknowledge_by: AwareDatetime | None = None
    rungs: tuple[Rung, ...] = ()
    silent_at: AwareDatetime | None = None
    object_until: AwareDatetime | None = None


class ComplaintClosed(ComplaintEvent):
    """``retain_until``: when the reporter's keys end."""

    outcome: Outcome
    closed_at: AwareDatetime
    late: bool = False
    retain_until: AwareDatetime
    by: Officer | None = None


COMMANDS: tuple[type[Command], ...] = (
    Acknowledge, ClassifyComplaint, NameComplainedAbout, AssignComplaint, AddNote, AskReporter, AnswerComplaint,
    ProposeAnswer, ApproveAnswer, ReturnAnswer, ReferComplaint, SetAside, EscalateComplaint, FlagUnacknowledged,
    EscalateByTime, FlagSilence, CloseSilent, EndRetention,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    ComplaintAcknowledged, AcknowledgementOverdue, ComplaintClassified, ComplaintReclassified, ComplainedAboutNamed,
    ComplaintAssigned, NoteAdded, ReporterAsked, ReporterSilent, AnswerProposed, AnswerReturned,
    AnswerNumberTaken, ComplaintAnswered, ComplaintReferred, ComplaintSetAside, ComplaintEscalated, LimitsMoved,
    ComplaintClosed,
)  # fmt: skip
