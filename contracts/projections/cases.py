"""What the views show of any kind of case: rows, lists, board, tasks, what is at risk, history, changes.

A kind is named by its view (``letters``). Every question carries its reader; the answer holds and counts what he sees.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, Shape, Slug


class CaseRow(Shape):
    """A case in a list, on the board, among the tasks. Times are aware UTC.

    ``number``: as people know it, empty before it has one; ``title``: what it is about; ``who``: from whom.
    ``paused_at``: its clock stands still since then. ``progress``: how many of how many parts are done.
    ``versions``: stream versions by service, the ETag of each phase. ``dated``: its moments are days.
    ``step``: how far it is within its stage, in its kind's own slugs; empty: nothing is to be said.
    """

    kind: Slug
    case_id: UUID
    number: str = ""
    title: str = ""
    who: str = ""
    stage: Slug
    urgency: Slug = "biasa"
    received_at: AwareDatetime
    due_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    paused_at: AwareDatetime | None = None
    changed_at: AwareDatetime
    progress: tuple[int, int] | None = None
    versions: dict[str, int] = Field(default_factory=dict)
    dated: bool = False
    step: str = ""


class CaseList(ReaderQuery):
    """One page of a kind. ``order`` is one of the kind's; ``cursor`` comes from the page before."""

    stages: tuple[Slug, ...] = ()
    text: str = Field(default="", max_length=200)
    order: Slug = "changed"
    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=200)


class CaseListAnswer(Shape):
    """``counts``: by stage, of all that the reader may see."""

    cursor: str = ""
    counts: dict[str, int] = Field(default_factory=dict)


class HistoryEntry(Shape):
    """One event of a case. ``params`` feed the sentence in the reader's language; nothing sealed is in them unopened.

    Plain fields of the event go by their own names; ``who`` (a sender, a courier, a receiver) and ``what`` (what it is
    about) are opened sealed fields, or the marker of an erased one. ``by_capacity``: *machine* where a token did it.
    """

    event_id: UUID
    service: str
    position: int
    kind: str
    at: AwareDatetime
    by_name: str = ""
    by_title: str = ""
    by_capacity: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    raw: dict[str, Any] | None = None


class CaseHistory(ReaderQuery):
    """The events of one case, oldest first; none where the reader may not see it."""

    case_kind: Slug = "letters"
    case_id: UUID
    raw: bool = False


class CaseHistoryAnswer(Shape):
    entries: tuple[HistoryEntry, ...]


class Board(ReaderQuery):
    """The live board of a kind: at most ``limit`` cards per column, the most overdue first, with true counts.

    A column of what is over holds what changed within the last days, newest first.
    """

    case_kind: Slug = "letters"
    limit: int = Field(default=50, ge=1, le=1000)


class BoardColumn(Shape):
    stages: tuple[str, ...]
    key: str
    count: int
    cards: tuple[CaseRow, ...]


class BoardAnswer(Shape):
    columns: tuple[BoardColumn, ...]
    change: str = ""


class TaskList(ReaderQuery):
    """What waits for this reader's positions and roles now, of every kind of case, the most urgent first.

    ``action``: of this one alone (empty: of each the first page); ``page``: of it, from 1.
    """

    action: Slug | Literal[""] = ""
    page: int = Field(default=1, ge=1, le=1000)


class Task(Shape):
    """``action``: a kind's own word (for letters: examine, decide-twin, register, print, forward, revise, initial,
    assign, deliver, retry, transmit, archive; for requests: complete, decide, repair, tell, confirm; for
    complaints: acknowledge, classify, assign-complaint, answer, approve-answer).

    With ``part_id`` it is about one part of the case (a copy: deliver, retry, transmit).
    """

    action: Slug
    case: CaseRow
    part_id: UUID | None = None


