"""Several processes of one service on one store: who commits wakes the relay of the others, so that nobody polls hard.

A lost word costs the relay's next look (`Relay` polls slowly besides); a false one costs a read that finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.bus.wire import Arrival
from services.kit.store.notifier import Notifier

SECONDS = 60.0


async def notify_each_other(bus: Bus, service: str, notifier: Notifier, position: Callable[[], int]) -> None:
    """Until cancelled. ``notifier`` wakes at every commit of this process; ``position``: where its last one ended."""
    me, told = uuid4().bytes, position()

    def hear(message: Arrival) -> None:
        if message.data != me:
            notifier.notify()

    subscription = await bus.dispatch.subscribe(subjects.woken(service), hear)
    try:
        with notifier.listen() as listener:
            while True:
                await listener.wait(SECONDS)
                if position() != told:
                    told = position()
                    await bus.publish_live(subjects.wake(service), me)
    finally:
        await bus.dispatch.unsubscribe(subscription)
