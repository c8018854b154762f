"""Crowds: public sheets, pages, logins and boards, each with a budget; nobody else's is used up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from gateway.api.stream import MOST_STREAMS
from gateway.edge.addresses import network_around
from gateway.edge.budgets import BUDGETS, LOGINS, PAGES, SHEETS, Budgets
from gateway.edge.devices import COOKIE
from gateway.edge.problems import Problem
from gateway.edge.rights import PUBLIC, RIGHTS
from gateway.edge.strangers import PLAIN, PLAIN_OF_ALL, spend_for_filing
from services.cli.demo import Person
from tests.attacks.attackers import ATTACKER, MIB, client, looking_on, say
from tests.parts.product import Product, start_product

SHEET = "/standar/pekalongan/naskah-berita-biasa.pdf"
WRONG = {"password": "bukan kata sandinya"}


@pytest.fixture(scope="module")
def proxied_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Of our own: these tests use budgets up. It believes a proxy that sits at 127.0.0.9."""
    running = start_product(
        tmp_path_factory.mktemp("crowds"), samples=True, env={"CARAKA_TRUSTED_PROXIES": "127.0.0.9, 127.0.8.0/24"}
    )
    yield running
    running.discard()


async def sheet_of(product: Product) -> str:
    async with client(product, "127.0.0.1") as reader:
        answer = await reader.get("/standar/pekalongan/naskah-berita-biasa")
        if answer.status_code == 200:
            return SHEET
        return "/maklumat/pekalongan.pdf"


async def test_three_hundred_readers_of_a_public_sheet(proxied_product: Product) -> None:
    """From as many addresses as it takes that each is within its budget; the sheet has never been set before."""
    path = await sheet_of(proxied_product)
    async with AsyncExitStack() as stack, proxied_product.person("operator") as operator:
        readers = [await stack.enter_async_context(client(proxied_product, f"127.0.5.{n}")) for n in range(1, 16)]
        async with looking_on(proxied_product, "/masuk", "/healthz") as seen:
            asked = [reader.get(path, timeout=60) for reader in readers for _ in range(20)]
            doing = asyncio.gather(*asked)
            mine = [(await operator.send("GET", "/letters")).status_code for _ in range(10)]
            answers = await doing
    assert Counter(answer.status_code for answer in answers) == {200: 300}
    assert len({answer.content for answer in answers}) == 1, "set once, the same for all"
    assert {status for status, _ in seen.answers} | set(mine) == {200}
    assert seen.grown < 200 * MIB
    say(f"300 sheets: others {len(seen.answers)}, p99 {seen.p99() * 1000:.0f} ms, +{seen.grown / MIB:.0f} MB")


async def test_three_hundred_sheets_for_one_address_are_more_than_it_may_have(proxied_product: Product) -> None:
    path = await sheet_of(proxied_product)
    async with looking_on(proxied_product, "/masuk") as seen, client(proxied_product, ATTACKER) as reader:
        answers = await asyncio.gather(*(reader.get(path) for _ in range(300)))
        told = [answer for answer in answers if answer.status_code == 429]
        assert Counter(answer.status_code for answer in answers).keys() == {200, 429}
        assert len(told) >= 300 - 2 * SHEETS.at_once
        assert {answer.json()["code"] for answer in told} == {"gateway.too-many"}
        assert {answer.json()["seconds"] for answer in told} == {int(answer.headers["retry-after"]) for answer in told}
        async with client(proxied_product, "127.0.0.67") as other:
            assert (await other.get(path)).status_code == 200, "another address has its own"
        await asyncio.sleep(max(int(answer.headers["retry-after"]) for answer in told))
        assert (await reader.get(path)).status_code == 200, "what it was told is true"
    assert {status for status, _ in seen.answers} == {200}


async def test_sheets_that_nobody_has_are_asked_for_in_vain_and_few_at_a_time(proxied_product: Product) -> None:
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(client(proxied_product, f"127.0.6.{n}")) for n in range(1, 11)]
        async with looking_on(proxied_product, "/masuk") as seen:
            answers = await asyncio.gather(
                *(reader.get(f"/standar/x{n}/y.pdf") for n, reader in enumerate(readers * 20, start=1))
            )
    assert {answer.status_code for answer in answers} <= {404, 503}
    assert {status for status, _ in seen.answers} == {200}


