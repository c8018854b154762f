"""Notices to one recipient that leave together: a bundle is open for a while; what came of it is each notice's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contracts.base import Event
from contracts.notices import EMAIL, NotifyRoute
from contracts.notifications import BundleSettled, NoticeGathered, NoticePlanned, RecordAttempt, RecordGathered
from services.kit.deciding import Accept, Decision, Given, Job
from services.notifications.domain import notice as notices
from services.notifications.domain.office import Office
from services.notifications.policy import ANSWERING, outward

MARGIN = timedelta(seconds=2)
"""Between the last moment in which a notice may join and the first in which the bundle leaves."""
REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Bundle:
    until: datetime
    members: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """``open``: by id, those that have not left; ``left``: the members of the last that have, for what comes back."""

    open: Mapping[UUID, Bundle] = field(default_factory=dict)
    left: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)

    def joinable(self, now: datetime) -> UUID | None:
        return next((each for each, bundle in self.open.items() if now < bundle.until), None)


def stream(who: str) -> str:
    return f"gathering:{who}"


def who(notice: NoticePlanned) -> str:
    """Whoever decides in his place is another recipient."""
    named = f"position:{notice.position}" if notice.position else f"person:{notice.person_id}"
    return f"{named}:not:{notice.not_for}" if notice.not_for else named


def gathers(route: NotifyRoute, notice: NoticePlanned) -> bool:
    """Never what is urgent or what somebody waits for, nor what goes to somebody outside."""
    if route.gather is None or notice.urgent or notice.by_contact or notice.purpose in ANSWERING:
        return False
    return outward(notice.channels)[:1] == (EMAIL,)


def joined(route: NotifyRoute, notice: NoticePlanned, office: Office, given: Given) -> tuple[NoticePlanned, Event]:
    """The notice as one of a bundle: the one that is open, else a new one."""
    known: Gathering = given.load(stream(who(notice)))
    bundle_id = known.joinable(given.now)
    if bundle_id is None:
        bundle_id = uuid5(notice.notice_id, "bundle")
        until = office.opens(given.now + timedelta(minutes=route.gather or 0))
    else:
        until = known.open[bundle_id].until
    fact = NoticeGathered(bundle_id=bundle_id, notice_id=notice.notice_id, who=who(notice), until=until)
    return notice.model_copy(update={"gathered_in": bundle_id}), fact


def jobs(place: str, gathering: Gathering) -> tuple[Job, ...]:
    named = place.partition(":")[2]
    return tuple(
        Job(f"bundle-{bundle_id}", EMAIL, bundle.until + MARGIN, {"who": named, "bundle_id": str(bundle_id)})
        for bundle_id, bundle in gathering.open.items()
    )


def record(command: RecordGathered, gathering: Gathering, given: Given) -> Decision:
    """What came of the message is said of each notice in it; what was not in it waits for the next."""
    bundle = gathering.open.get(command.bundle_id)
    if bundle is None:
        return Accept()
    waiting = {each: given.load(notices.stream(each)) for each in bundle.members}
    waiting = {each: found for each, found in waiting.items() if waits(found)}
    sent = [each for each in waiting if not command.notices or each in command.notices]
    facts: list[tuple[str, Event]] = []
    for each in sent:
        facts += _each(command, each, waiting[each], given)
    place = stream(command.who)
    goes_on = command.outcome == "temporary" and any(_again(fact) for _, fact in facts)
    if not goes_on:
        left = [each for each in waiting if each not in sent]
        facts.append((place, BundleSettled(bundle_id=command.bundle_id, outcome=command.outcome)))
        following = uuid5(command.bundle_id, "next")
        facts += [
            (place, NoticeGathered(bundle_id=following, notice_id=each, who=command.who, until=given.now))
            for each in left
        ]
    return Accept(tuple(facts))


def waits(notice: notices.Notice) -> bool:
    """It was not told, given up or passed on meanwhile."""
    return isinstance(notice, notices.Open) and notice.channel == EMAIL and notice.generation == 1


def _each(
    command: RecordGathered, notice_id: UUID, notice: notices.Notice, given: Given
) -> Iterator[tuple[str, Event]]:
    attempt = RecordAttempt(
        notice_id=notice_id, channel=EMAIL, generation=1, outcome=command.outcome, reason=command.reason,
        provider_id=command.provider_id, sha256=command.sha256, person_id=command.person_id,
    )  # fmt: skip
    decided = notices.record(attempt, notice, given)
    if isinstance(decided, Accept):
        yield from decided.events


def _again(fact: Event) -> bool:
    """A failure after which the same way is tried again."""
    return getattr(fact, "next_channel", "") is None and type(fact).__name__ == "AttemptFailed"


def evolve(gathering: Gathering, event: Event) -> Gathering:
    match event:
        case NoticeGathered():
            bundle = gathering.open.get(event.bundle_id, Bundle(event.until))
            members = (*bundle.members, event.notice_id)
            return replace(gathering, open={**gathering.open, event.bundle_id: Bundle(bundle.until, members)})
        case BundleSettled():
            still = {each: bundle for each, bundle in gathering.open.items() if each != event.bundle_id}
            gone = gathering.open.get(event.bundle_id)
            kept = list(gathering.left.items())[1 - REMEMBERED :]
            return Gathering(still, dict([*kept, (event.bundle_id, gone.members if gone else ())]))
    return gathering
