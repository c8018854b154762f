"""F14: the clock of the running product jumps; New Year, a leap day and three zones pass by; what is said is said once.

The moments are spelled in UTC. 31 December 2027 is a Friday, 29 February 2028 a Tuesday.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.demo import FIELDS, Person, message
from services.organisation.adapters.standards_files import own_standards
from tests.faults.limits import once, said_of
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.clock import Clock
from tests.parts.product import TOGETHER, Product, start_product

ZONES = {"pekalongan": "Asia/Jakarta", "wakatobi": "Asia/Makassar", "merauke": "Asia/Jayapura"}
DESK = ("operator", "pengaduan", "tim-pengaduan")
LIMITS = {"intake": "LetterOverdue", "approval": "TierOverdue", "dispatch": "DeliveryOverdue"}


def utc(year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def three_offices(folder: Path) -> Path:
    """The shipped files, and Pekalongan's once more in each of the other two zones."""
    shutil.copytree(own_standards(), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "samples"))
    for agency, zone in ZONES.items():
        if agency != "pekalongan":
            shutil.copytree(folder / "pekalongan", folder / agency)
            for path in (folder / agency).glob("*.toml"):
                words = path.read_text(encoding="utf-8")
                path.write_text(words.replace('"pekalongan"', f'"{agency}"').replace("Asia/Jakarta", zone), "utf-8")
    return folder


@contextmanager
def running(home: Path, now: datetime) -> Iterator[tuple[Product, Clock]]:
    """A ``caraka up`` of its own whose clock says this."""
    clock = Clock(home / "clock", now)
    offices = {"CARAKA_STANDARDS_DIR": str(three_offices(home / "standards"))}
    product = start_product(home / "product", env={**clock.environment(), **offices})
    try:
        yield product, clock
    finally:
        product.discard()


class Officer:
    """Somebody who logs in anew for every deed: a clock that jumps ends his session."""

    def __init__(self, product: Product, clock: Clock, agency: str = "pekalongan", name: str = "operator") -> None:
        self._product, self._clock, self._agency, self._name = product, clock, agency, name

    async def do(self, path: str, body: Any = None) -> dict[str, Any]:
        async with self._product.client() as client:
            person = await Person.login(client, self._name, self._product.password, self._agency)
            return await person.do(path, body)

    async def enter(self, received_at: datetime | None = None) -> str:
        """A letter by hand; its id."""
        body = {"received_at": (received_at or self._clock.now).isoformat(), "fields": FIELDS}
        letter: str = (await self.do("/letters", body))["result"]["letter_id"]
        return letter

    async def forward(self, received_at: datetime | None = None) -> str:
        letter = await self.enter(received_at)
        await self.do(f"/letters/{letter}/print")
        await self.do(f"/letters/{letter}/forward")
        return letter


def registered(product: Product, letter: str) -> dict[str, Any]:
    """What was decided when the letter was registered."""
    events = product.events("intake", "LetterRegistered")
    found: dict[str, Any] = next(event["data"] for event in events if event["data"]["letter_id"] == letter)
    return found


def due(product: Product, letter: str) -> datetime:
    return datetime.fromisoformat(registered(product, letter)["due_at"])


def over(product: Product, letter: str, kind: str = "LetterOverdue") -> list[datetime]:
    """When it was said that a limit of the letter is over."""
    service = next(service for service, known in LIMITS.items() if known == kind)
    found = [event for event in product.events(service, kind) if event["data"]["letter_id"] == letter]
    return [datetime.fromisoformat(event["time"]) for event in found]


async def until_said(product: Product, letter: str, kind: str = "LetterOverdue", seconds: float = 30) -> list[datetime]:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if said := over(product, letter, kind):
            return said
        await asyncio.sleep(0.2)
    return []


async def unbroken(product: Product) -> list[str]:
    """What ``caraka verify`` finds, as a command by the same clock."""
    await product.until_quiet(60)
    status, said = product.try_command("verify")
    assert "I10" in said
    return [] if status == 0 else [said]


@pytest.mark.fault("F14")
async def test_the_clock_jumps_forward_and_back_under_load(tmp_path: Path, trial: Trial) -> None:
    """Less than half an hour in all, so that nobody's session rests too long; it stays ahead of the machine's own."""
    ahead = datetime.now(UTC) + timedelta(minutes=10)
    with running(tmp_path, ahead) as (product, clock):
        async with Load(product, trial, complaints=True).work() as load:
            for _ in range(3):
                for minutes in (trial.dice.uniform(4, 9), -trial.dice.uniform(1, 4)):
                    await asyncio.to_thread(clock.move, minutes=minutes)
                    await asyncio.sleep(0.5)
            load.healed()
        assert await load.settled() == []
        assert load.archived
        assert load.complained
        assert await unbroken(product) == []