async def test_pages_have_a_budget_too(proxied_product: Product) -> None:
    async with client(proxied_product, "127.0.0.68") as reader:
        answers = await asyncio.gather(*(reader.get("/masuk") for _ in range(2 * PAGES.at_once)))
        assert {answer.status_code for answer in answers} == {200, 429}
        page = await reader.get("/masuk", headers={"Accept": "text/html"})
        if page.status_code == 429:
            assert page.headers["content-type"].startswith("text/html")
            assert int(page.headers["retry-after"]) >= 1


def test_every_public_route_has_a_budget_or_a_reason() -> None:
    assert {name for name, right in RIGHTS.items() if right.roles is PUBLIC} == set(BUDGETS)


def test_a_budget_fills_by_itself_and_forgets_who_has_not_come_for_long() -> None:
    now = 0.0
    budgets = Budgets(lambda: now)
    for _ in range(LOGINS.at_once):
        budgets.spend(LOGINS, "192.0.2.1")
    with pytest.raises(Problem) as full:
        budgets.spend(LOGINS, "192.0.2.1")
    assert full.value.detail == {"seconds": 5}
    budgets.spend(LOGINS, "192.0.2.2")
    budgets.spend(PAGES, "192.0.2.1")
    now = 4.9
    with pytest.raises(Problem):
        budgets.spend(LOGINS, "192.0.2.1")
    now = 5.0
    budgets.spend(LOGINS, "192.0.2.1")
    budgets.give_back(LOGINS, "192.0.2.1")
    budgets.spend(LOGINS, "192.0.2.1")
    for number in range(60_000):
        budgets.spend(PAGES, str(number))
    assert len(budgets._buckets) <= 50_000
    assert not any(b"192" in name for name in budgets._buckets)


def test_nobody_can_tell_today_who_asked_yesterday() -> None:
    now = 0.0
    budgets = Budgets(lambda: now)
    budgets.spend(PLAIN, "192.0.2.0/24")
    [yesterday] = budgets._buckets
    key = budgets._key
    now = 24 * 3600.0
    budgets.spend(PLAIN, "192.0.2.0/24")
    [today] = budgets._buckets
    assert yesterday != today
    assert key != budgets._key


async def test_who_was_held_up_by_the_crowd_has_not_paid_for_it() -> None:
    async def unproven() -> bool:
        return False

    budgets = Budgets(lambda: 0.0)
    for n in range(PLAIN_OF_ALL.at_once):
        await spend_for_filing(budgets, "pekalongan", str(n), unproven)
    for _ in range(PLAIN.at_once + 1):
        with pytest.raises(Problem) as held:
            await spend_for_filing(budgets, "pekalongan", "192.0.2.0/24", unproven)
        assert held.value.detail == {"seconds": 15}, "the crowd's wait, not his own"
    await spend_for_filing(budgets, "purbalingga", "192.0.2.0/24", unproven)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:7:8::9%eth0", "2001:db8:7::/48"),
        ("unix", ""),
        ("", ""),
    ],
)
def test_a_network_is_what_one_household_may_have(address: str, network: str) -> None:
    assert network_around(address) == network


async def log_in(who: httpx.AsyncClient, name: str, password: str, **headers: str) -> httpx.Response:
    body = {"login": f"{name}@pekalongan", "password": password}
    return await who.post("/api/v1/sessions", json=body, headers=headers)


async def tried(who: httpx.AsyncClient, **headers: str) -> Counter[int]:
    """A password for each of some people, at once."""
    names = [f"tak-ada-{n}" for n in range(LOGINS.at_once + 5)]
    answers = await asyncio.gather(*(log_in(who, name, "salah", **headers) for name in names))
    return Counter(answer.status_code for answer in answers)


async def test_others_wrong_passwords_lock_nobody_out(proxied_product: Product) -> None:
    """From an office computer he is let in at once, from anywhere else after those who came before."""
    async with client(proxied_product, "127.0.0.1") as own, client(proxied_product, "127.0.0.69") as mischief:
        first = await log_in(own, "kadis", proxied_product.password)
        assert first.status_code == 200
        assert COOKIE in own.cookies
        device = {"Cookie": f"{COOKIE}={own.cookies[COOKIE]}"}
        wrong = [await log_in(mischief, "kadis", "salah") for _ in range(8)]
        assert {answer.status_code for answer in wrong} <= {401, 429}
        known = await log_in(own, "kadis", proxied_product.password, **device)
        assert known.status_code == 200
        async with client(proxied_product, "127.0.0.70") as elsewhere:
            right = await log_in(elsewhere, "kadis", proxied_product.password)
        assert right.status_code == 200, right.text


