"""Whether the product's bus can be reached from the console."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from services.kit.bus.connection import Bus, NoResponder
from services.kit.settings import Settings

BUS_SECONDS = 2.0


async def reachable(settings: Settings) -> Bus | None:
    """A connection to the bus; None where nobody listens (the product is stopped)."""
    address = urlsplit(settings.broker_url.split(",")[0])
    try:
        async with asyncio.timeout(BUS_SECONDS):
            _, writer = await asyncio.open_connection(address.hostname or "127.0.0.1", address.port or 4222)
    except (OSError, TimeoutError):
        return None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    try:
        return await Bus.connect(settings.broker_url, service="verify", patience=BUS_SECONDS)
    except NoResponder:
        return None