@pytest.mark.long
@pytest.mark.fault("F14")
async def test_new_year_comes_zone_by_zone_and_the_book_of_the_year_with_it(tmp_path: Path, trial: Trial) -> None:
    with running(tmp_path, utc(2027, 12, 31, 15, 30)) as (product, clock):
        officers = {agency: Officer(product, clock, agency) for agency in ZONES}
        letters = {agency: await officer.enter() for agency, officer in officers.items()}
        years = {agency: registered(product, letter)["year"] for agency, letter in letters.items()}
        assert years == {"pekalongan": 2027, "wakatobi": 2027, "merauke": 2028}
        # Received on Friday night: Monday 3 January at eight is the receipt, Tuesday 4 at 15.45 the end.
        assert {agency: due(product, letter) for agency, letter in letters.items()} == {
            "pekalongan": utc(2028, 1, 4, 8, 45), "wakatobi": utc(2028, 1, 4, 7, 45), "merauke": utc(2028, 1, 4, 6, 45),
        }  # fmt: skip
        await asyncio.to_thread(clock.set, utc(2027, 12, 31, 16, 59, 57))
        last = await officers["pekalongan"].enter()
        await asyncio.sleep(max(0.0, (utc(2027, 12, 31, 17) - clock.now).total_seconds()) + 0.1)
        first = await officers["pekalongan"].enter()
        said = [
            (registered(product, letter)["year"], registered(product, letter)["number"]) for letter in (last, first)
        ]
        assert said[1] == (2028, 1)
        assert said[0] in {(2027, 2), (2028, 1)}, "the machine may be slow"

        await asyncio.to_thread(clock.set, utc(2028, 1, 4, 6, 45, 1))
        assert await until_said(product, letters["merauke"])
        assert not over(product, letters["wakatobi"])
        assert not over(product, letters["pekalongan"])
        await asyncio.to_thread(clock.set, utc(2028, 1, 4, 8, 45, 1))
        for letter in letters.values():
            assert await until_said(product, letter)
        for moment in (utc(2028, 1, 3, 1), utc(2028, 1, 5, 1), utc(2027, 6, 1, 1), utc(2028, 1, 6, 1)):
            await asyncio.to_thread(clock.set, moment)
            await asyncio.sleep(6)  # longer than the timekeeper's longest sleep
        assert [len(over(product, letter)) for letter in letters.values()] == [1, 1, 1]
        assert await unbroken(product) == []
        trial.note("each of three zones: one year change, one book, one word that the deadline is over")


@pytest.mark.long
@pytest.mark.fault("F14")
async def test_a_leap_day_counts_and_what_came_due_while_all_stood_still_is_said_at_the_start(
    tmp_path: Path, trial: Trial
) -> None:
    with running(tmp_path, utc(2028, 2, 28, 7)) as (product, clock):
        letters = {agency: await Officer(product, clock, agency).forward() for agency in ZONES}
        # Monday 14.00 WIB, 15.00 WITA; 16.00 WIT is closed: received on the 29th.
        assert {agency: due(product, letter) for agency, letter in letters.items()} == {
            "pekalongan": utc(2028, 2, 29, 8, 45), "wakatobi": utc(2028, 2, 29, 7, 45),
            "merauke": utc(2028, 3, 1, 6, 45),
        }  # fmt: skip
        assert await until_said(product, letters["pekalongan"], "TierOverdue", 0.1) == []
        await product.until_quiet()
        product.stop()
        clock.set(utc(2028, 2, 29, 9))
        began = time.monotonic()
        product.start(TOGETHER)
        for agency in ("pekalongan", "wakatobi"):
            assert len(await until_said(product, letters[agency])) == 1
            assert len(await until_said(product, letters[agency], "TierOverdue")) == 1
        trial.note(f"late timers said {time.monotonic() - began:.1f} s after the start")
        assert over(product, letters["merauke"]) == []
        product.kill()
        await asyncio.to_thread(clock.set, utc(2028, 3, 1, 7))
        product.start(TOGETHER)
        assert len(await until_said(product, letters["merauke"])) == 1
        assert [
            len(over(product, letter, kind)) for letter in letters.values() for kind in ("LetterOverdue", "TierOverdue")
        ] == [1] * 6
        assert await unbroken(product) == []


