"""Strangers who mean no good, against a small office that takes wishes: numbers tried one after the other, codes
guessed, a thousand networks at once, a form sent again and again, robots that follow every link.

Counted are answers and work, never seconds.
"""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.kit.runtime.kit import Kit
from services.kit.settings import Settings
from services.kit.store.log import open_log
from tests.parts import wishes
from tests.parts.ports import free_port
from tests.unit.gateway.test_web_public import entered, solved, ticket

FORM, LACAK = "/pekalongan/ajukan/usulan", "/pekalongan/lacak"
NETWORKS = 1_000


class Office:
    """A running one, and its log as it lies on the disk."""

    def __init__(self, settings: Settings, kits: dict[str, Kit]) -> None:
        self.settings = settings
        self.kits = kits

    @asynccontextmanager
    async def visitor(self, address: str = "203.0.113.7") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody behind this address, as the office's own proxy names it."""
        headers = {"accept": "text/html", "x-forwarded-for": address}
        async with httpx.AsyncClient(base_url=self.settings.base_url, headers=headers, timeout=60) as client:
            yield client

    def facts(self) -> Counter[str]:
        log = open_log(self.settings, "wishes")
        try:
            return Counter(type(self.kits["wishes"].decode(row.position, row.data).event).__name__
                           for row in log.read(0, 100_000))  # fmt: skip
        finally:
            log.close()


@pytest.fixture
async def office(tmp_path: Path, nats_url: str) -> AsyncIterator[Office]:
    settings = Settings(data_dir=tmp_path, nats_url=nats_url, http_port=free_port(), trusted_proxies="127.0.0.1")
    with wishes.known():
        async with wishes.serving(settings) as kits:
            running = Office(settings, kits)
            async with running.visitor() as client:
                for _ in range(100):
                    if (await client.get("/pekalongan/")).status_code == 200:
                        break
                    await asyncio.sleep(0.1)
            yield running


async def slip_of(client: httpx.AsyncClient) -> dict[str, str]:
    return entered((await client.get(FORM)).text, FORM)


async def filed(client: httpx.AsyncClient, words: str = "Buka hari Sabtu") -> tuple[str, str]:
    answer = await client.post(FORM, data=await slip_of(client) | {"isi": words})
    assert answer.status_code == 200, answer.text
    return ticket(answer.text)


async def look(client: httpx.AsyncClient, number: str, code: str, **more: Any) -> httpx.Response:
    return await client.post(LACAK, data={"nomor": number, "kode": code}, **more)


async def test_numbers_tried_one_after_the_other_all_look_alike(office: Office) -> None:
    async with office.visitor() as client:
        number, _ = await filed(client)
        wrong = "AAAA-BBBB-CCCC"
        told, work = [], []
        for n in range(1, 9):
            tried = f"USL-{number[4:8]}-{n:04d}"
            before = Counter(wishes.WORK)
            answer = await look(client, tried, wrong)
            work.append(wishes.WORK - before)
            told.append((answer.status_code, answer.text.replace(tried, "NUMBER"), len(answer.headers)))
    assert set(told) == {told[0]}
    assert told[0][0] == 404
    assert work == [Counter({"looked up": 1, "compared": 1})] * 8, "the one that exists costs what the others cost"


async def test_a_thousand_networks_guess_and_find_nothing(office: Office) -> None:
    async with office.visitor() as client:
        number, code = await filed(client)
        flat = code.replace("-", "")
        near = [f"{flat[:at]}{'0' if flat[at] != '0' else '1'}{flat[at + 1 :]}" for at in range(len(flat))]
        statuses: Counter[int] = Counter()
        for n in range(NETWORKS):
            forwarded = {"x-forwarded-for": f"10.{n // 250}.{n % 250}.9"}
            statuses[(await look(client, number, near[n % len(near)], headers=forwarded)).status_code] += 1
        assert statuses == {404: NETWORKS}
        assert (await look(client, number, code)).status_code == 200


async def test_one_network_guesses_twenty_times_from_any_of_its_addresses(office: Office) -> None:
    async with office.visitor() as client:
        number, _ = await filed(client)
        statuses = [
            (await look(client, number, "AAAA-BBBB-CCCC", headers={"x-forwarded-for": each})).status_code
            for each in [*(f"198.51.100.{n}" for n in range(22)), *(f"2001:db8:7:{n:x}::9" for n in range(22))]
        ]
    assert statuses == ([404] * 20 + [429] * 2) * 2


