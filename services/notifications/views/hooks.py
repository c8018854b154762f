"""The webhooks of an agency, as its administrator sees them; the secret is in no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from contracts.base import Erased, Query, Sealed
from contracts.notices import HOOKABLE
from contracts.notifications import HookRange, HookRow, Hooks, HooksAnswer
from services.kit.service import QueryHandler
from services.notifications.domain.addresses import NoAddress, target_of
from services.notifications.domain.hooks import Hook
from services.notifications.ports import History, hooks_of


def subscribed(history: History, opened: Callable[[Sealed], str]) -> Mapping[type[Query], QueryHandler]:
    async def hooks(agency: str, _asked: Hooks) -> HooksAnswer:
        known = await hooks_of(history, agency)
        rows = await asyncio.to_thread(lambda: [_row(each, opened(each.url)) for each in known.standing.values()])
        ranges = [HookRange(network=net, reason=why, by=by) for net, (why, by) in known.ranges.items()]
        return HooksAnswer(hooks=tuple(rows), ranges=tuple(ranges), event_kinds=tuple(sorted(HOOKABLE)))

    return {Hooks: hooks}


def _row(hook: Hook, url: str) -> HookRow:
    try:
        address = "" if isinstance(url, Erased) else target_of(url).shown
    except NoAddress:
        address = ""
    state = "suspended" if hook.suspended_at else "failing" if hook.failing_since else "active"
    return HookRow(
        hook_id=hook.hook_id, label=hook.label, address=address, place=hook.place, event_kinds=hook.kinds, state=state,
        generation=hook.generation, both_until=hook.both_until, subscribed_at=hook.subscribed_at,
        subscribed_by=hook.subscribed_by, failing_since=hook.failing_since, suspended_at=hook.suspended_at,
        reason=hook.reason,
    )  # fmt: skip