@pytest.mark.long
@pytest.mark.fault("F14")
async def test_a_machine_without_its_battery_wakes_in_1970_and_is_set_right(tmp_path: Path) -> None:
    """Nothing is in force then; nobody meets a fault of ours, and nothing is lost when the clock is right again."""
    with running(tmp_path, utc(2028, 3, 2, 2)) as (product, clock):
        officer = Officer(product, clock)
        before = await officer.forward()
        await product.until_quiet()
        product.stop()
        clock.set(utc(1970, 1, 1, 0, 0, 5))
        product.start(TOGETHER)
        async with product.client() as client:
            answers = [
                await client.get(path) for path in ("/masuk", "/standar/pekalongan/berita-biasa-sanapati", "/readyz")
            ]
            logged_in = await client.post(
                "/api/v1/sessions", json={"login": "operator@pekalongan", "password": product.password}
            )
            assert logged_in.status_code < httpx.codes.INTERNAL_SERVER_ERROR
        assert [
            answer.status_code for answer in answers if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
        ] == []
        await asyncio.to_thread(clock.set, utc(2028, 3, 3, 9))
        assert len(await until_said(product, before)) == 1
        after = await officer.enter()
        assert registered(product, after)["year"] == 2028
        assert await unbroken(product) == []


@pytest.mark.long
@pytest.mark.fault("F14")
async def test_what_was_received_by_a_clock_that_ran_ahead_is_due_after_its_receipt(tmp_path: Path) -> None:
    """A message of tomorrow, registered today, and the other way round: the deadline counts from the receipt."""
    with running(tmp_path, utc(2028, 3, 2, 2)) as (product, clock):
        officer = Officer(product, clock)
        letter = (await _upload(product))["result"]["letter_id"]
        await asyncio.to_thread(clock.set, utc(2028, 3, 1, 2))
        await officer.do(f"/letters/{letter}/examine", {"fields": FIELDS})
        await officer.do(f"/letters/{letter}/register")
        assert due(product, letter) == utc(2028, 3, 3, 4)  # Thursday the 2nd → Friday 11.00 WIB
        await officer.do(f"/letters/{letter}/print")
        await officer.do(f"/letters/{letter}/forward")
        await asyncio.to_thread(clock.set, utc(2028, 3, 3, 4, 0, 1))
        assert len(await until_said(product, letter)) == 1
        assert await unbroken(product) == []


async def _upload(product: Product) -> dict[str, Any]:
    async with product.client() as client:
        person = await Person.login(client, "operator", product.password)
        return await person.do("/letters/upload", message(), **{"Content-Type": "message/rfc822"})


@pytest.mark.long
@pytest.mark.fault("F14")
async def test_complaints_in_flight_hear_of_each_limit_once_however_the_clock_jumps(
    tmp_path: Path, trial: Trial
) -> None:
    """One that nobody sorts, one that is handled, one that is answered; the clock leaps, falls back, all is killed."""
    with running(tmp_path, utc(2028, 3, 2, 2)) as (product, clock):
        clerk, officer, team = (Officer(product, clock, "purbalingga", each) for each in DESK)
        cases = []
        for wanted in range(3):
            body = {"channel": "telepon", "words": "Loket tutup", "name": "Siti", "contact": "siti@contoh.id"}
            cases.append((await clerk.do("/complaints", body))["result"]["complaint_id"])
            place = f"/complaints/{cases[-1]}"
            if wanted:
                await officer.do(f"{place}/classify", {"complaint_class": "ringan", "gist": "Jam buka loket"})
                await officer.do(f"{place}/assign", {"position": "tim-pengelola-pengaduan"})
        unsorted, handled, answered = cases
        await team.do(f"/complaints/{answered}/answer", {"words": "Sudah dibuka"})
        await product.until_quiet()
        assert said_of(product, handled) == {}
        product.kill()
        clock.set(utc(2028, 3, 14, 2))  # past every limit, short of the silence that closes the third
        product.start(TOGETHER)
        await once(product, {(unsorted, "AcknowledgementOverdue"), (unsorted, "ComplaintOverdue"),
                             (handled, "ComplaintOverdue"), (handled, "ComplaintEscalated")})  # fmt: skip
        assert said_of(product, answered) == {}
        for moment in (utc(2028, 3, 3, 2), utc(2028, 5, 2, 2), utc(2028, 3, 25, 2), utc(2028, 5, 3, 2)):
            await asyncio.to_thread(clock.set, moment)
            await asyncio.sleep(6)  # longer than the timekeeper's longest sleep
        await once(product, {(answered, "ComplaintClosed")})
        await asyncio.to_thread(clock.set, utc(2028, 9, 15, 2))  # ninety days after its closing
        await once(product, {(answered, "ReporterRetentionEnded")})
        told = {case: said_of(product, case) for case in cases}
        assert {kind: many for kind, many in told[answered].items() if kind != "ReporterRetentionEnded"} == {
            "ComplaintClosed": 1
        }
        assert told[answered]["ReporterRetentionEnded"] == 2, "his words, and who he is: each once"
        assert all(many == 1 for case in (unsorted, handled) for many in told[case].values()), told
        assert await unbroken(product) == []
        trial.note("three complaints: each limit, closing and forgetting said once")
