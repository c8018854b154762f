"""The people of the road, each doing his part through the API; what the journeys and the faults walk with."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.cli.demo import FIELDS, Person, message, patiently, until
from tests.parts.product import Product

RECEIVER = {"receiver_name": "Penerima Contoh", "receiver_position": "Staf Tata Usaha"}
TIERS = ("kasi", "kabid", "kadis")


@dataclass(frozen=True)
class Office:
    operator: Person
    kasi: Person
    kabid: Person
    kadis: Person
    courier: Person

    async def upload(self, raw: bytes | None = None) -> str:
        return await uploaded(self.operator, raw)

    async def printed(self, letter: str) -> str:
        """Examines, registers and prints; returns the agenda number."""
        await self.operator.do(f"/letters/{letter}/examine", {"fields": FIELDS})
        registered = await self.operator.do(f"/letters/{letter}/register")
        await self.operator.do(f"/letters/{letter}/print")
        agenda: str = registered["result"]["agenda"]
        return agenda

    async def forwarded(self, raw: bytes | None = None) -> str:
        """A new letter, on the way to the Kasi."""
        letter = await self.upload(raw)
        await self.printed(letter)
        await self.operator.do(f"/letters/{letter}/forward")
        await until(self.kasi, letter, "forwarded")
        return letter

    async def initial(self, letter: str, *tiers: str) -> None:
        for tier in tiers or TIERS:
            await patiently(getattr(self, tier), f"/approvals/{letter}/initial", {"note": ""})

    async def deliver(self, letter: str) -> None:
        """From the release to the archive."""
        await until(self.kasi, letter, "released")
        await patiently(self.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        for copy in (await until(self.operator, letter, "assigned"))["copies"]:
            report = {"letter_id": letter, "delivered": True, **RECEIVER}
            await self.courier.do(f"/deliveries/{copy['copy_id']}/record", report)
        await until(self.operator, letter, "proven")
        await self.operator.do(f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1, map 4"})
        await until(self.operator, letter, "archived")

    async def story(self, letter: str) -> list[str]:
        """The kinds of what happened, without service and version."""
        shown = await self.operator.see(f"/letters/{letter}/events")
        return [entry["kind"].split(".")[1] for entry in shown["entries"]]


async def uploaded(operator: Person, raw: bytes | None = None) -> str:
    """A letter by hand of an operator; its id."""
    said = await operator.do("/letters/upload", raw or message(), **{"Content-Type": "message/rfc822"})
    letter: str = said["result"]["letter_id"]
    return letter


@asynccontextmanager
async def office(product: Product, agency: str = "pekalongan") -> AsyncIterator[Office]:
    async with product.people("operator", "kasi", "kabid", "kadis", "caraka-1", agency=agency) as people:
        yield Office(*people)


async def letters(person: Person, *, text: str = "", stage: str = "") -> list[dict[str, Any]]:
    """All rows, page after page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        asked = {"limit": "200", "cursor": cursor, "text": text, **({"stage": stage} if stage else {})}
        page = await person.see("/letters", **asked)
        found += page["letters"]
        cursor = page["cursor"]
        if not cursor:
            return found


async def until_counted(person: Person, count: int, *, seconds: float = 60) -> list[dict[str, Any]]:
    """Waits until so many letters are known."""
    ends = time.monotonic() + seconds
    while len(found := await letters(person)) < count:
        if time.monotonic() > ends:
            stages = sorted(row["stage"] for row in found)
            message = f"{len(found)} of {count} letters after {seconds:g} s: {stages}"
            raise TimeoutError(message)
        await asyncio.sleep(0.2)
    return found


async def waits_for(person: Person, letter: str, *, seconds: float = 60) -> list[str]:
    """What this person is to do with a letter, as soon as his tasks name it: another service says so than its stage."""
    async with asyncio.timeout(seconds):
        while True:
            tasks = (await person.see("/dashboards/tasks"))["tasks"]
            if found := [task["action"] for task in tasks if task["case"]["case_id"] == letter]:
                return found
            await asyncio.sleep(0.05)
