"""Projections: the questions that the screens and the API ask, and the shapes of the answers. Decides nothing.

The whole state of a case is a projection. A letter's *stage*: captured, twin, quarantined, examined, registered,
printed, forwarded, returned, released, assigned, delivering, proven, archived, cancelled.
"""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Message, Query, Shape, Slug
from contracts.words import AttachmentRef, BlobRef, Copy

STAGES = (
    "captured", "twin", "quarantined", "examined", "registered", "printed", "forwarded", "returned", "released",
    "assigned", "delivering", "proven", "archived", "cancelled",
)  # fmt: skip


class LetterRow(Shape):
    """A letter in a list or on the board. Times are aware UTC; ``due_at`` is None before registration.

    ``paused_at``: its clock stands still since then.

    ``versions`` are the stream versions by service (intake, approval, dispatch), the ETag of each phase.
    """

    letter_id: UUID
    stage: Slug
    agenda: str | None = None
    sender: str = ""
    subject: str = ""
    letter_number: str = ""
    letter_on: str = ""
    urgency: Slug = "biasa"
    channel: Slug = ""
    received_at: AwareDatetime
    due_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    paused_at: AwareDatetime | None = None
    warnings: tuple[str, ...] = ()
    attachments: int = 0
    copies: int = 0
    copies_proven: int = 0
    waiting_position: str | None = None
    twin_of: UUID | None = None
    quarantine: str | None = None
    changed_at: AwareDatetime
    versions: dict[str, int] = Field(default_factory=dict)


class InitialRow(Shape):
    """One tier of the current round: ``state`` is waiting, next, initialled, returned.

    ``by_title``: of the position by which he acted; ``passed``: why it was not the tier's own officer.
    """

    tier: int
    position: str
    title: str
    state: str
    note: str = ""
    by_name: str = ""
    by_nip: str = ""
    by_title: str = ""
    capacity: str = ""
    passed: str | None = None
    at: AwareDatetime | None = None


class CopyRow(Shape):
    """One copy: ``state`` is planned, assigned, delivered, failed, transmitted, waived, closed."""

    copy_id: UUID
    letter_id: UUID
    agenda: str = ""
    subject: str = ""
    office: str
    recipient_class: str
    copy_kind: str
    route: str
    routes: tuple[str, ...] = ()
    proof: str
    state: str
    urgency: str = "biasa"
    due_at: AwareDatetime | None = None
    courier_id: str | None = None
    courier_name: str = ""
    receiver_name: str = ""
    receiver_position: str = ""
    reference: str = ""
    reason: str = ""
    happened_at: AwareDatetime | None = None


class Letter(Shape):
    """Everything that the reader may see of one letter. ``round``: the revision that ``initials`` belong to."""

    row: LetterRow
    summary: str = ""
    classification: str = ""
    from_name: str = ""
    from_address: str = ""
    message_subject: str = ""
    text: str = ""
    sent_at: AwareDatetime | None = None
    automatic: bool = False
    attachments: tuple[AttachmentRef, ...] = ()
    blob: BlobRef | None = None
    print_pack: BlobRef | None = None
    print_number: int = 0
    standard: str = ""
    revision: int = 0
    registrar_id: str | None = None
    returned_note: str = ""
    cancel_reason: str = ""
    recipients: tuple[dict[str, Any], ...] = ()
    round: int = 0
    initials: tuple[InitialRow, ...] = ()
    copies: tuple[CopyRow, ...] = ()
    archive_place: str = ""


