"""One notice: by which channel it goes, what came of each attempt, and when a person has to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.base import Actor, Event, Holding, Refusal
from contracts.notices import MANUAL
from contracts.notifications import (
    AttemptFailed,
    AttemptUnknown,
    ContactBlocked,
    GiveUp,
    MarkSeen,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    NoticePlanned,
    NoticeSeen,
    NoticeSentAgain,
    PassOn,
    RecordAttempt,
    SendAgain,
    TickSent,
)
from services.kit.deciding import Accept, Decision, Given, Job, Timer, accept
from services.notifications.domain import hooks as webhooks
from services.notifications.domain import ways
from services.notifications.domain.doers import doer
from services.notifications.domain.hiding import hidden
from services.notifications.policy import (
    BOUNCES,
    MOST_TRIES,
    NO_CHANNEL,
    TOO_LONG,
    by_machine,
    outward,
    queue_of,
    refuse,
)

NOT_SENT: dict[str, Any] = {"sent_by": None, "reached": None, "receipt": "", "unsure": False}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Notice:
    """``channel`` is the one that it is tried by now (None: there is none, or nothing is left to do).

    ``generation`` counts how often a person had it sent anew, from 1. ``tries``: failures of this channel. ``sent_by``:
    the channel that accepted this generation, or may have (``unsure``); ``reached``: whom; ``receipt``: the word on it
    that weighs most.
    """

    planned: NoticePlanned | None = None
    channel: str | None = None
    generation: int = 1
    tries: int = 0
    not_before: datetime = BEGINNING
    accepted: bool = False
    seen: bool = False
    sent_by: str | None = None
    reached: str | None = None
    receipt: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Unplanned(Notice):
    """Nobody has planned it."""


@dataclass(frozen=True, slots=True)
class Open(Notice):
    """A worker or a person is to send it."""


@dataclass(frozen=True, slots=True)
class Unknown(Notice):
    """Nobody can tell whether the last attempt arrived."""


@dataclass(frozen=True, slots=True)
class Settled(Notice):
    """Accepted, given up, or it never was more than a row in the inbox."""


def stream(notice_id: UUID) -> str:
    return f"notice:{notice_id}"


def unfit(notice: Notice) -> Refusal:
    """What its phase does not allow."""
    match notice:
        case Unplanned():
            return refuse("unknown")
        case Open():
            return refuse("still-open", channel=notice.channel)
    return refuse("not-open")


def record(command: RecordAttempt, notice: Notice, given: Given) -> Decision:
    if (command.channel, command.generation) != (notice.channel, notice.generation):
        return refuse("older-attempt", channel=command.channel)
    if notice.planned is not None and notice.planned.hook_id is not None:
        return _of_hook(command, notice, notice.planned.hook_id, given)
    return _of_person(command, notice, given)


def _of_person(command: RecordAttempt, notice: Notice, given: Given) -> Decision:
    place, told = stream(command.notice_id), {"channel": command.channel, "generation": command.generation}
    reason = command.reason or command.outcome
    if command.outcome == "accepted":
        fact = NoticeAccepted(
            notice_id=command.notice_id, accepted_at=given.now, provider_id=command.provider_id,
            sha256=command.sha256, person_id=command.person_id, **told, **about(notice),
        )  # fmt: skip
        return accept(place, fact)
    if command.outcome == "unknown":
        return accept(place, AttemptUnknown(notice_id=command.notice_id, reason=reason, **told))
    tries = notice.tries + 1
    if command.outcome == "temporary" and tries < MOST_TRIES:
        return accept(place, AttemptFailed(notice_id=command.notice_id, reason=reason, tries=tries, **told))
    bounced = _bounced(command, given)
    onward = after(notice, command.channel, given)
    failed = AttemptFailed(notice_id=command.notice_id, reason=reason, tries=tries, next_channel=onward, **told)
    facts: list[Event] = [failed]
    if onward is None:
        facts.append(NoticeGivenUp(notice_id=command.notice_id, reason=reason or NO_CHANNEL, **told))
    return Accept((*((place, each) for each in facts), *bounced))


def _bounced(command: RecordAttempt, given: Given) -> tuple[tuple[str, Event], ...]:
    """Nothing more goes to an address that its server does not know, until it is stated anew."""
    if command.person_id is None or command.outcome != "permanent" or command.reason not in BOUNCES:
        return ()
    place = ways.stream(command.person_id)
    if command.channel in given.load(place).blocked:
        return ()
    said = {"person_id": command.person_id, "channel": command.channel, "reason": command.reason}
    return ((place, ContactBlocked(**said, at=given.now)),)


def _of_hook(command: RecordAttempt, notice: Notice, hook_id: UUID, given: Given) -> Decision:
    """An endpoint knows a message by its id, so what may have arrived is sent again like what did not; until it has
    accepted, or its hook has ended.
    """
    place, told = stream(command.notice_id), {"channel": command.channel, "generation": command.generation}
    reason = command.reason or command.outcome
    about: list[Event]
    if command.outcome == "accepted":
        about = [NoticeAccepted(notice_id=command.notice_id, accepted_at=given.now, sha256=command.sha256, **told)]
    else:
        about = [AttemptFailed(notice_id=command.notice_id, reason=reason, tries=notice.tries + 1, **told)]
        if command.outcome == "permanent":
            about.append(NoticeGivenUp(notice_id=command.notice_id, reason=reason, **told))
    hook = given.load(webhooks.STREAM).standing.get(hook_id)
    of_hook = webhooks.after_attempt(hook, command.outcome, reason, given.now)
    return Accept((*((place, each) for each in about), *((webhooks.STREAM, each) for each in of_hook)))


def pass_on(command: PassOn, notice: Notice, given: Given) -> Decision:
    """Nothing where it has gone on, or come to an end, meanwhile."""
    onward = after(notice, command.channel, given)
    wanted = isinstance(notice, Open) and (notice.channel, notice.generation) == (command.channel, command.generation)
    if not wanted or onward is None:
        return Accept()
    fact = AttemptFailed(
        notice_id=command.notice_id, channel=command.channel, generation=command.generation, reason=TOO_LONG,
        tries=notice.tries, next_channel=onward,
    )  # fmt: skip
    return accept(stream(command.notice_id), fact)


def tick(command: TickSent, notice: Notice, given: Given) -> Decision:
    """Also where nobody can tell, or all was given up: whoever rings the recipient makes it good."""
    if notice.planned is not None and notice.planned.hook_id is not None:
        return refuse("channel-unknown")
    if notice.accepted:
        return Accept()
    fact = NoticeAccepted(
        notice_id=command.notice_id, channel=MANUAL, generation=notice.generation, accepted_at=given.now,
        how=command.how, by=doer(given), **about(notice),
    )  # fmt: skip
    return accept(stream(command.notice_id), fact)


def send_again(command: SendAgain, notice: Notice, given: Given) -> Decision:
    channels = outward(notice.planned.channels) if notice.planned else ()
    if not channels:
        return refuse("channel-unknown")
    if hidden(notice.planned, given) and not (channels := by_machine(channels)):
        return refuse("identity-hidden")
    fact = NoticeSentAgain(
        notice_id=command.notice_id, generation=notice.generation + 1, channel=channels[0], reason=command.reason,
        by=doer(given),
    )  # fmt: skip
    return accept(stream(command.notice_id), fact)


def give_up(command: GiveUp, notice: Notice, given: Given) -> Decision:
    if isinstance(notice, Settled):
        return Accept()
    fact = NoticeGivenUp(
        notice_id=command.notice_id, channel=notice.channel or MANUAL, generation=notice.generation,
        reason=command.reason, by=doer(given),
    )  # fmt: skip
    return accept(stream(command.notice_id), fact)


def mark_seen(command: MarkSeen, notice: Notice, given: Given) -> Decision:
    """A notice to a position is seen when whoever acts there today has seen it."""
    planned = notice.planned
    if planned is None:
        return refuse("unknown")
    holding = given.actor.holding(planned.position) if planned.position else None
    if not _is_for(planned, holding, given.actor):
        return refuse("not-for-you")
    if notice.seen:
        return Accept()
    return accept(
        stream(command.notice_id),
        NoticeSeen(notice_id=command.notice_id, seen_at=given.now, by=doer(given, holding)),
    )


def jobs(_stream: str, notice: Notice) -> tuple[Job, ...]:
    """One per channel and generation: what is sent anew has another key for its provider."""
    if not isinstance(notice, Open) or notice.channel is None or notice.planned is None:
        return ()
    queue = queue_of(notice.channel, notice.planned.hook_id)
    if queue is None or _leaves_with_others(notice, notice.planned):
        return ()
    body = {"notice_id": str(notice.planned.notice_id), "channel": notice.channel, "generation": notice.generation}
    return (Job(f"{notice.channel}-{notice.generation}", queue, notice.not_before, body),)


def timers(_stream: str, notice: Notice) -> tuple[Timer, ...]:
    """The first way has its time, once; what a person had sent again he looks after himself."""
    planned = notice.planned
    if not isinstance(notice, Open) or planned is None or planned.onward_at is None or notice.channel is None:
        return ()
    if notice.generation > 1 or notice.channel != outward(planned.channels)[0]:
        return ()
    command = PassOn(notice_id=planned.notice_id, channel=notice.channel, generation=notice.generation)
    return (Timer(f"onward-{notice.channel}", planned.onward_at, command),)


def evolve(notice: Notice, event: Event) -> Notice:  # noqa: C901, PLR0911 - a table: one row per fact
    match event:
        case NoticePlanned():
            channels = outward(event.channels)
            if not channels:
                return Settled(planned=event)
            return Open(planned=event, channel=channels[0], not_before=event.not_before)
        case AttemptFailed(next_channel=None):
            return replace(notice, tries=event.tries)
        case AttemptFailed():
            return replace(notice, channel=event.next_channel, tries=0)
        case NoticeAccepted():
            said = {"sent_by": event.channel, "reached": event.person_id, "receipt": "accepted"}
            return _become(Settled, notice, channel=None, accepted=True, unsure=False, **said)
        case NoticeDelivered() | NoticeBounced():
            return _with_receipt(notice, event)
        case NoticeGivenUp():
            return _become(Settled, notice, channel=None)
        case AttemptUnknown():
            return _become(Unknown, notice, channel=None, sent_by=event.channel, unsure=True)
        case NoticeSentAgain():
            return _become(
                Open, notice, channel=event.channel, generation=event.generation, tries=0, accepted=False, **NOT_SENT
            )
        case NoticeSeen():
            return replace(notice, seen=True)
    return notice


def _with_receipt(notice: Notice, event: NoticeDelivered | NoticeBounced) -> Notice:
    if isinstance(event, NoticeDelivered):
        return replace(notice, receipt="delivered")
    if event.next_channel is None:
        return replace(notice, accepted=False, receipt="failed")
    return _become(Open, notice, channel=event.next_channel, tries=0, accepted=False, receipt="failed")


def _leaves_with_others(notice: Notice, planned: NoticePlanned) -> bool:
    """The job is its bundle's; what a person has sent again goes by itself."""
    return planned.gathered_in is not None and notice.generation == 1 and notice.channel == outward(planned.channels)[0]


