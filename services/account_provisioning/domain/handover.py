"""How an account comes to its holder: one way in at a time, somebody who says that it is he, and one gesture.

A secret is never here: what is decided is who may set one, and that it was set.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.account_provisioning import (
    BeginClaim,
    ClaimantConfirmed,
    ClaimBegun,
    ClaimCodeIssued,
    ClaimDropped,
    ConfirmClaimant,
    ContactTrusted,
    DropClaim,
    EndHandOver,
    HandOverExpired,
    HandOverOpened,
    HandOverTold,
    RecordSecretSet,
    RecordSlip,
    RenewHandOver,
    RequestNotified,
    SecretSet,
    SlipPrinted,
    WayInNamed,
)
from contracts.base import Event, Officer, Refusal
from contracts.words import StandardRef
from services.account_provisioning import policy
from services.account_provisioning.domain import clock, logins, retention
from services.account_provisioning.domain.filing import open_request
from services.account_provisioning.domain.state import (
    Account,
    HandOver,
    Notified,
    Provisioned,
    Received,
    Request,
    Wish,
    account_stream,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept
from services.kit.links import LENGTH, WHOLE
from services.kit.policy import roles_of
from services.kit.worktime import Calendar, next_opening, service_minutes_due

AFTER_NOTICE = timedelta(hours=24)
AT_MOST = timedelta(days=14)
"""Of which nobody was told."""
AFTER_OPENING = 120
"""Service minutes that are left where it would have ended while nobody could help."""
GESTURE = timedelta(seconds=60)
"""So long one gesture keeps the others out; the directory answers sooner, or not at all."""
Handing = Provisioned | Notified | Received


def opened(  # noqa: PLR0913 - a way in and whose it is
    request_id: UUID, wish: Wish, before: HandOver | None, way: str, given: Given, by: Officer | None = None
) -> tuple[tuple[str, Event], ...]:
    """With it all others to this account have ended."""
    generation = before.generation + 1 if before else 1
    fact = HandOverOpened(
        request_id=request_id,
        generation=generation,
        way=way,
        ends=lasting(wish.standard, given.now + AT_MOST, given),
        account_id=wish.account_id,
        address=wish.address,
        by=by,
        link_length=LENGTH if way == "slip" else WHOLE,
    )
    named = WayInNamed(account_id=wish.account_id, request_id=request_id, generation=generation)
    place = request_stream(request_id)
    return (place, fact), *_code(request_id, wish, generation, way, given), (account_stream(wish.account_id), named)


def _code(request_id: UUID, wish: Wish, generation: int, way: str, given: Given) -> tuple[tuple[str, Event], ...]:
    """The second way: by the contact of an earlier request, with which a secret was set. Never by this one's own."""
    account: Account = given.load(account_stream(wish.account_id))
    if way != "notice" or account.contact_of in {None, request_id}:
        return ()
    fact = ClaimCodeIssued.model_validate({
        "request_id": request_id, "generation": generation, "contact_of": account.contact_of, "number": wish.number,
        "address": wish.address,
    })  # fmt: skip
    return ((request_stream(request_id), fact),)


def lasting(standard: StandardRef, end: datetime, given: Given) -> datetime:
    """Never ends while the office is closed: who could not go on has two service hours after it opens."""
    try:
        calendar = Calendar.from_rules(clock.rules_of(standard, given))
        opens = next_opening(calendar, end)
        return end if opens == end else service_minutes_due(calendar, opens, AFTER_OPENING)
    except ValueError:  # beyond what a calendar of ours reaches
        return end


def ends_after_notice(wish: Wish, hand_over: HandOver | None, told_at: datetime, given: Given) -> datetime | None:
    """When the way in ends of which somebody was told at this moment; None: there is none open."""
    if hand_over is None or hand_over.phase != "open":
        return None
    return lasting(wish.standard, told_at + AFTER_NOTICE, given)


def confirm(command: ConfirmClaimant, state: Handing, given: Given) -> Decision:
    if _own(command.asker_subject, state.wish):
        return refuse("own-request")
    seat = given.actor.holding(state.wish.unit_admin) if state.wish.unit_admin else None
    personnel = policy.PERSONNEL in roles_of(given.actor)
    if not personnel and seat is None:
        return refuse("not-your-unit")
    open_now = _open(command.request_id, state, given)
    if isinstance(open_now, Refusal):
        return open_now
    if open_now.confirmed:
        return Accept()
    how, by = ("personnel", given.officer()) if personnel else ("unit-admin", given.officer(seat))
    fact = ClaimantConfirmed(request_id=command.request_id, generation=open_now.generation, how=how, by=by)
    return accept(request_stream(command.request_id), fact)


def renew(command: RenewHandOver, state: Handing, given: Given) -> Decision:
    """In place of one that is open or has ended; where a secret was set already, it takes another request."""
    before = state.hand_over
    if _own(command.asker_subject, state.wish):
        return refuse("own-request")
    if before is None:
        return refuse("no-hand-over")
    if before.phase == "set":
        return refuse("hand-over-spent")
    wish = state.wish
    account: Account = given.load(account_stream(wish.account_id))
    if account.latest not in {None, command.request_id} and (number := open_request(account.latest, given)) is not None:
        return refuse("open-request-exists", number=number)
    return Accept(opened(command.request_id, wish, before, command.way, given, given.officer()))


def record_slip(command: RecordSlip, state: Handing, given: Given) -> Decision:
    if _own(command.asker_subject, state.wish):
        return refuse("own-request")
    open_now = _open(command.request_id, state, given, command.generation)
    if isinstance(open_now, Refusal):
        return open_now
    fact = SlipPrinted(
        request_id=command.request_id, generation=command.generation, sha256=command.sha256, by=given.officer()
    )  # fmt: skip
    return accept(request_stream(command.request_id), fact)


