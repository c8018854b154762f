"""Several processes of one service on one store: who commits wakes the relay of the others, so that nobody polls hard.

A lost word costs the relay's next look (`Relay` polls slowly besides); a false one costs a read that finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.bus.wire.feed import Arrival
from services.kit.store.notifier import Bell

SECONDS = 60.0


async def wake_each_other(bus: Bus, service: str, bell: Bell, position: Callable[[], int]) -> None:
    """Until cancelled. ``bell`` rings at every commit of this process; ``position``: where its last one ended."""
    me, told = uuid4().bytes, position()

    def hear(message: Arrival) -> None:
        if message.data != me:
            bell.ring()

    subject = subjects.wake(service)
    subscription = await bus.feeds.subscribe(subject, hear)
    try:
        with bell.listen() as listener:
            while True:
                await listener.wait(SECONDS)
                if position() != told:
                    told = position()
                    await bus.publish_live(subject, me)
    finally:
        await bus.feeds.unsubscribe(subscription)
