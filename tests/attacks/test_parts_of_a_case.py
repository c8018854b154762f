"""Everybody of two offices at every door, with letters of every kind: each gets what the office would give him.

What he has had is known by words that stand in one part of one letter only, wherever in whatever answer they appear.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.attacks import never
from tests.attacks.letters import SEARCHED, SEARCHED_TEXT, Case, Known, fill, known
from tests.integration.test_api_rights import BODIES, made_up
from tests.parts.product import Product, start_product
from tests.parts.routes import Found, routes

pytestmark = pytest.mark.real  # a product of its own, whose fixture `tests.conftest` does not know
AT_ONCE = 6
MARKED = (never.TITLE, never.SUMMARY, never.TEXT, never.ATTACHED, never.RAW)
# Words behind an address with which a door may open further than without.
KEYS = {
    "letters.raw": ("", "?despite=quarantine"), "letters.list": ("", "?limit=200"), "page.board": ("", "?semua=1"),
    "dashboards.board": ("", "?limit=1000"), "deliveries.list": ("", "?courier=caraka-1"),
    "page.courier": ("", "?caraka=caraka-1"),
}  # fmt: skip
SEARCHES = {"letters.list": "?text=", "page.letters": "?cari="}
SKIPPED = {"static", "stream"}  # files of the browser; the live changes are listened to on their own
STALE = "999999999"
LATER, TRIES = {503, 504}, 20
BY_TIME = ("DueSoon", "Overdue", "Reminded")


class Had:
    """What somebody has had of each letter, and by which doors."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases
        self.of: dict[str, dict[str, set[str]]] = {case.letter_id: defaultdict(set) for case in cases}

    def add(self, case: Case, thing: str, door: str) -> None:
        self.of[case.letter_id][thing].add(door)

    def read(self, answer: httpx.Response, door: str, asked: Case | None) -> None:
        """``asked``: the letter that the address names; where it names none, an id in the answer is news."""
        body = answer.text
        marked = (never.RAW,) if door.startswith("letters.raw") else MARKED  # who may have it all has each of it
        for case in self.cases:
            for thing in marked:
                if case.word(thing) in body:
                    self.add(case, thing, door)
            if asked is None and answer.status_code == 200 and case.letter_id in body:
                self.add(case, never.ROW, door)
        if asked is None or answer.status_code != 200:
            return
        for thing, name in WHOLE.items():
            if name in door and WHOLE_WHEN.get(thing, "") in body:
                self.add(asked, thing, door)
        if "specversion" in body:
            self.add(asked, never.STORED, door)


# Parts that come by a door of their own, where it opens; a deadline only where the answer holds one.
WHOLE = {
    never.ROW: "letters.show", never.PRINT: "letters.print-pack", never.SHEET: "letters.initials-sheet",
    never.HISTORY: "letters.events", never.DUE: "letters.deadline",
}  # fmt: skip
WHOLE_WHEN = {never.DUE: '"amount"'}


