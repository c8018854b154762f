"""What a person asks of a running service: how it is, what lies in the dead letters, its timers told again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from services.kit.jobs.housekeeping import operations
from services.kit.jobs.owner import JobOwner
from services.kit.jobs.rows import JobRows
from services.kit.operations.health import EVERYWHERE, HealthReport, OperationHandler, noted
from services.kit.runtime.kit import Kit
from services.kit.runtime.supervise import Supervisor
from services.kit.sealing.keyring import load_keyring
from services.kit.service import Service
from services.kit.store import jobtable
from services.kit.store.timetable import retell
from services.kit.subscriptions.dead_letters import DeadLetters
from services.kit.subscriptions.reactor import Reactor


def report(
    service: str, instance: str, supervisor: Supervisor, parts: Mapping[str, Callable[[], Mapping[str, Any]]]
) -> HealthReport:
    """Health looks at lag and progress, not at being alive. What is parked waits for a person: the service works."""
    loops = supervisor.health()
    told: dict[str, Mapping[str, Any]] = {}
    for name, tell in parts.items():
        said = tell()
        nested = all(isinstance(value, Mapping) for value in said.values())
        told |= {f"{name}.{each}": said[each] for each in said} if said and nested else {name: said}
    troubles = [f"{name}: {loop['error']}" for name, loop in loops.items() if loop["state"] == "waiting"]
    for name, part in told.items():
        if part.get("state") in {"stopped", "down", "closed", "reconnecting", "held"}:
            troubles.append(f"{name}: {part.get('state')} {part.get('reason', '')}".strip())
    waiting = tuple(f"{name}: {part['parked']} terparkir" for name, part in told.items() if part.get("parked"))
    failing = {name: part for name, part in told.items() if part.get("failing_since")}
    warnings = tuple(f"{name}: {part['reason']}, since {part['failing_since']}" for name, part in failing.items())
    left = tuple(f"{name}: {said}" for name, part in told.items() for said in part.get("not_taken", ()))
    return HealthReport(service, instance, {**told, "loops": loops}, tuple(troubles), (*waiting, *warnings, *left))


def dead_letter_operations(kit: Kit, reactors: Sequence[Reactor]) -> Mapping[str, OperationHandler]:
    """List, try again, or set aside with a reason what a reaction could not answer: the cases of named agencies.

    ``settled``: whether a case that was open once is open no more.

    Whoever asks says whose (``agencies``, or ``agency`` of one case); another's case is as unknown as none.
    """
    dead_letters = DeadLetters(kit.engine)

    async def cases(body: Mapping[str, Any]) -> Any:
        asked = body["agencies"]
        agencies = None if asked == EVERYWHERE else [str(agency) for agency in asked]
        return [asdict(case) for case in await asyncio.to_thread(dead_letters.cases, agencies)]

    async def settled(body: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(dead_letters.settled, str(body["agency"]), str(body["case"]))

    async def replay(body: Mapping[str, Any]) -> Any:
        done = await asyncio.to_thread(dead_letters.replay, str(body["agency"]), str(body["case"]))
        for reactor in reactors:
            reactor.look()
        return done

    async def discard(body: Mapping[str, Any]) -> Any:
        case, why = (str(body["agency"]), str(body["case"])), {"reason": str(body["reason"]), "by": str(body["by"])}
        done = await asyncio.to_thread(partial(dead_letters.discard, *case, **why))
        for reactor in reactors:
            reactor.look()
        return done

    async def follow_anew(body: Mapping[str, Any]) -> Any:
        mine = [reactor for reactor in reactors if reactor.source == str(body["source"])]
        for reactor in mine:
            reactor.follow_anew()
        return {"following": len(mine)}

    return {
        "parked": cases,
        "settled": settled,
        "replay": noted(replay),
        "discard": noted(discard),
        "follow-anew": follow_anew,
    }


def timer_operations(kit: Kit, built: Service) -> Mapping[str, OperationHandler]:
    """``retell-timers``: the table of timers is written anew from the events."""

    async def retell_timers(_: Mapping[str, Any]) -> Any:
        told = await asyncio.to_thread(retell, kit.store, kit.service, built.streams)
        kit.timer_wakeup.hear(kit.clock())
        return told

    return {"retell-timers": noted(retell_timers)}


def job_rows(kit: Kit) -> JobRows:
    return JobRows(kit.engine, kit.store.place.schema, kit.clock)


def job_owner(kit: Kit, built: Service) -> JobOwner:
    key = load_keyring(kit.settings).derive("jobs")
    return JobOwner(
        kit.service, rows=job_rows(kit), queues=built.queues, execute=kit.execute, clock=kit.clock, key=key,
        held=lambda: kit.hold is not None, outcomes=kit.job_outcomes,
    )  # fmt: skip


def job_operations(kit: Kit, built: Service) -> Mapping[str, OperationHandler]:
    """What is asked of a service's jobs; nothing where it has no queues."""
    if not built.queues:
        return {}
    retell_jobs = partial(jobtable.retell, kit.store, kit.service, built.streams)

    def ring() -> None:
        kit.job_wakeup.hear(kit.clock())

    return operations(list(built.queues), job_rows(kit), job_owner(kit, built), ring, retell_jobs)
