"""What the organisation answers, and the shapes that its facts are made of: people, positions, standards, calendars."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Actor, Agency, Line, Shape, Slug
from contracts.notices import NoticeRules
from contracts.words import BlobRef, ClosedDay, DeadlineAccount, Season, StandardRef

Capacity = Literal["holder", "plt", "plh"]


class Unit(Shape):
    """An office that letters go to; ``recipient_class`` says which delivery rule holds for it."""

    unit: Slug
    title: Line
    recipient_class: Slug = "kepala-opd"


class Aide(Shape):
    """Who receives for a high office (ajudan)."""

    recipient_class: Slug
    office: Line
    title: Line


class Decree(Shape):
    """Closed days of a year as the agency's files state them. ``check``: still to be confirmed by an officer."""

    year: int
    number: str
    check: bool = False
    closed: tuple[ClosedDay, ...]


class AgencyWords(Shape):
    """What holds for the whole agency. ``hours``: where a standard states none; ``closed``: its own closed days."""

    name: Line
    zone: Line
    letterhead: dict[str, Any] = Field(default_factory=dict)
    books: dict[str, Any] = Field(default_factory=dict)
    calendar: str = "kalender"
    hours: tuple[dict[str, Any], ...] = ()
    decrees: tuple[Decree, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    units: tuple[Unit, ...] = ()
    aides: tuple[Aide, ...] = ()
    notify: NoticeRules = Field(default_factory=NoticeRules)


class StandardDraft(Shape):
    """A version that is not published yet; ``rules`` are the standard's own, as in its file."""

    standard: Slug
    decree: str = ""
    name: str = ""
    valid_from: str = ""
    components: dict[str, Any] = Field(default_factory=dict)
    rules: dict[str, Any] = Field(default_factory=dict)


class AccessGrant(Shape):
    """What somebody is given by which more people would come to see letters.

    ``what``: role (of a person), seat (a position, in a capacity), position (its role), substitute (of a position),
    token (of a machine), renewal (of its secret), first-password (of a person).
    """

    what: Slug
    person_id: Slug | None = None
    role: Slug | None = None
    position: Slug | None = None
    title: str = ""
    unit: str = ""
    capacity: Capacity = "holder"
    from_on: str = ""
    until_on: str = ""
    substitute: Slug | None = None
    token_id: Slug | None = None
    label: str = ""


class AccessGrantRow(Shape):
    """``state``: waiting (until ``until_at``), confirmed (by ``decided_by``), released (its time to wait was over),
    console (given there), refused, lapsed. ``seen``: a leader has confirmed or refused it. ``ready``: a credential that
    may be handed over now, until ``until_at``.
    """

    grant_id: UUID
    grant: AccessGrant
    person_name: str = ""
    position_title: str = ""
    state: Slug
    seen: bool = False
    ready: bool = False
    asked_at: AwareDatetime
    asked_by: str = ""
    asked_by_name: str = ""
    until_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None
    decided_by: str = ""
    decided_by_name: str = ""
    reason: str = ""


class AccessGrantsAnswer(Shape):
    """``open``: how many no leader has seen yet."""

    grants: tuple[AccessGrantRow, ...]
    open: int = 0


class TokenGranted(Shape):
    """``token`` = ``crk_<agency>_<id>_<secret>``, shown once. Empty while a leader has to confirm: ``waits_until``."""

    token: str = ""
    refused: str = ""
    after: str = ""
    waits_until: AwareDatetime | None = None


class Principal(Shape):
    """Who a session or token stands for. ``machine``: a token."""

    agency: str
    actor: Actor
    machine: bool = False
    expires_at: AwareDatetime


class FirstPasswordGranted(Shape):
    """``password`` is shown once; it opens nothing but the choice of an own one, until ``ends_at``.

    Both are empty while a leader has to confirm: ``waits_until``.
    """

    login: str
    password: str = ""
    ends_at: AwareDatetime | None = None
    after: str = ""
    waits_until: AwareDatetime | None = None


class SessionOpened(Shape):
    """``secret`` goes into the cookie and nowhere else; ``refused`` is a stable code when the login failed.

    ``ticket``: the first password was right; with it the person chooses his own, within a quarter of an hour.
    ``seconds``: after how many there is a place for another attempt, where there were too many.
    """

    secret: str = ""
    principal: Principal | None = None
    refused: str = ""
    ticket: str = ""
    seconds: int = 0


class Identified(Shape):
    principal: Principal | None = None


class QualificationRow(Shape):
    """``valid``: today."""

    qualification: str
    from_on: str = ""
    until_on: str = ""
    certificate: str = ""
    valid: bool = True


class AbsenceRow(Shape):
    from_on: str
    until_on: str
    reason: str


class PersonRow(Shape):
    """``access``: none (no password), first (until ``first_ends_at``), expired, own; "" where nobody asked."""

    person_id: str
    name: str
    nip: str
    roles: tuple[str, ...]
    positions: tuple[str, ...]
    qualifications: tuple[QualificationRow, ...] = ()
    absences: tuple[AbsenceRow, ...] = ()
    access: str = ""
    first_ends_at: AwareDatetime | None = None


class PeopleAnswer(Shape):
    people: tuple[PersonRow, ...]


class StandardRow(Shape):
    standard: StandardRef
    name: str
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any] = Field(default_factory=dict)


