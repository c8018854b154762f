"""A fact becomes notices: one for each recipient, and what was decided of every route."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, ServiceName, Sha256, Shape, Slug
from contracts.jobs import Outcome
from contracts.notices import FactName

Values = dict[str, str]


class PartKnown(Shape):
    """A part of a case that goes to somebody (a letter's copy)."""

    recipient_class: Slug
    office: str


class CaseKnown(Shape):
    """What later facts of a case do not say themselves. ``positions``, ``persons``, ``not_for``: by audience.

    ``by_contact``: audiences that are reached by the contact of the case (`ContactNoted`). ``named``: a reporter has
    told the office who he is; of any other (None: nothing was said of it) no person learns how he is reached.
    ``barred``: tokens of readers (`contracts.base.Reader.tokens`) who hear nothing of it any more.
    """

    values: Values = Field(default_factory=dict)
    positions: dict[str, Slug] = Field(default_factory=dict)
    persons: dict[str, Slug] = Field(default_factory=dict)
    parts: dict[str, PartKnown] = Field(default_factory=dict)
    not_for: dict[str, Slug] = Field(default_factory=dict)
    by_contact: tuple[Slug, ...] = ()
    named: bool | None = None
    barred: tuple[str, ...] = ()


class PlanNotices(Command):
    """Reaction to a fact of ``event_kind``. ``known``: what it says for later facts of its case in the same service.

    ``positions``, ``persons``: whom it names, by audience; ``parts``: the parts that it is about. ``own``: values for
    whom the contact of the case reaches, and nobody else. ``by_contact``: audiences of this fact alone whom another
    contact of the case reaches; which one, the audience says.
    """

    event_id: UUID
    event_kind: FactName
    happened_at: AwareDatetime
    case_service: ServiceName
    case_kind: Slug
    case_id: UUID
    values: Values = Field(default_factory=dict)
    positions: dict[str, Slug] = Field(default_factory=dict)
    persons: dict[str, Slug] = Field(default_factory=dict)
    parts: tuple[UUID, ...] = ()
    own: Values = Field(default_factory=dict)
    by_contact: tuple[Slug, ...] = ()
    known: CaseKnown | None = None


class CaseNoted(Event):
    case_service: ServiceName
    case_id: UUID
    known: CaseKnown


class RouteTold(Shape):
    """What came of one route: its notices, or ``why`` there are none.

    ``why``: off (no channel), nobody (the fact names nobody), no-seat (no position stands for these recipients),
    told-already (by another route of the same fact), value-empty (its words name a field that is empty),
    barred (whoever it would tell is shut out of the case), identity-hidden (every way would tell a person who it is),
    hook-suspended. A webhook that hears of this kind is a route of audience *hook*.
    """

    audience: Slug
    template: Slug
    notices: tuple[UUID, ...] = ()
    why: str = ""


class NoticesPlanned(Event):
    """Of one fact: every route in force for its kind; none: it only said what later ones do not, or nobody is told of
    it. Stream ``event:<event_id>``. ``values`` to ``by_contact``: as it was asked for; facts from before have none.
    """

    event_id: UUID
    event_kind: FactName
    happened_at: AwareDatetime
    case_kind: Slug
    case_id: UUID
    rules: int
    routes: tuple[RouteTold, ...]
    values: Values = Field(default_factory=dict)
    positions: dict[str, Slug] = Field(default_factory=dict)
    persons: dict[str, Slug] = Field(default_factory=dict)
    parts: tuple[UUID, ...] = ()
    by_contact: tuple[Slug, ...] = ()


class NoticePlanned(Event):
    """``not_before``: when it may leave the house. ``channels`` in their order; of ``position``, ``person_id`` and
    ``hook_id`` (a webhook) one is set. ``not_for``: who may not decide himself, so that whoever stands in for him at
    this position is told. ``values``: what its template may name. ``by_contact``: it is for whom the contact of the
    case reaches. ``onward_at``: when it goes on to the second way, if the first has not accepted it.
    ``gathered_in``: the bundle with which its e-mail leaves.
    """

    case: ClassVar[str] = "notice_id"
    notice_id: UUID
    event_id: UUID
    event_kind: FactName
    case_kind: Slug
    case_id: UUID
    audience: Slug
    position: Slug | None = None
    person_id: Slug | None = None
    hook_id: UUID | None = None
    not_for: Slug | None = None
    by_contact: bool = False
    channels: tuple[Slug, ...]
    template: Slug
    values: Values
    purpose: Slug
    urgent: bool
    planned_at: AwareDatetime
    not_before: AwareDatetime
    onward_at: AwareDatetime | None = None
    gathered_in: UUID | None = None


class NoticeGathered(Event):
    """It leaves with others to the same recipient. Stream ``gathering:<who>``; ``until``: when the bundle is closed."""

    bundle_id: UUID
    notice_id: UUID
    who: str
    until: AwareDatetime


class BundleSettled(Event):
    """Nothing is left to be sent of it; what came of each notice stands on its own stream."""

    bundle_id: UUID
    outcome: Outcome


class RecordGathered(Command):
    """What a worker said of a bundle's message. ``notices``: those that were in it; (): nobody remembers. The rest as
    in `RecordAttempt`.
    """

    who: str = Field(max_length=300)
    bundle_id: UUID
    notices: tuple[UUID, ...] = Field(default=(), max_length=1000)
    outcome: Outcome
    reason: Slug | None = None
    provider_id: str = Field(default="", max_length=200, pattern=r"^[\x20-\x7e]*$")
    sha256: Sha256 | None = None
    person_id: Slug | None = None


COMMANDS: tuple[type[Command], ...] = (PlanNotices, RecordGathered)
EVENTS: tuple[type[Event], ...] = (CaseNoted, NoticesPlanned, NoticePlanned, NoticeGathered, BundleSettled)
