"""The webhooks of an agency: who subscribed to what, which secret signs, and when one is given a rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid5

from contracts.base import Event, Sealed
from contracts.notices import HOOK_TEST, HOOKABLE, WEBHOOK
from contracts.notifications import (
    AllowHookRange,
    EndHook,
    HookEnded,
    HookFailing,
    HookRangeAllowed,
    HookRangeWithdrawn,
    HookRecovered,
    HookResumed,
    HookSecretRotated,
    HookSubscribed,
    HookSuspended,
    NoticePlanned,
    ResumeHook,
    RotateHookSecret,
    SubscribeHook,
    SuspendHook,
    TestHook,
    WithdrawHookRange,
)
from services.kit.deciding import Accept, Decision, Given, Timer, accept
from services.notifications.domain.addresses import NoAddress, Range, checked, range_of
from services.notifications.domain.doers import doer, person
from services.notifications.policy import (
    BOTH_SIGN,
    HOOK_FAILS_FOR,
    HOOK_WAITS_FOR,
    MOST_HOOKS,
    MOST_RANGES,
    OPERATIONS,
    refuse,
)

STREAM = "hooks:agency"
GONE = "gone"
FAILING = "failing-for-days"


@dataclass(frozen=True, slots=True)
class Hook:
    """``both_until``: until then the secret before this one signs too. ``from_at``: what was planned before it is not
    sent any more.
    """

    hook_id: UUID
    url: Sealed
    place: str
    kinds: tuple[str, ...]
    label: str
    subscribed_at: datetime
    subscribed_by: str
    generation: int = 1
    both_until: datetime | None = None
    failing_since: datetime | None = None
    suspended_at: datetime | None = None
    reason: str = ""
    from_at: datetime | None = None

    def generations(self, now: datetime) -> tuple[int, ...]:
        """Those that sign now, the newest first."""
        both = self.both_until is not None and now < self.both_until
        return (self.generation, self.generation - 1) if both else (self.generation,)

    def hears(self, now: datetime) -> bool:
        """A suspended one is kept its messages for a while, so that whoever resumes it has lost none."""
        return self.suspended_at is None or now - self.suspended_at < HOOK_WAITS_FOR


@dataclass(frozen=True, slots=True)
class Hooks:
    """``ended`` are known for ever: an id is nobody else's."""

    standing: Mapping[UUID, Hook] = field(default_factory=dict)
    ended: frozenset[UUID] = frozenset()
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def allowed(self) -> tuple[Range, ...]:
        return tuple(range_of(each) for each in self.ranges)

    def of_kind(self, kind: str) -> Iterator[Hook]:
        return (each for each in self.standing.values() if kind in each.kinds)


def subject_of(hook_id: UUID) -> str:
    """Whose key seals its address."""
    return f"hook-{hook_id}"


def subscribe(command: SubscribeHook, hooks: Hooks, given: Given) -> Decision:
    known = hooks.standing.get(command.hook_id)
    if known is not None or command.hook_id in hooks.ended:
        return refuse("hook-known")
    if len(hooks.standing) >= MOST_HOOKS:
        return refuse("too-many-hooks", most=MOST_HOOKS)
    for kind in command.event_kinds:
        if kind not in HOOKABLE:
            return refuse("kind-unknown", place=kind)
    try:
        target = checked(command.url, hooks.allowed())
    except NoAddress as why:
        return refuse("hook-address", why=str(why))
    fact = HookSubscribed(
        hook_id=command.hook_id, url=Sealed.of(command.url, "contact", subject_of(command.hook_id)),
        place=target.place, event_kinds=tuple(dict.fromkeys(command.event_kinds)), label=command.label, at=given.now,
        by=doer(given),
    )  # fmt: skip
    return accept(STREAM, fact, hook_id=str(command.hook_id), generation=1)


def rotate(command: RotateHookSecret, hooks: Hooks, given: Given) -> Decision:
    hook = hooks.standing.get(command.hook_id)
    if hook is None:
        return refuse("hook-unknown")
    fact = HookSecretRotated(
        hook_id=hook.hook_id, generation=hook.generation + 1, both_until=given.now + BOTH_SIGN, by=doer(given)
    )  # fmt: skip
    return accept(STREAM, fact, hook_id=str(hook.hook_id), generation=fact.generation)


def suspend(command: SuspendHook, hooks: Hooks, given: Given) -> Decision:
    """By a timer too: then only what has failed all the time since."""
    hook = hooks.standing.get(command.hook_id)
    by = person(given)
    if hook is None:
        return refuse("hook-unknown") if by else Accept()
    if hook.suspended_at is not None:
        return Accept()
    if by is None and not _failed_too_long(hook, given.now):
        return Accept()
    return accept(STREAM, suspended(hook, given.now, command.reason).model_copy(update={"by": by}))


def resume(command: ResumeHook, hooks: Hooks, given: Given) -> Decision:
    hook = hooks.standing.get(command.hook_id)
    if hook is None:
        return refuse("hook-unknown")
    if hook.suspended_at is None:
        return Accept()
    fact = HookResumed(hook_id=hook.hook_id, at=given.now, from_at=command.from_at, by=doer(given))
    return accept(STREAM, fact)


def end(command: EndHook, hooks: Hooks, given: Given) -> Decision:
    if command.hook_id in hooks.ended:
        return Accept()
    if command.hook_id not in hooks.standing:
        return refuse("hook-unknown")
    return accept(STREAM, HookEnded(hook_id=command.hook_id, at=given.now, reason=command.reason, by=doer(given)))


