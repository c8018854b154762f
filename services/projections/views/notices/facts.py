"""What notifications' facts do to the views."""

from collections.abc import Iterator
from typing import Any

from contracts.base import Recorded
from contracts.notices import INBOX, MANUAL
from contracts.notifications import (
    AttemptFailed,
    AttemptUnknown,
    ContactBlocked,
    ContactUnblocked,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    NoticePlanned,
    NoticeSeen,
    NoticeSentAgain,
    OfficeAdopted,
    RoutesPublished,
)
from services.kit.access import RESTRICTED, listed
from services.kit.projections import Operation, Put, micros, packed


def _put(told: Recorded, notice_id: object, **columns: Any) -> Put:
    return Put("notices", {"agency": told.agency, "notice_id": str(notice_id)}, columns)


def words(told: Recorded) -> Iterator[Operation]:
    """A template that is gone stays for the notices that were made with it."""
    event = told.event
    if isinstance(event, OfficeAdopted | RoutesPublished):
        for each in event.rules.templates:
            key = {"agency": told.agency, "template": each.template, "language": each.language}
            yield Put("notice_templates", key, {"subject": each.subject, "body": each.body})


def contact_step(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, ContactBlocked | ContactUnblocked):
        what = "blocked" if isinstance(event, ContactBlocked) else "unblocked"
        said = {"person_id": event.person_id, "channel": event.channel, "what": what, "reason": event.reason}
        by = event.by.person_id if event.by else ""
        key = {"agency": told.agency, "event_id": str(told.event_id)}
        yield Put("contact_steps", key, {**said, "at": micros(event.at), "by_id": by})


def planned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticePlanned):
        outward = [each for each in event.channels if each != INBOX]
        yield _put(
            told, event.notice_id, event_id=str(event.event_id), event_kind=event.event_kind, audience=event.audience,
            case_kind=event.case_kind, case_id=str(event.case_id), position=event.position, person_id=event.person_id,
            hook_id=str(event.hook_id) if event.hook_id else None,
            not_for=event.not_for, template=event.template, value_list=packed(event.values),
            inbox=int(INBOX in event.channels), urgent=int(event.urgent), planned_at=micros(event.planned_at),
            not_before=micros(event.not_before), channel=outward[0] if outward else None,
            stage=_waiting(outward[0]) if outward else "inbox", tries=0, visibility=RESTRICTED,
            readers=listed(_readers(event)), barred=listed([f"person:{event.not_for}"] if event.not_for else ()),
        )  # fmt: skip


def _readers(event: NoticePlanned) -> Iterator[str]:
    """By whom it is seen, as `Reader.tokens` names them."""
    if event.person_id:
        yield f"person:{event.person_id}"
    if event.position:
        yield f"position:{event.position}"
        if event.not_for:
            yield f"stand-in:{event.position}:{event.not_for}"


def _waiting(channel: str) -> str:
    return "manual" if channel == MANUAL else "waiting"


def accepted(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeAccepted):
        by = event.by.person_id if event.by else None
        yield _put(
            told, event.notice_id, stage="accepted", channel=event.channel, how=event.how or None, reason=None,
            done_by=by,
        )  # fmt: skip


def failed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, AttemptFailed):
        onward = event.next_channel
        moved = {"channel": onward, "stage": _waiting(onward), "tries": 0} if onward else {"tries": event.tries}
        yield _put(told, event.notice_id, reason=event.reason, **moved)


def delivered(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeDelivered):
        yield _put(told, event.notice_id, how="delivered")


def bounced(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeBounced):
        onward = event.next_channel
        moved = {"channel": onward, "stage": _waiting(onward), "tries": 0} if onward else {}
        yield _put(told, event.notice_id, reason=event.reason, how=None, **moved)


def unknown(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, AttemptUnknown):
        yield _put(told, event.notice_id, stage="unknown", reason=event.reason)


def given_up(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeGivenUp):
        by = event.by.person_id if event.by else None
        yield _put(told, event.notice_id, stage="given-up", reason=event.reason, done_by=by)


def sent_again(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeSentAgain):
        yield _put(
            told, event.notice_id, stage=_waiting(event.channel), channel=event.channel, tries=0, reason=None, how=None,
            done_by=event.by.person_id,
        )  # fmt: skip


def seen(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, NoticeSeen):
        yield _put(told, event.notice_id, seen_at=micros(event.seen_at), seen_by=event.by.person_id)