def begin(command: BeginClaim, state: Handing, given: Given) -> Decision:
    """The first of several gestures goes on; whoever comes while it lasts is told to wait."""
    open_now = _open(command.request_id, state, given, command.generation)
    if isinstance(open_now, Refusal):
        return open_now
    how = "contact" if command.by_contact else command.how
    if not open_now.confirmed and not how:
        return refuse("hand-over-not-confirmed")
    if open_now.until is not None and given.now < open_now.until and open_now.opening != command.opening:
        return refuse("hand-over-busy", until=open_now.until.isoformat())
    told = {"request_id": command.request_id, "generation": command.generation}
    begun = ClaimBegun(**told, opening=command.opening, until=given.now + GESTURE)
    confirmed = () if open_now.confirmed else (ClaimantConfirmed(**told, how=how),)
    return accept(request_stream(command.request_id), *confirmed, begun)


def drop(command: DropClaim, state: Handing, _given: Given) -> Decision:
    hand_over = state.hand_over
    if hand_over is None or hand_over.phase != "open" or hand_over.opening != command.opening:
        return Accept()
    fact = ClaimDropped(request_id=command.request_id, opening=command.opening, reason=command.reason)
    return accept(request_stream(command.request_id), fact)


def record(command: RecordSecretSet, state: Handing, given: Given) -> Decision:
    """Whoever has set it has heard of it, whatever became of the notice."""
    hand_over = state.hand_over
    if hand_over is None or hand_over.generation != command.generation or hand_over.opening != command.opening:
        return refuse("hand-over-busy")
    if hand_over.phase == "set":
        return Accept()
    wish, place = state.wish, request_stream(command.request_id)
    fact = SecretSet(
        request_id=command.request_id,
        generation=command.generation,
        account_id=wish.account_id,
        address=wish.address,
        set_at=given.now,
        former=command.former,
        told=wish.unit_admin or None,
    )
    facts: list[tuple[str, Event]] = [(place, fact)]
    if isinstance(state, Provisioned):
        kept = retention.until(wish, given.now, given)
        told = RequestNotified(request_id=command.request_id, told_at=given.now, how="claim", retain_until=kept)
        facts.append((place, told))
        facts += ((place, each) for each in clock.DECIDING.stopping(command.request_id, state.clock, given.now))
    account: Account = given.load(account_stream(wish.account_id))
    facts += logins.awaited(command.request_id, wish.account_id, account, given)
    trusted = ContactTrusted(account_id=wish.account_id, request_id=command.request_id)
    if wish.reachable:
        facts.append((account_stream(wish.account_id), trusted))
    return Accept(tuple(facts))


def end(command: EndHandOver, state: Handing, given: Given) -> Decision:
    hand_over = state.hand_over
    if hand_over is None or hand_over.phase != "open" or hand_over.generation != command.generation:
        return Accept()
    if given.now < hand_over.ends:
        return refuse("not-due", ends=hand_over.ends.isoformat())
    fact = HandOverExpired(request_id=command.request_id, generation=command.generation)
    return accept(request_stream(command.request_id), fact)


def timers(place: str, state: Request) -> tuple[Timer, ...]:
    hand_over = state.hand_over if isinstance(state, Handing) else None
    if hand_over is None or hand_over.phase != "open":
        return ()
    about = EndHandOver(request_id=UUID(place.partition(":")[2]), generation=hand_over.generation)
    return (Timer(f"hand-over-{hand_over.generation}", hand_over.ends, about),)


def evolve(hand_over: HandOver | None, event: Event) -> HandOver | None:  # noqa: C901, PLR0911 - a table: one row per fact
    """What a fact makes of the way in; a newer one ends the older."""
    match event:
        case HandOverOpened():
            return HandOver(event.generation, event.way, event.ends, link_length=event.link_length)
        case _ if hand_over is None:
            return None
        case ClaimCodeIssued():
            return replace(hand_over, code=True)
        case ClaimantConfirmed():
            return replace(hand_over, confirmed=event.how)
        case ClaimBegun():
            return replace(hand_over, opening=event.opening, until=event.until)
        case ClaimDropped():
            return replace(hand_over, opening=None, until=None)
        case SecretSet():
            return replace(hand_over, phase="set", until=None)
        case HandOverTold():
            return replace(hand_over, ends=event.ends, told=True)
        case HandOverExpired():
            return replace(hand_over, phase="expired")
        case RequestNotified() if event.hand_over_ends is not None:
            return replace(hand_over, ends=event.hand_over_ends, told=True)
        case _:
            return hand_over


def hands_over(wish: Wish) -> bool:
    """Whether its holder gets a new secret of it."""
    return wish.kind in policy.HANDING


def _own(asker_subject: str, wish: Wish) -> bool:
    """Nobody vouches for himself, nor prints his own slip."""
    return bool(asker_subject) and asker_subject == wish.person_id


def _open(request_id: UUID, state: Handing, given: Given, generation: int | None = None) -> HandOver | Refusal:
    hand_over = state.hand_over
    if hand_over is None:
        return refuse("no-hand-over")
    if hand_over.phase == "set":
        return refuse("hand-over-spent")
    account: Account = given.load(account_stream(state.wish.account_id))
    newer = account.way_in != (request_id, hand_over.generation)
    over = hand_over.phase == "expired" or given.now >= hand_over.ends
    return refuse("hand-over-ended") if over or newer or generation not in {None, hand_over.generation} else hand_over
