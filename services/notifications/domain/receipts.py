"""What comes back after a channel has taken a notice: it arrived, or it did not. What weighs more stands, in any order.

*failed* weighs more than *delivered*, *delivered* more than *accepted*. A receipt that comes twice, late, or about a
sending that a person has replaced, changes nothing.
"""

from __future__ import annotations

from contracts.base import Event
from contracts.notifications import (
    ContactBlocked,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    RecordReceipt,
)
from services.kit.deciding import Accept, Decision, Given
from services.notifications.domain import gathering, ways
from services.notifications.domain.notice import Notice, Open, about, after, stream
from services.notifications.policy import BOUNCES, refuse

RANKS = {"": 0, "accepted": 1, "delivered": 2, "failed": 3}


def record(command: RecordReceipt, notice: Notice, given: Given) -> Decision:
    """Of one that left with others: of all of them, for the message was one."""
    planned = notice.planned
    if planned is None:
        return refuse("unknown")
    if planned.gathered_in is None or command.generation > 1:
        return Accept(tuple(_one(command, notice, given)))
    known: gathering.Gathering = given.load(gathering.stream(gathering.who(planned)))
    facts: list[tuple[str, Event]] = []
    for each in known.left.get(planned.gathered_in, (command.notice_id,)):
        of_each = command.model_copy(update={"notice_id": each})
        found = _one(of_each, given.load(stream(each)), given)
        blocked = {place for place, fact in facts if isinstance(fact, ContactBlocked)}
        facts += [(place, fact) for place, fact in found if place not in blocked]
    return Accept(tuple(facts))


def _one(command: RecordReceipt, notice: Notice, given: Given) -> list[tuple[str, Event]]:
    here = (command.channel, command.generation)
    waits = isinstance(notice, Open) and notice.channel == command.channel
    if here != (notice.sent_by or notice.channel, notice.generation) or not (waits or notice.sent_by or notice.unsure):
        return []
    if RANKS[command.what] <= RANKS[notice.receipt]:
        return []
    place, told = stream(command.notice_id), {"channel": command.channel, "generation": command.generation}
    if command.what == "delivered":
        facts: list[Event] = []
        if not notice.accepted:  # its server says so before the worker could, or where he could not tell
            said = {"accepted_at": given.now, "how": "receipt", **told, **about(notice)}
            facts.append(NoticeAccepted(notice_id=command.notice_id, **said))
        facts.append(NoticeDelivered(notice_id=command.notice_id, at=given.now, **told))
        return [(place, each) for each in facts]
    onward = after(notice, command.channel, given)
    reason = command.reason or "refused"
    facts = [NoticeBounced(notice_id=command.notice_id, at=given.now, reason=reason, next_channel=onward, **told)]
    if onward is None:
        facts.append(NoticeGivenUp(notice_id=command.notice_id, reason=reason, **told))
    return [*((place, each) for each in facts), *_blocked(notice, command.channel, reason, given)]


def _blocked(notice: Notice, channel: str, reason: str, given: Given) -> tuple[tuple[str, Event], ...]:
    """The address of whom it went to; where that is not known any more, the next bounce blocks him."""
    if notice.reached is None or reason not in BOUNCES:
        return ()
    place = ways.stream(notice.reached)
    if channel in given.load(place).blocked:
        return ()
    return ((place, ContactBlocked(person_id=notice.reached, channel=channel, reason=reason, at=given.now)),)
