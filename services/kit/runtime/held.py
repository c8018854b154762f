"""Starting a service only where its store stands; else holding it, and letting it go on when a person has decided."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import structlog

from services.kit.operations.health import OperationHandler
from services.kit.operations.marks import NotTold
from services.kit.operations.stream_keeper import renew_stream
from services.kit.outbox.relay import INFRASTRUCTURE
from services.kit.runtime.hold import STREAM, Hold, Witness, by_chain, hold_of, judge
from services.kit.runtime.kit import Kit
from services.kit.runtime.supervise import Supervisor
from services.kit.store.opening import Adoption

WITNESS_SECONDS = 5.0
LOOK_SECONDS = 2.0
READS = frozenset({"parked"})
LONGEST_NAME, LONGEST_REASON = 64, 500

log = structlog.get_logger(__name__)


async def stand(
    kit: Kit,
    supervisor: Supervisor,
    parts: dict[str, Callable[[], Mapping[str, Any]]],
    start: Callable[[], None],
    witness: Witness | None,
) -> None:
    """Before anything is served: starts the service's loops, or holds it and starts them when a person has decided."""
    judgement = await judge(kit.bus, kit.service, kit.log, witness, WITNESS_SECONDS)
    kit.hold = await asyncio.to_thread(hold_of, kit.log, kit.service, judgement)
    standing = Standing(kit)
    await asyncio.to_thread(standing.look)
    parts["store"] = standing.health
    if kit.hold is not None:
        log.critical("store.held", service=kit.service, reason=kit.hold.reason)
        supervisor.add("held", partial(_until_decided, kit, standing, start))
        return
    start()
    if witness is not None and not judgement.heard_all:
        supervisor.add("witness", partial(_until_heard, kit, witness))


class Standing:
    """What a service says of its store: held, or which epoch it is in and who has gone on from what."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._told: Mapping[str, Any] = {}

    def look(self) -> None:
        name, adopted = self._kit.log.store_id_now(), self._kit.log.adopted()
        self._told = {"state": "standing", "store": name.store, "epoch": name.epoch}
        if adopted:
            last = adopted[-1]
            told = f" ({', '.join(last.lacked)} was told)" if last.lacked else ""
            went_on = f"epoch {name.epoch} since {last.at}, from position {last.head}{told}"
            self._told |= {"note": f"{went_on}; {last.by}: {last.reason}"}

    def health(self) -> Mapping[str, Any]:
        writing = self._kit.writer.health() if self._kit.writer is not None else {}
        return {**self._told, **writing, **(self._kit.hold.health() if self._kit.hold is not None else {})}


async def _until_decided(kit: Kit, standing: Standing, start: Callable[[], None]) -> None:
    """Another process of the service may have been told: the store says so too."""
    hold = kit.hold
    assert hold is not None  # noqa: S101 - whoever added this loop looked
    while not hold.decided.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await hold.decided.wait()
        if (await asyncio.to_thread(kit.log.store_id_now)).epoch > hold.epoch:
            break
    await asyncio.to_thread(standing.look)
    kit.hold = None
    log.warning("store.adopted", service=kit.service)
    start()


async def _until_heard(kit: Kit, witness: Witness) -> None:
    """He was away at the start. When he comes and the store is behind, the process ends; it is held when it is back."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await by_chain(kit.bus, kit.service, kit.log, witness)
        except (NotTold, *INFRASTRUCTURE):
            continue
        if found is not None:
            log.critical("store.behind", service=kit.service, reason=found.sentence)
            os.kill(os.getpid(), signal.SIGTERM)
        return


def unless_held(kit: Kit, operations: Mapping[str, OperationHandler]) -> dict[str, OperationHandler]:
    """What changes something is refused while the service is held."""

    def guarded(operation: OperationHandler) -> OperationHandler:
        async def run(body: Mapping[str, Any]) -> Any:
            if kit.hold is not None:
                raise ValueError(kit.hold.reason)
            return await operation(body)

        return run

    return {name: each if name in READS else guarded(each) for name, each in operations.items()}


def store_operations(kit: Kit) -> Mapping[str, OperationHandler]:
    """``adopt-store``: a person goes on from a store that others have heard more of; who, when and why stay in it."""

    async def adopt(body: Mapping[str, Any]) -> Any:
        by, reason = str(body["by"]).strip()[:LONGEST_NAME], str(body["reason"]).strip()[:LONGEST_REASON]
        hold = kit.hold
        if hold is None:
            return await asyncio.to_thread(_adopted_before, kit)
        if not by or not reason:
            raise ValueError("who decides, and why, must be said")
        lacked = tuple(str(each.heard) for each in hold.lacks)
        head = await asyncio.to_thread(kit.log.head)
        adoption = Adoption(kit.clock().isoformat(timespec="seconds"), by, reason, head, lacked)
        name = await asyncio.to_thread(kit.store.adopt, adoption)
        await _drop_stream(kit, hold)
        hold.decided.set()
        log.warning("store.adopt", service=kit.service, by=by, reason=reason, epoch=name.epoch, head=head)
        return {"store": name.store, "epoch": name.epoch, "head": head, "lacked": list(lacked)}

    return {"adopt-store": adopt}


def _adopted_before(kit: Kit) -> Mapping[str, Any]:
    """What has been decided already: those who follow may have to be told again."""
    if not (adopted := kit.log.adopted()):
        raise LookupError(f"{kit.service} is not held: there is nothing to adopt")
    name, last = kit.log.store_id_now(), adopted[-1]
    return {"store": name.store, "epoch": name.epoch, "head": last.head, "lacked": list(last.lacked)}


async def _drop_stream(kit: Kit, hold: Hold) -> None:
    """It is no copy of what is now the truth; the relay feeds it anew. Where that fails the relay says so itself."""
    if any(each.by == STREAM for each in hold.lacks):
        with contextlib.suppress(*INFRASTRUCTURE):
            await renew_stream(kit.bus, kit.service)
