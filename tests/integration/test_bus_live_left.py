"""A board that is closed while it is being opened harms nobody who shares its connection."""

import asyncio
import contextlib

import pytest

from services.kit.bus.connection import Bus

pytestmark = pytest.mark.usefixtures("way")

SUBJECT = "live.pekalongan.letters"


async def test_who_leaves_while_his_board_opens_leaves_the_connection_as_it_was(nats_url: str) -> None:
    bus = await Bus.connect(nats_url, service="gateway")
    try:
        standing = len(bus.client._subs)
        for _ in range(50):
            for steps in range(8):
                opening = asyncio.create_task(bus.subscribe_live(SUBJECT))
                for _ in range(steps):
                    await asyncio.sleep(0)
                opening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await (await opening).aclose()
        async with await bus.subscribe_live(SUBJECT) as feed:
            async with asyncio.timeout(2):
                await bus.publish_live(SUBJECT, b"kabar")
                assert await anext(feed) == b"kabar"
        assert len(bus.client._subs) == standing
        assert bus.health()["state"] == "connected"
        assert bus.health()["reconnects"] == 0
    finally:
        await bus.close()
