"""A service whose store is behind what others have heard of it writes nothing until a person decides.

A store that has lost its newest events (a write-ahead log, yesterday's copy) would give out again what it had given:
numbers, names, promises. So before a service serves anything, its store is compared with the last message of its stream
and with whoever chains its history. A stream that is gone or shorter says nothing: the bus may forget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from contracts.base import Refusal
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint
from services.kit.operations.marks import Mark, NotTold
from services.kit.outbox.lacking import last_fed, lost
from services.kit.outbox.relay import INFRASTRUCTURE
from services.kit.store.identity import StoreId
from services.kit.store.log import Log

HELD = "kit.store-held"
STREAM, CHAIN = "stream", "chain"
AGAIN_SECONDS = 60  # a client need not ask more often: a person has to decide

log = structlog.get_logger(__name__)


Witness = Callable[[Bus, str], Awaitable[Mark | None]]
"""``async (bus, service)``: None: nothing of it is kept. Raises NotTold, and what a broker that is away raises."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What others have heard and the store has not. ``by``: stream, chain."""

    by: str
    heard: Checkpoint
    sentence: str


@dataclass
class Hold:
    """Why a service is held. ``decided``: a person has gone on from what is there."""

    service: str
    lacks: tuple[Lack, ...]
    epoch: int
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    decided: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reason(self) -> str:
        told = "; ".join(each.sentence for each in self.lacks)
        return f"{told}. Nothing is written until a person decides: `caraka store adopt {self.service}`"

    def refusal(self) -> Refusal:
        detail = {"service": self.service, "since": self.since.isoformat(), "seconds": AGAIN_SECONDS}
        return Refusal(code=HELD, status=503, detail=detail)

    def health(self) -> Mapping[str, Any]:
        return {"state": "held", "reason": self.reason, "since": self.since}


async def by_stream(bus: Bus, service: str, own: Log) -> Lack | None:
    """The stream is asked before the store: what is written meanwhile makes the store longer, never shorter."""
    end = await streams.tail(bus.js, service)
    fed = await last_fed(bus, service, end) if end is not None and end.messages else None
    if end is None or fed is None:
        return None
    heard, data = fed
    what = await asyncio.to_thread(_compared, own, heard, data)
    ours = heard.same_store(_nowhere(own.store_id))  # as `_compared` has just read it
    if not what and ours and end.messages > await asyncio.to_thread(own.count, heard.position):
        missing = await lost(bus, service, own, end)
        what = f"it lacks position {missing.position}" if missing is not None else ""
    return Lack(STREAM, heard, f"its stream has told {heard}: {what}") if what else None


async def by_chain(bus: Bus, service: str, own: Log, witness: Witness) -> Lack | None:
    """Raises as the witness does."""
    mark = await witness(bus, service)
    return None if mark is None else await asyncio.to_thread(behind_chain, own, mark)


def behind_chain(own: Log, mark: Mark) -> Lack | None:
    heard, what = mark.checkpoint, _compared(own, mark.checkpoint, None)
    if not what and heard.same_store(_nowhere(own.store_id)) and mark.count > (there := own.count(heard.position)):
        what = f"it has {there} of {mark.count} events"
    return Lack(CHAIN, heard, f"its chain goes to {heard}: {what}") if what else None


def _compared(own: Log, heard: Checkpoint, data: bytes | None) -> str:
    """What is wrong with a store that others have heard this of; "": nothing, or a person has decided it."""
    name, head = own.store_id_now(), own.head()
    if heard.store == name.store and heard.epoch < name.epoch:
        return ""
    if (heard.store, heard.epoch) != (name.store, name.epoch):
        return "" if _decided(own, heard) else f"the store is {name.store}.{name.epoch} and ends at {head}"
    if heard.position > head:
        return f"the store ends at {head}"
    if data is not None:
        rows = own.read(heard.position - 1, 1)
        if not rows or rows[0].position != heard.position or bytes(rows[0].data) != data:
            return f"the store has another event at position {heard.position}"
    return ""


def _decided(own: Log, heard: Checkpoint) -> bool:
    known = (Checkpoint.parse(each) for adoption in own.adopted() for each in adoption.lacked)
    return any(each.same_store(heard) and heard.position <= each.position for each in known)


def _nowhere(name: StoreId) -> Checkpoint:
    return Checkpoint(name.store, name.epoch, 0)


class StoreHeld(Exception):
    """The store is behind what others have heard of it; the message says what, and what a person can do."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """``heard_all``: the witness has answered too."""

    lacks: tuple[Lack, ...]
    heard_all: bool = True


def hold_of(own: Log, service: str, judgement: Judgement) -> Hold | None:
    return Hold(service, judgement.lacks, own.store_id.epoch) if judgement.lacks else None


async def judge(bus: Bus, service: str, own: Log, witness: Witness | None, patience: float) -> Judgement:
    """Waits for the bus as long as it takes, for the witness at most so many seconds: an office must not stand still
    because he is away. Then the stream alone has been asked.
    """
    told = [await _from_the_bus(bus, service, own)]
    ends, heard_all = asyncio.get_running_loop().time() + patience, witness is None
    while witness is not None and not heard_all:
        try:
            told.append(await by_chain(bus, service, own, witness))
            heard_all = True
        except (NotTold, *INFRASTRUCTURE) as away:
            if asyncio.get_running_loop().time() >= ends:
                log.warning("store.not-compared", service=service, reason=str(away) or type(away).__name__)
                break
            await asyncio.sleep(0.1)
    return Judgement(tuple(each for each in told if each is not None), heard_all)


async def _from_the_bus(bus: Bus, service: str, own: Log) -> Lack | None:
    wait = 0.1
    while True:
        try:
            return await by_stream(bus, service, own)
        except INFRASTRUCTURE as failed:
            log.warning("store.waits-for-bus", service=service, reason=str(failed) or type(failed).__name__)
        await asyncio.sleep(wait)
        wait = min(wait * 2, 2.0)
