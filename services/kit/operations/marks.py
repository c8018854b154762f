"""How far each store's history is kept elsewhere, as whoever keeps it tells on the bus: the last word for each service.

A service reads it before it writes (`services/kit/runtime/hold.py`). It asks nobody: who answers services could be
made to say something in their names (`services/kit/bus/rights.py`). A bus that forgot is told again.
"""

from __future__ import annotations

from dataclasses import dataclass

import nats.js.errors
import orjson

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint


@dataclass(frozen=True, slots=True)
class Mark:
    """``count``: how many events are kept up to the checkpoint, less those that are known to be gone."""

    checkpoint: Checkpoint
    count: int


class NotTold(Exception):
    """Nobody has said anything of this service: he who keeps its history is away, or the bus has forgotten."""


async def tell(bus: Bus, service: str, mark: Mark | None) -> None:
    """None: nothing of it is kept yet. Raises what a broker that is away raises."""
    said = {"checkpoint": str(mark.checkpoint), "count": mark.count} if mark is not None else {}
    await bus.js.publish(subjects.mark(service), orjson.dumps(said))


async def told(bus: Bus, service: str) -> Mark | None:
    """Raises `NotTold`, and what a broker that is away raises."""
    try:
        message = await bus.js.get_last_msg(subjects.MARKS_STREAM, subjects.mark(service))
    except nats.js.errors.NotFoundError:
        raise NotTold(service) from None
    said = orjson.loads(message.data or b"{}")
    return Mark(Checkpoint.parse(said["checkpoint"]), int(said["count"])) if said else None