class TaskListAnswer(Shape):
    """``counts``: how many wait, by action, on whatever page; ``more``: the actions of which there is a next page."""

    tasks: tuple[Task, ...]
    counts: dict[str, int] = Field(default_factory=dict)
    more: tuple[Slug, ...] = ()


class AtRisk(ReaderQuery):
    """What is at risk today: cases of which a limit falls today or is past, the least working time left first."""

    limit: int = Field(default=200, ge=1, le=500)


class RiskRow(Shape):
    """A case with its most urgent limit. ``limit_kind``: case (its own deadline) or a kind's word (tier, delivery).

    ``remaining_minutes``: working minutes left, below 0 when late; None where the calendar is not known. ``waits``: for
    which action (as in `Task`), of which position or person; ``positions``: all of whom each may do it, where there are
    several. ``reminded_at``, ``overdue_at``: when it was said.
    """

    case: CaseRow
    limit_kind: Slug
    limit_at: AwareDatetime
    remaining_minutes: int | None = None
    overdue: bool = False
    waits: str = ""
    position: str | None = None
    positions: tuple[Slug, ...] = ()
    title: str = ""
    person_id: str | None = None
    person_name: str = ""
    part_id: UUID | None = None
    reminded_at: AwareDatetime | None = None
    overdue_at: AwareDatetime | None = None
    escalated_to: str | None = None


class AtRiskAnswer(Shape):
    """``overdue`` and ``today`` count all, also those beyond ``limit``. ``today_on``: the agency's civil date."""

    rows: tuple[RiskRow, ...]
    asof_at: AwareDatetime
    today_on: str
    overdue: int = 0
    today: int = 0


class ChangesSince(ReaderQuery):
    """Changes of a kind after ``change`` = ``<generation>.<number>``; ``reset`` when it is unknown or too old."""

    case_kind: Slug = "letters"
    change: str = ""
    limit: int = Field(default=500, ge=1, le=1000)


class Change(Shape):
    """Something about a case has changed; carries no content. ``stage`` empty: it is not shown any more."""

    id: str
    kind: Slug = "letters"
    case_id: UUID
    stage: str
    event: str
    at: AwareDatetime


class CaseAccess(Shape):
    """Who sees a case: ``visibility`` (None: ordinary), and the tokens of those whom it lets in or bars."""

    visibility: str | None = None
    readers: str | None = None
    barred: str | None = None


class LiveChange(Change):
    """A change on its way to the gateways: who saw the case before and who does now. It goes no further than there.

    ``about``: who sees the case that it is about; whom that one is shut to hears nothing.
    """

    was: CaseAccess = CaseAccess()
    access: CaseAccess = CaseAccess()
    about: CaseAccess | None = None


class ChangesSinceAnswer(Shape):
    changes: tuple[Change, ...]
    last: str
    reset: bool = False


class Operations(Query):
    """How far each projection is: applied position against the head of the stream, and when it last moved."""


class ProjectionState(Shape):
    """``state``: following, waiting, stopped (with ``reason``). ``poison``: events that were skipped as unreadable."""

    view: str
    source: str
    position: int
    head: int
    behind: int
    state: str
    reason: str = ""
    moved_at: AwareDatetime | None = None
    poison: int = 0


class OperationsAnswer(Shape):
    projections: tuple[ProjectionState, ...]
    generation: int


class ViewsCover(Query):
    """Whether the views have what ``after`` names; asked with a little patience of the views' own."""


class ViewsCoverAnswer(Shape):
    covered: bool


QUERIES: tuple[type[Query], ...] = (CaseHistory, Board, TaskList, AtRisk, ChangesSince, Operations, ViewsCover)
ANSWERS: dict[type[Query], type[Shape]] = {
    CaseHistory: CaseHistoryAnswer,
    Board: BoardAnswer,
    TaskList: TaskListAnswer,
    AtRisk: AtRiskAnswer,
    ChangesSince: ChangesSinceAnswer,
    Operations: OperationsAnswer,
    ViewsCover: ViewsCoverAnswer,
}