@pytest.fixture(scope="module")
def own_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Of this module alone: its registers hold the marked letters and no others."""
    running = start_product(tmp_path_factory.mktemp("parts"))
    yield running
    running.discard()


def addresses(door: Found, cases: list[Case]) -> Iterator[tuple[str, Case | None]]:
    for key in KEYS.get(door.name, ("",)):
        if "{letter_id}" in door.path:
            for case in cases:
                yield made_up(door.path.replace("{letter_id}", case.letter_id)) + key, case
        elif "{copy_id}" in door.path:
            for case in cases:
                for copy in case.copies[:1]:
                    yield made_up(door.path.replace("{copy_id}", copy).replace("{agency}", case.agency)) + key, case
        else:
            yield made_up(door.path) + key, None
    if door.name in SEARCHES and "{" not in door.path:
        for case in cases:
            for word in (SEARCHED, SEARCHED_TEXT):
                yield f"{door.path}{SEARCHES[door.name]}{word}-{case.mark}", None


async def answered(client: httpx.AsyncClient, method: str, address: str, **request: Any) -> httpx.Response:
    """An answer, also on a machine that is busy: whoever is told to come again later comes again later."""
    for _ in range(TRIES):
        answer = await client.request(method, address, **request)
        if answer.status_code not in LATER or address == "/readyz":
            break
        await asyncio.sleep(1)
    assert answer.status_code < 500 or address == "/readyz", (address, answer.text)
    return answer


async def look_everywhere(client: httpx.AsyncClient, person: Known, doors: list[Found], cases: list[Case]) -> Had:
    had, gate = Had(cases), asyncio.Semaphore(AT_ONCE)

    async def look(door: Found, address: str, case: Case | None) -> None:
        async with gate:
            answer = await answered(client, "GET", address, headers=person.headers)
        had.read(answer, f"{door.name} {door.path}", case)

    async with asyncio.TaskGroup() as group:
        for door in doors:
            if door.method == "GET" and door.name not in SKIPPED:
                for address, case in addresses(door, cases):
                    group.create_task(look(door, address, case))
    return had


class Ear:
    """Everything that somebody is told of live, from before the first letter came."""

    def __init__(self, person: Known) -> None:
        self.person = person
        self.ready = asyncio.Event()
        self.heard = ""

    async def listen(self, client: httpx.AsyncClient) -> None:
        """Until cancelled, or at once where the door stays shut."""
        try:
            async with client.stream("GET", "/api/v1/stream", headers=self.person.headers) as answer:
                async for piece in answer.aiter_text():
                    self.heard += piece if answer.status_code == 200 else ""
                    self.ready.set()
        finally:
            self.ready.set()


@asynccontextmanager
async def listening(product: Product, people: list[Known]) -> AsyncIterator[list[Ear]]:
    ears = [Ear(person) for person in people]
    async with product.client() as client:
        tasks = [asyncio.create_task(ear.listen(client)) for ear in ears]
        await asyncio.gather(*(ear.ready.wait() for ear in ears))
        yield ears
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_told(ears: list[Ear], cases: list[Case]) -> None:
    """A moment longer than the last of those who must hear of a letter needs; the others get as long."""
    for _ in range(100):
        owed = [(ear, case) for ear in ears for case in cases if never.CHANGE in always(case, ear.person)]
        if all(case.letter_id in ear.heard for ear, case in owed):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)


def always(case: Case, person: Known) -> never.Words:
    return never.ALWAYS_READ[case.kind].get(case.seen_by(person), frozenset()) & case.has


async def press_everywhere(client: httpx.AsyncClient, person: Known, doors: list[Found], cases: list[Case]) -> Had:
    """Every form and command about a letter, as of a page that is long out of date: what is he told instead?"""
    had, gate = Had(cases), asyncio.Semaphore(AT_ONCE)

    async def press(door: Found, address: str, case: Case) -> None:
        headers = {**person.headers, "If-Match": f'"{STALE}"'}
        body: dict[str, Any] = {"data": {"version": STALE, "key": "", "copy_id": case.copies[0] if case.copies else ""}}
        if door.path.startswith("/api/"):
            said = {**BODIES.get(door.name, {})}
            body = {"json": {**said, "letter_id": case.letter_id} if "letter_id" in said else said}
        async with gate:
            answer = await answered(client, door.method, address, headers=headers, **body)
        had.read(answer, f"{door.method} {door.name} {door.path}", case)

    async with asyncio.TaskGroup() as group:
        for door in doors:
            if door.method != "GET":
                for address, case in addresses(door, cases):
                    if case is not None:
                        group.create_task(press(door, address, case))
    return had


def wrongly(person: Known, had: Had, *, owed: bool) -> Iterator[str]:
    for case in had.cases:
        who = case.seen_by(person)
        got = had.of[case.letter_id]
        for thing in sorted(never.NEVER_READ[case.kind][who] & got.keys()):
            yield f"{who} ({person.name}) has, of the {case.kind} letter {case.mark}: {thing}, by {sorted(got[thing])}"
        if owed:
            for thing in sorted(always(case, person) - got.keys()):
                yield f"{who} ({person.name}) has not, of the {case.kind} letter {case.mark}: {thing}"


async def test_everybody_gets_of_every_letter_what_the_office_would_give_him(
    own_product: Product, tmp_path: Path
) -> None:
    people, doors = await known(own_product), list(routes(tmp_path))
    async with listening(own_product, people) as ears:
        cases = await fill(own_product)
        await until_told(ears, cases)
    wrong: list[str] = []
    before = written(own_product)
    async with own_product.client() as client:
        for ear in ears:
            had = await look_everywhere(client, ear.person, doors, cases)
            for case in cases:
                if case.letter_id in ear.heard:
                    had.add(case, never.CHANGE, "stream")
            wrong += wrongly(ear.person, had, owed=True)
        some = [case for case in cases if case.mark in {"jalan", "kawat"}]
        for person in {(each.who, each.agency): each for each in people}.values():
            wrong += wrongly(person, await press_everywhere(client, person, doors, some), owed=False)
    assert wrong == []
    assert written(own_product) == before, "a page that was out of date has changed something"
    assert not any(word in own_product.said() for case in cases for word in map(case.word, MARKED)), "in the log"


def written(product: Product) -> list[str]:
    """Every event of the road, but for those that time writes, and that a message was taken out of quarantine to be
    looked at.
    """
    services = ("intake", "approval", "dispatch")
    found = [event for service in services for event in product.events(service)]
    beside = (*BY_TIME, "MessageTaken")
    return [event["id"] for event in found if not any(each in event["type"] for each in beside)]


async def test_what_is_taken_out_of_quarantine_is_closed_so_that_nothing_opens_it(own_product: Product) -> None:
    """Only with the words that say that one has read the warning; then as a download that no program knows."""
    async with own_product.people("operator", "operator-2") as (operator, _):
        rows = (await operator.see("/letters", stage="quarantined", limit="200"))["letters"]
        by_reason = {row["quarantine"]: row["letter_id"] for row in rows}
        letter = by_reason["too-many-parts"]
        warned = await operator.send("GET", f"/letters/{letter}/raw")
        assert (warned.status_code, warned.json()["code"]) == (403, "gateway.quarantine-warning")
        taken = await operator.send("GET", f"/letters/{letter}/raw", params={"despite": "quarantine"})
        assert taken.headers["content-type"] == "application/octet-stream"
        assert taken.headers["content-disposition"] == f'attachment; filename="karantina-{letter}.bin"'
        assert taken.headers["x-content-type-options"] == "nosniff"
        assert b"mentah-ruwet" in taken.content
        for reason in ("malware", "classified"):
            for params in ({}, {"despite": "quarantine"}):
                answer = await operator.send("GET", f"/letters/{by_reason[reason]}/raw", params=params)
                assert (answer.status_code, answer.json()["code"]) == (403, "gateway.shut-away")
    said = [json.loads(line) for line in own_product.said().splitlines() if '"quarantine.taken"' in line]
    assert {"operator", "operator-2"} >= {line["person"] for line in said} > set(), "who has taken it stands in the log"
    assert {line["reason"] for line in said} == {"too-many-parts"}