async def test_a_thousand_networks_without_proof_are_one_crowd_and_others_go_on(office: Office) -> None:
    async with office.visitor() as client:
        statuses: Counter[int] = Counter()
        gate = asyncio.Semaphore(8)

        async def one(n: int) -> None:
            async with gate:
                forwarded = {"x-forwarded-for": f"10.{n // 250}.{n % 250}.9"}
                form = entered((await client.get(FORM, headers=forwarded)).text, FORM)
                answer = await client.post(FORM, data=form | {"isi": "Beli sekarang"}, headers=forwarded)
                statuses[answer.status_code] += 1

        await asyncio.gather(*(one(n) for n in range(NETWORKS)))
        assert statuses[200] + statuses[429] == NETWORKS
        assert 120 <= statuses[200] <= 150, "the crowd's budget, and what came back meanwhile"
        assert office.facts()["WishFiled"] == statuses[200]
        honest = {"x-forwarded-for": "192.0.2.44"}
        page = (await client.get(FORM, headers=honest)).text
        form = entered(page, FORM) | {"isi": "Buka hari Sabtu"}
        waits = await client.post(FORM, data=form, headers=honest)
        assert waits.status_code == 429
        assert "Buka hari Sabtu" in waits.text
        assert (await client.post(FORM, data=form | {"altcha": solved(page)}, headers=honest)).status_code == 200


async def test_a_form_sent_by_twenty_hands_at_one_moment_is_one_case_with_one_code(office: Office) -> None:
    async with office.visitor() as client:
        page = (await client.get(FORM)).text
        form = entered(page, FORM) | {"isi": "Buka hari Sabtu", "altcha": solved(page)}
        answers = await asyncio.gather(*(client.post(FORM, data=form) for _ in range(20)))
        assert {each.status_code for each in answers} == {200}
        assert len({ticket(each.text) for each in answers}) == 1
        assert office.facts()["WishFiled"] == 1
        stolen = form | {"isi": "Lain sekali"}
        assert (await client.post(FORM, data=stolen)).status_code == 409
        elsewhere = FORM.replace("pekalongan", "purbalingga")
        async with asyncio.timeout(30):
            while (await client.get(elsewhere)).status_code != 200:  # noqa: ASYNC110 - its standards come in by themselves
                await asyncio.sleep(0.1)
        assert (await client.post(elsewhere, data=form)).status_code == 409
        assert office.facts()["WishFiled"] == 1


async def test_robots_that_follow_every_link_change_nothing(office: Office) -> None:
    async with office.visitor() as client:
        number, _ = await filed(client)
        before = office.facts()
        statuses: Counter[int] = Counter()
        for address in ("/", "/pekalongan/", FORM, LACAK, f"{LACAK}?nomor={number}", f"{LACAK}/withdraw"):
            for n in range(50):
                forwarded = {"x-forwarded-for": f"10.9.{n}.9"}
                for method in ("GET", "HEAD"):
                    statuses[(await client.request(method, address, headers=forwarded)).status_code] += 1
        assert max(statuses) < 500
        assert office.facts() == before


async def test_no_address_and_no_code_lies_anywhere(
    office: Office, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with office.visitor("198.51.100.77") as client:
        number, code = await filed(client, "Kalimat yang hanya dibaca petugas")
        await look(client, number, code)
        await look(client, number, "AAAA-BBBB-CCCC")
    said = capfd.readouterr()
    lies = await asyncio.to_thread(everything, tmp_path) + f"{said.out}{said.err}".encode()
    for secret in ("198.51.100.77", "198.51.100.0", code, code.replace("-", ""), "Kalimat yang hanya"):
        assert secret.encode() not in lies, secret


@pytest.mark.parametrize(
    "line",
    [
        b"GET /pekalongan/lacak?nomor=USL%0d%0aX-Evil:1 HTTP/1.1",
        b"GET /%2e%2e/%2e%2e/etc/passwd/ HTTP/1.1",
        b"GET //jahat.example/ HTTP/1.1",
        b"GET /pekalongan%00/ HTTP/1.1",
        b"GET /pekalongan/ajukan/..%2f..%2fusulan HTTP/1.1",
        b"GET /PEKALONGAN/ HTTP/1.1",
    ],
)
async def test_nothing_is_brought_into_a_path_or_a_head(office: Office, line: bytes) -> None:
    head = (
        b"\r\nHost: jahat.example\r\nX-Forwarded-Host: jahat.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )
    answer = await asyncio.to_thread(raw, office.settings.http_port, line + head)
    status, _, rest = answer.partition(b"\r\n")
    assert status.split()[1] in {b"200", b"404", b"405", b"422"}
    told = rest.partition(b"\r\n\r\n")[0].lower()
    assert b"x-evil" not in told
    assert b"jahat.example" not in told
    assert not [each for each in re.findall(rb'(?:href|src|action)="([^"]*)"', rest) if b"jahat" in each]


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def raw(port: int, said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(said)
        found = b""
        while more := line.recv(65_536):
            found += more
    return found
