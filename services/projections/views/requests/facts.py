"""What account provisioning's facts do to the views. One stream tells of a request, so each fact finds the one before.

Of what is sealed the name alone is opened (decision 0076).
"""

from collections.abc import Iterator
from typing import Any

from contracts import account_provisioning as facts
from contracts.base import Recorded
from contracts.words import StandardRef
from services.kit.access import listed
from services.kit.projections import Operation, Put, Value, micros, packed


def _put(told: Recorded, event: Any, **columns: Value) -> Put:
    return Put("requests", {"agency": told.agency, "request_id": str(event.request_id)}, columns)


def _version(standard: StandardRef) -> str:
    return f"{standard.standard}.{standard.version}"


def _named(standard: StandardRef) -> str:
    """As people know it: by its decree, where it has one."""
    return f"{standard.decree or standard.standard} v{standard.version}"


def standard(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.StandardAdopted):
        for place, position in enumerate(event.rules["accounts"]["reviewers"]):
            key = {"agency": told.agency, "standard": _version(event.standard), "position": position}
            yield Put("reviewers", key, {"place": place})


def filed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestFiled):
        yield _put(
            told, event, number=event.number, request_kind=event.request_kind, cause=event.cause or None,
            holder=event.holder, channel=event.channel, received_at=micros(event.received_at),
            standard=_named(event.standard), calendar_of=_version(event.standard),
            subject_id=event.subject_id, account_id=str(event.account_id), name=event.name, unit=event.unit,
            address=event.address or None, letter_on=event.letter_on or None,
            scanned=int(event.letter is not None or bool(event.scans)), missing=packed(list(event.missing)),
            phase="incomplete", unit_admin=event.unit_admin, quota=event.quota,
            alias_ends=event.alias_ends or None,
            readers=listed([f"position:{event.unit_admin}"]) if event.unit_admin else None,
        )  # fmt: skip


def completed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestCompleted):
        yield _put(told, event, phase="complete", due_at=micros(event.due_at))


def supplemented(told: Recorded) -> Iterator[Operation]:
    """The applicant's answer to a question is whole; what was incomplete may still be."""
    event = told.event
    if isinstance(event, facts.RequestSupplemented):
        said: dict[str, Value] = {"letter_on": event.letter_on} if event.letter_on else {}
        said |= {"subject_id": event.subject_id} if event.subject_id else {}
        said |= {"scanned": 1} if event.letter is not None or event.scans else {}
        phase = "incomplete" if event.missing else "complete"
        yield _put(told, event, phase=phase, reason=None, missing=packed(list(event.missing)), **said)


def asked(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.CompletionAsked):
        yield _put(told, event, phase="asked", reason=event.title)


def withdrawn(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestWithdrawn):
        yield _put(told, event, phase="withdrawn", decided_at=micros(told.at))


def seconded(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestSeconded):
        yield _put(told, event, seconded_by=event.by.person_id)


def approved(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestApproved):
        yield _put(
            told, event, phase="provisioning", undoing=0, address=event.address, connector=event.connector,
            alias=event.alias or None,
        )  # fmt: skip


def rejected(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestRejected):
        yield _put(told, event, phase="rejected", reason=event.title, decided_at=micros(event.rejected_at))


def proven(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ProvisioningProven):
        yield _put(told, event, phase="provisioned", failure=None, decided_at=micros(event.proven_at))


def failed(told: Recorded) -> Iterator[Operation]:
    """What nobody knows, and what will not be done, waits for a person; the rest is tried again by itself."""
    event = told.event
    if isinstance(event, facts.ProvisioningFailed):
        stuck: dict[str, Value] = {} if event.outcome == "temporary" else {"phase": "failed"}
        yield _put(told, event, failure=event.reason, **stuck)


def retried(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ProvisioningRetried):
        yield _put(told, event, phase="provisioning", failure=None)


def abandoned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ProvisioningAbandoned):
        yield _put(told, event, phase="provisioning", undoing=1, failure=None)


def undone(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ProvisioningUndone):
        yield _put(told, event, phase="given-up", decided_at=micros(event.undone_at))


def left(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.AccountSuspended | facts.AccountClosed | facts.AccessRevoked):
        before = packed(list(event.before)) if not isinstance(event, facts.AccessRevoked) else None
        yield _put(told, event, leftovers=packed(list(event.leftovers)), led_before=before)


def notified(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestNotified):
        way_in: dict[str, Value] = {}
        if event.hand_over_ends is not None:
            way_in = {"hand_over_ends": micros(event.hand_over_ends), "hand_over_told": 1}
        yield _put(told, event, told_at=micros(event.told_at), how=event.how, **way_in)


def handed(told: Recorded) -> Iterator[Operation]:
    """A newer way in begins anew."""
    match told.event:
        case facts.HandOverOpened() as event:
            ends = micros(event.ends)
            yield _put(
                told, event, hand_over="open", hand_over_told=0, hand_over_way=event.way, hand_over_ends=ends,
                confirmed=None,
            )  # fmt: skip
        case facts.ClaimantConfirmed() as event:
            yield _put(told, event, confirmed=event.how)
        case facts.ClaimBegun() as event:
            yield _put(told, event, hand_over="opened")
        case facts.ClaimDropped() as event:
            yield _put(told, event, hand_over="open")
        case facts.SecretSet() as event:
            yield _put(told, event, hand_over="set")
        case facts.HandOverTold() as event:
            yield _put(told, event, hand_over_ends=micros(event.ends), hand_over_told=1)
        case facts.HandOverExpired() as event:
            yield _put(told, event, hand_over="expired")


def replied(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ReplyIssued):
        yield _put(told, event, reply_number=event.number, reply=packed(event.blob.model_dump(mode="json")))


def received(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RequestReceived):
        yield _put(told, event, received=micros(told.at))


def clocked(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ClockPaused):
        yield _put(told, event, paused_at=micros(event.at))
    elif isinstance(event, facts.ClockResumed):
        yield _put(told, event, paused_at=None)
    elif isinstance(event, facts.ClockStopped):
        yield _put(told, event, paused_at=None, stopped_at=micros(event.at))
    elif isinstance(event, facts.DeadlineMoved):
        yield _put(told, event, due_at=micros(event.due_at), due_soon_at=None, overdue_at=None)
    elif isinstance(event, facts.RequestDueSoon):
        yield _put(told, event, due_soon_at=micros(told.at))
    elif isinstance(event, facts.RequestOverdue):
        yield _put(told, event, overdue_at=micros(told.at))
