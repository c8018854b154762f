"""Work of an office while things break: letters carried, letters entered, mail arriving; and the client's own ledger.

Every deed has its Idempotency-Key and is repeated with it until it is answered, as a patient client does. What was
acknowledged is written down; afterwards `caraka verify --ledger` must find all of it, once.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from services.cli.demo import FIELDS, Person, message
from tests.faults.limits import late_complaint, limits_told, told_otherwise
from tests.faults.trial import SEED, Trial
from tests.hostile_mail import HOSTILE
from tests.journeys.road import RECEIVER
from tests.parts.books import first_number
from tests.parts.product import Product

PATIENCE = 90.0
NAMES = ("operator", "kasi", "kabid", "kadis", "caraka-1")
NOT_YET = {404, 409}  # a reaction of another service has not come yet


def seeded() -> random.Random:
    """The dice of one fault; the seed is printed, and may be given again by CARAKA_TEST_SEED."""
    print(f"seed: {SEED}")  # noqa: T201 - shown where the test fails
    return random.Random(SEED)  # noqa: S311 - dice, no secret


class NotDone(AssertionError):
    """A deed that was not answered in time, or refused although it was due."""


class Load:
    """`work` until left; then every letter that was begun is carried to its end."""

    def __init__(
        self,
        product: Product,
        trial: Trial | random.Random,
        *,
        per_second: float = 20,
        hands: int = 1,
        complaints: bool = False,
    ) -> None:
        """``trial``: the trial that this load belongs to, or only its dice. ``hands``: how many enter the letters.
        ``complaints``: late ones come in too.
        """
        self.product = product
        self.dice = trial.dice if isinstance(trial, Trial) else trial
        if isinstance(trial, Trial):
            trial.loads.append(self)
        self.ledger = product.home / f"ledger-{uuid4().hex[:6]}.jsonl"
        self.archived: list[str] = []
        self.entered: list[str] = []
        self.dropped: list[str] = []
        self.complained: list[str] = []
        self._complaining = complaints
        self.acknowledged = self.repeated = 0
        self.said: Counter[str] = Counter()
        """What was answered instead of 200, by status or by the error of the connection."""
        self.recoveries: list[float] = []
        self._healed: set[asyncio.Task[None]] = set()
        self.answers: list[tuple[float, float]] = []
        """When each deed was acknowledged (monotonic), and after how many seconds."""
        self._between, self._hands = hands / per_second, hands
        self._stopping = asyncio.Event()
        self._people: dict[str, Person] = {}
        self._small = [make().raw for make in HOSTILE.values() if len(make().raw) < 20_000]

    @asynccontextmanager
    async def work(self) -> AsyncIterator["Load"]:
        """Two letters on the road at any time, letters by hand, mail; everything is finished before this returns."""
        async with self.product.client() as client, asyncio.TaskGroup() as group:
            for name in NAMES:
                self._people[name] = await self.product.session(client, name)
            for _ in range(2):
                group.create_task(self._carry_for_ever())
            for _ in range(self._hands):
                group.create_task(self._enter_for_ever())
            group.create_task(self._post_for_ever())
            if self._complaining:
                group.create_task(self._complain_for_ever())
            try:
                yield self
            finally:
                self._stopping.set()
                await asyncio.gather(*self._healed)

    def healed(self) -> None:
        """The fault is over as far as the test is concerned: from now on it is counted how long the road needs."""
        self._healed.add(asyncio.create_task(self._recover(time.monotonic())))

    async def until_recovered(self) -> None:
        """Until what was last `healed` works again."""
        await asyncio.gather(*self._healed)

    async def enter_many(self, count: int, at_once: int) -> None:
        """So many letters by hand, as fast as they are taken."""
        left = iter(range(count))

        async def enter() -> None:
            for _ in left:
                body = {"received_at": datetime.now(UTC).isoformat(), "fields": FIELDS}
                await self._do("operator", "/letters", body)

        await asyncio.gather(*(enter() for _ in range(at_once)))

    def answered(self) -> str:
        """What clients were told instead of 200 and repeated, in words."""
        return ", ".join(f"{count} × {what}" for what, count in self.said.most_common()) or "nothing but 200"

    def cookie(self, name: str) -> str:
        """The session of one of the people at work."""
        return self._people[name]._headers["Cookie"]

    async def settled(self) -> list[str]:
        """What is wrong when all is quiet: broken invariants, letters not where they were brought, lost mail."""
        await limits_told(self.product, self.complained)
        await self.product.until_quiet(60)
        wrong = await self.product.breaches(self.ledger)
        wrong += told_otherwise(self.product, self.complained)
        async with self.product.person("operator") as operator:
            for stage, letters in (("archived", self.archived), ("registered", self.entered)):
                for letter in letters:
                    shown = await operator.send("GET", f"/letters/{letter}")
                    if shown.status_code != 200 or shown.json()["row"]["stage"] != stage:
                        wrong.append(f"{letter} is not {stage}: {shown.status_code}")
        taken = self.product.taken()
        wrong += [f"mail {name} was taken {taken.get(name, 0)} times" for name in self.dropped if taken.get(name) != 1]
        taken_now = [event["data"] for event in self.product.events("intake", "AgendaNumberTaken")]
        year = max((each["year"] for each in taken_now), default=0)
        agendas = [each["number"] for each in taken_now if each["year"] == year]
        first = first_number(year)
        if agendas != list(range(first, first + len(agendas))):
            wrong.append(f"the agenda book has gaps: {agendas}")
        print(f"{self.acknowledged} acknowledged, {self.repeated} repeated, {len(self.archived)} archived, "  # noqa: T201 - shown where the test fails
              f"{len(self.dropped)} mails, recovered in {[round(each, 1) for each in self.recoveries]} s")  # fmt: skip
        return wrong

    async def _recover(self, since: float) -> None:
        """A letter is entered, acknowledged, and seen in the views: store, bus and projections work."""
        said = await self._do("operator", "/letters", {"received_at": datetime.now(UTC).isoformat(), "fields": FIELDS})
        self.entered.append(said["result"]["letter_id"])
        await self._see("operator", f"/letters/{self.entered[-1]}", "registered")
        self.recoveries.append(time.monotonic() - since)

    async def _carry_for_ever(self) -> None:
        while not self._stopping.is_set():
            said = await self._do("operator", "/letters/upload", message(), {"Content-Type": "message/rfc822"})
            letter = said["result"]["letter_id"]
            await self._do("operator", f"/letters/{letter}/examine", {"fields": FIELDS})
            await self._do("operator", f"/letters/{letter}/register")
            await self._do("operator", f"/letters/{letter}/print")
            await self._do("operator", f"/letters/{letter}/forward")
            for tier in ("kasi", "kabid", "kadis"):
                await self._do(tier, f"/approvals/{letter}/initial", {"note": ""})
            await self._do("kasi", f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
            for copy in (await self._see("operator", f"/letters/{letter}", "assigned"))["copies"]:
                report = {"letter_id": letter, "delivered": True, **RECEIVER}
                await self._do("caraka-1", f"/deliveries/{copy['copy_id']}/record", report)
            await self._do("operator", f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1"})
            self.archived.append(letter)

    async def _enter_for_ever(self) -> None:
        while not self._stopping.is_set():
            body = {"received_at": datetime.now(UTC).isoformat(), "fields": FIELDS}
            said = await self._do("operator", "/letters", body)
            self.entered.append(said["result"]["letter_id"])
            await asyncio.sleep(self._between * self.dice.uniform(0.5, 1.5))

    async def _complain_for_ever(self) -> None:
        """Complaints that came weeks ago: every limit of theirs is over the moment that they are entered."""
        while not self._stopping.is_set():
            said = await self._do("operator", "/complaints", late_complaint(datetime.now(UTC)))
            self.complained.append(said["result"]["complaint_id"])
            await asyncio.sleep(0.3 * self.dice.uniform(0.5, 1.5))

    async def _post_for_ever(self) -> None:
        while not self._stopping.is_set():
            name = f"{time.time_ns()}.{len(self.dropped)}.caraka"
            with contextlib.suppress(OSError):  # a full disk takes no mail: the sender's server keeps it
                self.product.drop(self.dice.choice([message(), *self._small]), name)
                self.dropped.append(name)
            await asyncio.sleep(0.2 * self.dice.uniform(0.5, 1.5))

    async def _do(self, who: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """One deed, repeated with the same key until it is acknowledged."""
        headers = {"Idempotency-Key": uuid4().hex, **(headers or {})}
        content = {"content": body} if isinstance(body, bytes) else {"json": body or {}}
        said: str = ""
        ends = time.monotonic() + PATIENCE
        while (began := time.monotonic()) < ends:
            try:
                answer = await self._people[who].send("POST", path, headers=headers, **content)
            except httpx.TransportError as error:
                said = type(error).__name__
                self.said[said] += 1
            else:
                if answer.status_code == 200:
                    self.answers.append((time.monotonic(), time.monotonic() - began))
                    return self._acknowledge(answer.json())
                said = f"{answer.status_code} {answer.text[:300]}"
                self.said[str(answer.status_code)] += 1
                if answer.status_code < 500 and answer.status_code not in NOT_YET:
                    break
            self.repeated += 1
            await asyncio.sleep(0.1)
        message = f"{who} {path}: {said}"
        raise NotDone(message)

    async def _see(self, who: str, path: str, stage: str) -> dict[str, Any]:
        """Waits until the views show the letter at this stage."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                answer = await self._people[who].send("GET", path)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200 and answer.json()["row"]["stage"] == stage:
                shown: dict[str, Any] = answer.json()
                return shown
            await asyncio.sleep(0.1)
        message = f"{path} never became {stage}"
        raise NotDone(message)

    def _acknowledge(self, accepted: dict[str, Any]) -> dict[str, Any]:
        with self.ledger.open("a") as lines:
            lines.write(json.dumps({"command_id": accepted["command_id"], "after": accepted["after"]}) + "\n")
        self.acknowledged += 1
        return accepted
