"""Streams are made by a broker that is busy, too."""

import asyncio
from pathlib import Path

import nats.errors
import pytest

from services.kit.bus import connection
from services.kit.bus.connection import Bus
from services.kit.operations.stream_keeper import declare_within
from tests.parts.nats import start_nats

WITHIN = 0.3


async def test_a_broker_that_answers_late_has_its_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "JETSTREAM_SECONDS", WITHIN)
    broker = start_nats(tmp_path)
    try:
        bus = await Bus.connect(broker.url, service="migration")
        broker.pause()
        with pytest.raises(nats.errors.TimeoutError):
            await declare_within(bus, ("intake",), {}, seconds=WITHIN)
        making = asyncio.create_task(declare_within(bus, ("intake",), {}, seconds=60))
        await asyncio.sleep(3 * WITHIN)
        assert not making.done()
        broker.resume()
        await making
        assert "EVT_INTAKE" in {each.config.name for each in await bus.js.streams_info()}
        await bus.close()
    finally:
        broker.kill()