class HistoryEntry(Shape):
    """One event of a case. ``params`` feed the sentence in the reader's language; nothing sealed is in them unopened.

    Plain fields of the event go by their own names; ``who`` (sender, courier, receiver) and ``what`` (the letter's
    subject) are opened sealed fields, or the marker of an erased one.
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


class LetterList(Query):
    """Letters, newest change first (``order``: changed, due, received). ``cursor`` comes from the page before."""

    stages: tuple[Slug, ...] = ()
    text: str = Field(default="", max_length=200)
    order: Slug = "changed"
    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=200)


class LetterListAnswer(Shape):
    letters: tuple[LetterRow, ...]
    cursor: str = ""
    counts: dict[str, int] = Field(default_factory=dict)
    asof: str = ""


class LetterDetail(Query):
    letter_id: UUID


class LetterDetailAnswer(Shape):
    letter: Letter | None = None


class LetterHistory(Query):
    letter_id: UUID
    raw: bool = False


class LetterHistoryAnswer(Shape):
    entries: tuple[HistoryEntry, ...]


class Board(Query):
    """The live board: at most ``limit`` cards per column, the most overdue first, with true counts.

    The column *arsip* holds what changed within the last 7 days, newest first.
    """

    limit: int = Field(default=50, ge=1, le=1000)


class BoardColumn(Shape):
    stages: tuple[str, ...]
    key: str
    count: int
    cards: tuple[LetterRow, ...]


class BoardAnswer(Shape):
    columns: tuple[BoardColumn, ...]
    change: str = ""


class TaskList(Query):
    """What waits for this person's positions and roles now, the most overdue first.

    ``stand_ins``: (position, person): he initials there what that person registered himself.
    """

    person_id: Slug
    positions: tuple[Slug, ...] = ()
    roles: tuple[Slug, ...] = ()
    stand_ins: tuple[tuple[Slug, Slug], ...] = ()


class Task(Shape):
    """``action``: examine, decide-twin, register, print, forward, revise, initial, assign, deliver, retry, transmit,
    archive.

    With ``copy_id``: deliver (courier), retry (assigner: a delivery failed), transmit (operator: fax or online letter).
    """

    action: Slug
    letter: LetterRow
    copy_id: UUID | None = None


class TaskListAnswer(Shape):
    tasks: tuple[Task, ...]
    counts: dict[str, int] = Field(default_factory=dict)


class CourierStops(Query):
    """The copies that a courier has to deliver (and what he delivered today)."""

    courier_id: Slug


class CourierStopsAnswer(Shape):
    stops: tuple[CopyRow, ...]


class CopyDetail(Query):
    """One copy by its id, for the QR on paper."""

    copy_id: UUID


class CopyDetailAnswer(Shape):
    copy_row: CopyRow | None = None


class AtRisk(Query):
    """What is at risk today: letters of which a limit falls today or is past, the least working time left first."""

    limit: int = Field(default=200, ge=1, le=500)


class RiskRow(Shape):
    """A letter with its most urgent limit. ``kind``: letter (its own deadline), tier (an initial), delivery (a copy).

    ``remaining_minutes``: working minutes left, below 0 when late; None where the calendar is not known. ``waits``: for
    which action (as in `Task`), of which position or person. ``reminded_at``, ``overdue_at``: when it was said.
    """

    letter: LetterRow
    kind: Slug
    limit_at: AwareDatetime
    remaining_minutes: int | None = None
    overdue: bool = False
    waits: str = ""
    position: str | None = None
    title: str = ""
    person_id: str | None = None
    person_name: str = ""
    copy_id: UUID | None = None
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


class ChangesSince(Query):
    """Changes after ``change`` = ``<generation>.<number>``; ``reset`` when it is unknown or too old."""

    change: str = ""
    limit: int = Field(default=500, ge=1, le=1000)


class Change(Shape):
    """Something about a letter has changed; carries no content."""

    id: str
    letter_id: UUID
    stage: str
    kind: str
    at: AwareDatetime


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


QUERIES: tuple[type[Query], ...] = (
    LetterList, LetterDetail, LetterHistory, Board, TaskList, AtRisk, CourierStops, CopyDetail, ChangesSince,
    Operations,
)  # fmt: skip
KINDS: tuple[type[Message], ...] = QUERIES

ANSWERS: dict[type[Query], type[Shape]] = {
    LetterList: LetterListAnswer,
    LetterDetail: LetterDetailAnswer,
    LetterHistory: LetterHistoryAnswer,
    Board: BoardAnswer,
    TaskList: TaskListAnswer,
    AtRisk: AtRiskAnswer,
    CourierStops: CourierStopsAnswer,
    CopyDetail: CopyDetailAnswer,
    ChangesSince: ChangesSinceAnswer,
    Operations: OperationsAnswer,
}

__all__ = ["ANSWERS", "KINDS", "QUERIES", "STAGES", "Copy"]