async def test_a_device_pays_for_its_own_mistakes(proxied_product: Product) -> None:
    async with client(proxied_product, "127.0.0.71") as own:
        await log_in(own, "kabid", proxied_product.password)
        device = {"Cookie": f"{COOKIE}={own.cookies[COOKIE]}"}
        answers = [await log_in(own, "kabid", "salah", **device) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        seconds = int(answers[-1].headers["retry-after"])
        assert 1 <= seconds <= 2
        await asyncio.sleep(seconds)
        assert (await log_in(own, "kabid", proxied_product.password, **device)).status_code == 200
        other = {"Cookie": f"{COOKIE}={own.cookies[COOKIE]}"}
        assert (await log_in(own, "kasi", "salah", **other)).status_code == 401, "for another login it is no device"


@pytest.mark.parametrize("cookie", ["", ".", "x" * 4_000, "0" * 32, "0" * 32 + ".0" * 20, "0" * 32 + "." + "0" * 32])
async def test_a_device_that_was_made_up_is_none(proxied_product: Product, cookie: str) -> None:
    async with client(proxied_product, "127.0.0.72") as anybody:
        answer = await log_in(anybody, "kasi", proxied_product.password, Cookie=f"{COOKIE}={cookie}")
        assert answer.status_code == 200, answer.text


async def test_an_address_that_guesses_is_told_when_it_may_go_on(proxied_product: Product) -> None:
    """Every login of the office in turn, so that none of them notices much."""
    async with client(proxied_product, "127.0.0.73") as mischief:
        assert await tried(mischief) == {401: LOGINS.at_once, 429: 5}
        while (await log_in(mischief, "tak-ada", "salah")).status_code != 429:
            pass
        page = await mischief.post("/masuk", data={"login": "operator@pekalongan", **WRONG})
        assert page.status_code == 429
        assert 1 <= int(page.headers["retry-after"]) <= 5
    async with client(proxied_product, "127.0.0.1") as own:
        assert (await log_in(own, "operator", proxied_product.password)).status_code == 200


async def test_behind_a_proxy_that_is_named_each_client_has_his_own_budget(proxied_product: Product) -> None:
    async with client(proxied_product, "127.0.0.9") as proxy:
        for address in ("203.0.113.5", "203.0.113.6, 127.0.8.3", "2001:db8::1"):
            forwarded = {"X-Forwarded-For": address}
            assert await tried(proxy, **forwarded) == {401: LOGINS.at_once, 429: 5}, address
        same = await tried(proxy, **{"X-Forwarded-For": "2001:db8::ffff"})
        assert same[401] < LOGINS.at_once, "whoever has one address of IPv6 has its network"
        forged = await tried(proxy, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.5"})
        assert forged[401] < LOGINS.at_once, "the last one counts"


async def test_who_is_no_proxy_speaks_for_nobody(proxied_product: Product) -> None:
    async with client(proxied_product, "127.0.0.74") as liar:
        answers = await asyncio.gather(
            *(log_in(liar, f"tak-ada-{n}", "salah", **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(25))
        )
        assert Counter(answer.status_code for answer in answers) == {401: LOGINS.at_once, 429: 5}


@asynccontextmanager
async def board(person: Person) -> AsyncIterator[httpx.Response]:
    async with person._client.stream("GET", "/api/v1/stream", headers=person._headers) as answer:
        yield answer


async def test_a_person_has_a_few_boards_and_takes_nobody_elses(proxied_product: Product) -> None:
    async with proxied_product.person("kasi") as kasi, proxied_product.person("operator") as operator:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(board(kasi)) for _ in range(MOST_STREAMS)]
            assert {answer.status_code for answer in opened} == {200}
            async with board(kasi) as more:
                assert (more.status_code, more.headers["retry-after"]) == (429, "15")
            async with board(operator) as other:
                assert other.status_code == 200
        for _ in range(100):
            async with board(kasi) as again:
                if again.status_code == 200:
                    break
            await asyncio.sleep(0.1)
        assert again.status_code == 200, "when they are closed there is a place again"


def test_no_address_and_no_login_that_was_tried_is_written_down(proxied_product: Product) -> None:
    """After all of the above."""
    said = proxied_product.said()
    for word in (ATTACKER, "203.0.113", "2001:db8", "tak-ada", "127.0.0.7"):
        assert word not in said
        for path in proxied_product.settings.data_dir.rglob("*"):
            if path.is_file():
                assert word.encode() not in path.read_bytes(), (word, path)
