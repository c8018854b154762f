"""How far a stranger's request is, for whoever has its number and its code; without a name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.account_provisioning import (
    CompletionAsked,
    HandOverOpened,
    RequestApproved,
    RequestCompleted,
    RequestFiled,
    RequestNotified,
    RequestRejected,
    SecretSet,
    TrackRequest,
)
from contracts.base import Erased, Event, Query, Recorded, Sealed
from contracts.tracking import Tracked, TrackedAnswer, TrackedStep
from services.account_provisioning.domain.evolve import evolve_number, evolve_request
from services.account_provisioning.domain.state import (
    Abandoning,
    Absent,
    Asked,
    Closed,
    Failed,
    GivenUp,
    Incomplete,
    Notified,
    Provisioned,
    Provisioning,
    Received,
    Rejected,
    Request,
    Reviewed,
    number_stream,
    request_stream,
)
from services.account_provisioning.ports import History
from services.kit.secrets import proves
from services.kit.service import QueryHandler

STAGES: Mapping[type, str] = {
    Incomplete: "filed", Reviewed: "reviewed", Asked: "asked", Provisioning: "making", Failed: "making",
    Abandoning: "making", Provisioned: "ready", Notified: "done", Received: "done", Rejected: "refused",
    GivenUp: "refused",
}  # fmt: skip
HANDED: Mapping[str, str] = {"open": "sent", "set": "done", "expired": "lapsed"}
"""Of who was told: how far his way in is."""
STEPS: Mapping[type[Event], str] = {
    RequestFiled: "filed", RequestCompleted: "reviewed", RequestApproved: "making", RequestNotified: "done",
    SecretSet: "done",
}  # fmt: skip
REPLIES: Mapping[type, tuple[str, ...]] = {
    Incomplete: ("supplement", "withdraw"), Asked: ("supplement", "withdraw"), Reviewed: ("withdraw",),
    Notified: ("receive",),
}  # fmt: skip


def tracking(history: History, opened: Callable[[Sealed], str]) -> Mapping[type[Query], QueryHandler]:
    async def track(agency: str, asked: TrackRequest) -> TrackedAnswer:
        """An unknown number costs the same reading and the same comparison."""
        request_id: UUID | None = None
        for each in await history(agency, number_stream(asked.number)):
            request_id = evolve_number(request_id, each.event)
        told = await history(agency, request_stream(request_id or UUID(int=0)))
        state: Request = Absent()
        for each in told:
            state = evolve_request(state, each.event)
        known = None if isinstance(state, Absent) else state.wish.code_mac or None
        if not proves(asked.code_mac, known) or isinstance(state, Absent) or request_id is None:
            return TrackedAnswer()
        clock, stage = state.clock, stage_of(state)
        running = clock is not None and not clock.stopped and stage not in {"withdrawn", "refused"}
        filed = next(each for each in told if isinstance(each.event, RequestFiled))
        return TrackedAnswer(
            case=Tracked(
                case_id=request_id, number=state.wish.number, stage=stage, filed_at=filed.at,
                due_at=clock.due_at if clock is not None and running else None,
                paused=clock is not None and clock.paused, replies=replies_of(state),
                note=await _note(told, stage),
                steps=tuple(steps(told)),
            )
        )  # fmt: skip

    async def _note(told: Sequence[Recorded], stage: str) -> str:
        """What the office wrote to him: why it asks, or why not."""
        if stage not in {"asked", "refused"}:
            return ""
        said = [each.event for each in told if isinstance(each.event, CompletionAsked | RequestRejected)]
        if not said:
            return ""
        words = await asyncio.to_thread(opened, said[-1].words)
        return "\n".join(filter(None, (said[-1].title, "" if isinstance(words, Erased) else words)))

    return {TrackRequest: track}


def steps(told: Sequence[Recorded]) -> Iterator[TrackedStep]:
    """Each step when it was reached first; of one that was refused, how far it had come. Who gets a way in is done when
    he has gone it, not when he was told of it.
    """
    reached: dict[str, datetime] = {}
    handing = any(isinstance(each.event, HandOverOpened) for each in told)
    for each in told:
        if handing and isinstance(each.event, RequestNotified):
            continue
        if (step := STEPS.get(type(each.event))) is not None:
            reached.setdefault(step, each.at)
    return (TrackedStep(step=step, at=at) for step, at in reached.items())


def stage_of(state: Request) -> str:
    if isinstance(state, Closed):
        return "refused" if state.how else "withdrawn"
    if isinstance(state, Notified) and state.hand_over is not None:
        opened = state.hand_over.phase == "open" and state.hand_over.until is not None
        return "opened" if opened else HANDED[state.hand_over.phase]
    return STAGES[type(state)]


def replies_of(state: Request) -> tuple[str, ...]:
    if isinstance(state, Notified) and state.hand_over is not None and state.hand_over.phase != "set":
        return ()
    return REPLIES.get(type(state), ())