class StandardsAnswer(Shape):
    standards: tuple[StandardRow, ...]


class StandardVersion(Shape):
    """``state``: past, in-force, coming. ``valid_until``: the day before the next version; "" for the last."""

    standard: StandardRef
    name: str
    valid_from: str
    valid_until: str
    state: str
    published_at: AwareDatetime
    by_name: str = ""
    by_title: str = ""
    by_capacity: str = ""
    components: dict[str, Any]
    rules: dict[str, Any]


class StandardVersionsAnswer(Shape):
    versions: tuple[StandardVersion, ...]


class StandardChange(Shape):
    """``place``: ``components.fee.text``, ``rules.tiers[1].position``. None: not there."""

    place: str
    old: Any = None
    new: Any = None


class StandardDifferenceAnswer(Shape):
    changes: tuple[StandardChange, ...]


class Mistake(Shape):
    """Where, and why (Indonesian)."""

    place: str
    reason: str


class WorkChange(Shape):
    """``what``: deadline, hours, tiers, routes, other; ``old`` and ``new`` in Indonesian words."""

    what: Slug
    old: str
    new: str


class DeadlineExample(Shape):
    received_at: AwareDatetime
    old_due_at: AwareDatetime | None
    new_due_at: AwareDatetime


class StandardPreviewAnswer(Shape):
    """``version``: the number that it would get."""

    version: int
    mistakes: tuple[Mistake, ...] = ()
    changes: tuple[StandardChange, ...] = ()
    work: tuple[WorkChange, ...] = ()
    examples: tuple[DeadlineExample, ...] = ()


class StandardDeadlineAnswer(Shape):
    deadline: DeadlineAccount | None = None


class StandardSheetAnswer(Shape):
    """The PDF; None: no such standard is in force."""

    blob: BlobRef | None = None


class CalendarYear(Shape):
    """``state``: draft, confirmed. ``days`` count where ``in_use``, confirmed or not; ``draft`` never does."""

    year: int
    state: str
    in_use: bool
    number: str = ""
    decreed_on: str = ""
    revision: int = 0
    confirmed_at: AwareDatetime | None = None
    by_name: str = ""
    days: tuple[ClosedDay, ...] = ()
    draft: tuple[ClosedDay, ...] = ()


class CalendarsAnswer(Shape):
    zone: str
    hours: tuple[dict[str, Any], ...]
    calendars: tuple[CalendarYear, ...]
    seasons: tuple[Season, ...] = ()


class Acting(Shape):
    """``title`` as printed (Plh. Kepala …); ``because``: "" or absent."""

    person_id: str
    name: str
    capacity: Capacity
    title: str
    because: str = ""


class Term(Shape):
    person_id: str
    name: str
    capacity: Capacity
    from_on: str
    until_on: str
    ended_on: str = ""
    reason: str = ""


class PositionRow(Shape):
    """``why_nobody``: vacant, absent; ``chain``: who would act, in order, if the acting one were away or barred."""

    position: str
    title: str
    role: str
    unit: str
    acting: Acting | None = None
    why_nobody: str = ""
    terms: tuple[Term, ...] = ()
    substitute: str | None = None
    chain: tuple[Acting, ...] = ()


class PositionsAnswer(Shape):
    on: str
    positions: tuple[PositionRow, ...]


class TokenRow(Shape):
    """``issued_by``: a person's id, or *console*; ``renewed_at``: when its secret was made anew the last time."""

    token_id: str
    role: str
    label: str
    revoked: bool = False
    reason: str = ""
    issued_at: AwareDatetime | None = None
    issued_by: str = ""
    issued_by_name: str = ""
    renewed_at: AwareDatetime | None = None
    renewed_by_name: str = ""


class TokensAnswer(Shape):
    tokens: tuple[TokenRow, ...]


class AgencyRow(Shape):
    """``name`` and ``office`` as on the letterhead, ``place`` as it dates its letters."""

    agency: Agency
    name: str
    office: str = ""
    place: str = ""


class AgenciesAnswer(Shape):
    """By name."""

    agencies: tuple[AgencyRow, ...]


class AgencyFactsAnswer(Shape):
    facts: AgencyWords | None = None