def test(command: TestHook, hooks: Hooks, given: Given) -> Decision:
    hook = hooks.standing.get(command.hook_id)
    if hook is None:
        return refuse("hook-unknown")
    if hook.suspended_at is not None:
        return refuse("hook-suspended")
    notice = notice_for(hook, given.command_id, HOOK_TEST, ("hooks", hook.hook_id), {}, given.now, given.now)
    return accept(f"notice:{notice.notice_id}", notice, notice_id=str(notice.notice_id))


def allow(command: AllowHookRange, hooks: Hooks, given: Given) -> Decision:
    try:
        network = str(range_of(command.network))
    except NoAddress:
        return refuse("hook-range")
    if network in hooks.ranges:
        return Accept()
    if len(hooks.ranges) >= MOST_RANGES:
        return refuse("too-many-hooks", most=MOST_RANGES)
    return accept(STREAM, HookRangeAllowed(network=network, reason=command.reason, by=doer(given)))


def withdraw(command: WithdrawHookRange, hooks: Hooks, given: Given) -> Decision:
    if command.network not in hooks.ranges:
        return Accept()
    return accept(STREAM, HookRangeWithdrawn(network=command.network, by=doer(given)))


def after_attempt(hook: Hook | None, outcome: str, reason: str, now: datetime) -> tuple[Event, ...]:
    """What an attempt tells of its endpoint: the first failure, the first success after it, or that it is gone."""
    if hook is None:
        return ()
    if outcome == "accepted":
        return (HookRecovered(hook_id=hook.hook_id, at=now),) if hook.failing_since else ()
    failing = () if hook.failing_since else (HookFailing(hook_id=hook.hook_id, since=now, reason=reason),)
    if reason == GONE and hook.suspended_at is None:
        return (*failing, suspended(hook, now, GONE))
    return failing


def suspended(hook: Hook, now: datetime, reason: str) -> HookSuspended:
    return HookSuspended(hook_id=hook.hook_id, at=now, reason=reason, place=hook.place, label=hook.label)


def notice_for(  # noqa: PLR0913 - a fact, as one hook hears it
    hook: Hook,
    event_id: UUID,
    kind: str,
    case: tuple[str, UUID],
    values: Mapping[str, str],
    happened_at: datetime,
    now: datetime,
) -> NoticePlanned:
    """At once: no machine is disturbed at night. Its id is what the receiver knows it by, however often it comes."""
    said = {**({"number": values["number"]} if values.get("number") else {}), "at": happened_at.isoformat()}
    return NoticePlanned(
        notice_id=uuid5(event_id, f"notice/hook/{hook.hook_id}"), event_id=event_id, event_kind=kind,
        case_kind=case[0], case_id=case[1], audience="hook", hook_id=hook.hook_id, channels=(WEBHOOK,),
        template="hook", values=said, purpose=OPERATIONS if kind == HOOK_TEST else "case", urgent=True,
        planned_at=now, not_before=now,
    )  # fmt: skip


def timers(_stream: str, hooks: Hooks) -> tuple[Timer, ...]:
    """One that has failed for days is suspended."""
    return tuple(
        Timer(
            f"suspend-{hook.hook_id}-{hook.failing_since.isoformat()}",
            hook.failing_since + HOOK_FAILS_FOR,
            SuspendHook(hook_id=hook.hook_id, reason=FAILING),
        )
        for hook in hooks.standing.values()
        if hook.failing_since is not None and hook.suspended_at is None
    )


def evolve(hooks: Hooks, event: Event) -> Hooks:  # noqa: PLR0911 - a table: one row per fact
    match event:
        case HookSubscribed():
            hook = Hook(
                event.hook_id, event.url, event.place, event.event_kinds, event.label, event.at, event.by.person_id
            )  # fmt: skip
            return replace(hooks, standing={**hooks.standing, event.hook_id: hook})
        case HookSecretRotated():
            return _with(hooks, event.hook_id, generation=event.generation, both_until=event.both_until)
        case HookFailing():
            return _with(hooks, event.hook_id, failing_since=event.since, reason=event.reason)
        case HookRecovered():
            return _with(hooks, event.hook_id, failing_since=None, reason="")
        case HookSuspended():
            return _with(hooks, event.hook_id, suspended_at=event.at, reason=event.reason)
        case HookResumed():
            return _with(
                hooks, event.hook_id, suspended_at=None, failing_since=None, reason="", from_at=event.from_at
            )  # fmt: skip
        case HookEnded():
            left = {key: each for key, each in hooks.standing.items() if key != event.hook_id}
            return replace(hooks, standing=left, ended=hooks.ended | {event.hook_id})
        case HookRangeAllowed():
            return replace(hooks, ranges={**hooks.ranges, event.network: (event.reason, event.by.person_id)})
        case HookRangeWithdrawn():
            return replace(hooks, ranges={key: each for key, each in hooks.ranges.items() if key != event.network})
    return hooks


def _failed_too_long(hook: Hook, now: datetime) -> bool:
    return hook.failing_since is not None and now - hook.failing_since >= HOOK_FAILS_FOR


def _with(hooks: Hooks, hook_id: UUID, **changes: object) -> Hooks:
    hook = hooks.standing.get(hook_id)
    if hook is None:
        return hooks
    changed = replace(hook, **changes)  # type: ignore[arg-type]
    return replace(hooks, standing={**hooks.standing, hook_id: changed})
