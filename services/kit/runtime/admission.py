"""A store that came back from a backup runs only when somebody has looked that nobody else runs on this bus.

The product that it is a copy of may live still. Both on one bus would each take the other's stream for its own: the
restored one has the higher epoch, and would have the streams of the living one made anew. Who migrates looks, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.settings import Settings
from services.kit.store import schema
from services.kit.store.opening import Store, open_store

PATIENCE_SECONDS = 45.0
"""A product that has just died is still counted as a reader of its streams for less than that."""


class NotAdmitted(Exception):
    """The sentence for whoever started it."""


async def admit(
    settings: Settings, bus: Bus, services: Sequence[str], stating: Sequence[str], patience: float = PATIENCE_SECONDS
) -> bool:
    """Whether there was something to admit. Raises NotAdmitted where the streams of this bus are read by others.

    Whoever migrates may ask nobody (`services.kit.bus.rights`); but he sees whether the streams have readers, and every
    product that lives reads its own.
    """
    with _opened(settings, services) as stores:
        waiting = [store for store in stores if _waits(store)]
        if not waiting:
            return False
        ends = asyncio.get_running_loop().time() + patience
        while others := [service for service in stating if await streams.followed(bus.js, service)]:
            if asyncio.get_running_loop().time() >= ends:
                break
            await asyncio.sleep(1.0)
        if others:
            raise NotAdmitted(
                f"Simpanan ini dipulihkan dari cadangan {waiting[0].restored()[-1].archive}, tetapi pada bus ini sudah "
                f"ada Caraka yang hidup ({', '.join(others)}). Keduanya tidak boleh berjalan bersama: hentikan yang "
                "lama, atau pakai bus lain (CARAKA_NATS_URL, CARAKA_NATS_PORT)."
            )
        at = datetime.now(UTC).isoformat(timespec="seconds")
        for store in waiting:
            with store.locked() as transaction:
                transaction.execute(schema.ADMIT, (at,))
    return True


def require_admitted(store: Store) -> None:
    """Raises NotAdmitted where nobody has looked yet."""
    if _waits(store):
        raise NotAdmitted(
            f"Simpanan {store.place.service} dipulihkan dari cadangan dan belum diperiksa: "
            "jalankan `caraka migrate` dahulu."
        )


def _waits(store: Store) -> bool:
    return any(not each.admitted_at for each in store.restored())


@contextmanager
def _opened(settings: Settings, services: Sequence[str]) -> Iterator[list[Store]]:
    stores = [open_store(settings, service) for service in services]
    try:
        yield stores
    finally:
        for store in stores:
            store.close()
