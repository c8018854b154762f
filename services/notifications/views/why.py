"""What notifications tells of itself, from its own events: why somebody heard of a fact, and why not."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from contracts.base import Recorded
from contracts.notifications import (
    AttemptFailed,
    AttemptUnknown,
    Doer,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    NoticePlanned,
    NoticeSeen,
    NoticeSentAgain,
    NoticesPlanned,
    NoticeStep,
    RouteTold,
    ToldOrNot,
    WhyNoticeAnswer,
)


def planned_of(history: Sequence[Recorded]) -> NoticesPlanned | None:
    return next((each.event for each in history if isinstance(each.event, NoticesPlanned)), None)


def why(planned: NoticesPlanned | None, notices: Mapping[UUID, Sequence[Recorded]]) -> WhyNoticeAnswer:
    """``notices``: the histories of those that it names."""
    if planned is None:
        return WhyNoticeAnswer()
    return WhyNoticeAnswer(
        known=bool(planned.routes), event_kind=planned.event_kind, case_kind=planned.case_kind,
        case_id=planned.case_id, happened_at=planned.happened_at, rules=planned.rules,
        told=tuple(each for route in planned.routes for each in _of_route(route, notices)),
    )  # fmt: skip


def _of_route(route: RouteTold, notices: Mapping[UUID, Sequence[Recorded]]) -> Iterator[ToldOrNot]:
    said = {"audience": route.audience, "template": route.template}
    if not route.notices:
        yield ToldOrNot(why=route.why, **said)
    for notice_id in route.notices:
        history = notices.get(notice_id, ())
        planned = next((each.event for each in history if isinstance(each.event, NoticePlanned)), None)
        if planned is None:
            yield ToldOrNot(why="lost", notice_id=notice_id, **said)
            continue
        yield ToldOrNot(
            notice_id=notice_id, position=planned.position, person_id=planned.person_id, hook_id=planned.hook_id,
            channels=planned.channels, not_before=planned.not_before,
            steps=tuple(step for each in history for step in _steps(each)), **said,
        )  # fmt: skip


def _steps(recorded: Recorded) -> Iterator[NoticeStep]:
    event = recorded.event
    match event:
        case NoticePlanned():
            yield NoticeStep(at=recorded.at, what="planned", channel=" ".join(event.channels))
        case NoticeAccepted():
            said = {"channel": event.channel, "reason": event.how, "by": _who(event.by)}
            yield NoticeStep(at=recorded.at, what="accepted", **said)
        case AttemptFailed():
            yield NoticeStep(at=recorded.at, what="failed", channel=event.channel, reason=event.reason)
        case NoticeDelivered():
            yield NoticeStep(at=recorded.at, what="delivered", channel=event.channel)
        case NoticeBounced():
            yield NoticeStep(at=recorded.at, what="bounced", channel=event.channel, reason=event.reason)
        case AttemptUnknown():
            yield NoticeStep(at=recorded.at, what="unknown", channel=event.channel, reason=event.reason)
        case NoticeGivenUp():
            said = {"channel": event.channel, "reason": event.reason, "by": _who(event.by)}
            yield NoticeStep(at=recorded.at, what="given-up", **said)
        case NoticeSentAgain():
            said = {"channel": event.channel, "reason": event.reason, "by": _who(event.by)}
            yield NoticeStep(at=recorded.at, what="sent-again", **said)
        case NoticeSeen():
            yield NoticeStep(at=recorded.at, what="seen", by=_who(event.by))


def _who(by: Doer | None) -> str:
    return by.person_id if by is not None else ""
