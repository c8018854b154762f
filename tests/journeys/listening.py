"""An open live board: reads the stream of changes as a browser does."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo import Person


@dataclass(frozen=True)
class Told:
    """One message of the stream, and when it came (monotonic)."""

    event: str
    id: str
    data: dict[str, Any]
    at: float


@dataclass
class Listener:
    told: list[Told] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: str, identity: str, data: str) -> None:
        self.told.append(Told(event, identity, json.loads(data), time.monotonic()))
        self._news.set()

    async def until(self, stage: str, letter: str, *, seconds: float = 60) -> Told:
        """The change that brought the letter to this stage."""
        ends = time.monotonic() + seconds
        while True:
            for told in self.told:
                if told.event == "change" and (told.data["case_id"], told.data["stage"]) == (letter, stage):
                    return told
            self._news.clear()
            async with asyncio.timeout(max(ends - time.monotonic(), 0)):
                await self._news.wait()

    async def until_reset(self, *, seconds: float = 60) -> Told:
        ends = time.monotonic() + seconds
        while True:
            if found := next((told for told in self.told if told.event == "reset"), None):
                return found
            self._news.clear()
            async with asyncio.timeout(max(ends - time.monotonic(), 0)):
                await self._news.wait()


@asynccontextmanager
async def listening(person: Person, last_event_id: str = "") -> AsyncIterator[Listener]:
    """Returns when the stream is open: what happens from now on is heard."""
    listener = Listener()
    headers = {name: value.encode() for name, value in person._headers.items()}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id.encode("latin-1")  # as a hostile client may

    async def read() -> None:
        async with person._client.stream("GET", "/api/v1/stream", headers=headers) as answer:
            assert answer.status_code == 200, answer.status_code
            message: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line.startswith(": open"):
                    listener.open.set()
                elif not line and message.get("data"):
                    listener.take(message.get("event", ""), message.get("id", ""), message["data"])
                    message = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    message[name] = value

    reading = asyncio.create_task(read())
    try:
        opened = asyncio.create_task(listener.open.wait())
        await asyncio.wait([opened, reading], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        if reading.done():
            reading.result()
        assert listener.open.is_set(), "the stream did not open"
        yield listener
    finally:
        reading.cancel()
        await asyncio.wait([reading])