def _is_for(planned: NoticePlanned, holding: Holding | None, actor: Actor) -> bool:
    """The person; who acts for the position; who stands in there for whom it is not."""
    if planned.person_id is not None:
        return actor.id == planned.person_id
    stands_in = any((each.position, each.instead_of) == (planned.position, planned.not_for) for each in actor.stand_ins)
    return stands_in or (holding is not None and actor.id != planned.not_for)


def about(notice: Notice) -> dict[str, Any]:
    """What it was for, for the service whose clock ends with it."""
    planned = notice.planned
    if planned is None:
        return {}
    about = {"purpose": planned.purpose, "event_kind": planned.event_kind, "case_kind": planned.case_kind}
    return {**about, "case_id": planned.case_id}


def after(notice: Notice, channel: str, given: Given) -> str | None:
    """The channel behind this one; of who is hidden no person's."""
    channels = outward(notice.planned.channels) if notice.planned else ()
    if hidden(notice.planned, given):
        channels = tuple(each for each in channels if each in (channel, *by_machine(channels)))
    at = channels.index(channel) + 1 if channel in channels else len(channels)
    return channels[at] if at < len(channels) else None


def _become(kind: type[Notice], notice: Notice, **changes: object) -> Notice:
    return kind(**{**{name: getattr(notice, name) for name in Notice.__dataclass_fields__}, **changes})
