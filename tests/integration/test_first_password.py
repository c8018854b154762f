"""A first password opens nothing but the choice of an own one: over HTTP on the running product, shown once."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest

from services.cli.demo import Person
from tests.parts.product import Product, start_product

OWN = "hujan turun di pasar batik"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of our own: these tests change who can log in."""
    running = start_product(tmp_path_factory.mktemp("access"))
    yield running
    running.discard()


async def add(admin: Person, person_id: str, *roles: str) -> None:
    await admin.do("/people", {"person_id": person_id, "name": person_id.title(), "roles": list(roles)})


async def log_in(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/api/v1/sessions", json={"login": login, "password": password})


async def choose(client: httpx.AsyncClient, ticket: str, password: str) -> httpx.Response:
    return await client.post("/api/v1/sessions/first", json={"ticket": ticket, "password": password})


async def test_an_administrator_hands_over_a_password_that_is_good_for_one_step(office: Product) -> None:
    async with office.client() as client:
        admin = await office.session(client, "admin")
        await add(admin, "budi", "operator")
        given = await admin.do("/people/budi/first-password")
        assert given["login"] == "budi@pekalongan"
        assert re.fullmatch(r"(\w{4}-){3}\w{4}", given["password"])

        first = await log_in(client, given["login"], given["password"])
        assert (first.status_code, first.json()["code"]) == (401, "organisation.first-password")
        assert "set-cookie" not in first.headers, "it opens no session"
        ticket = first.json()["ticket"]
        for unfit, code in (
            ("pendek", "organisation.password-length"),
            ("aaaaaaaaaaaaaaaa", "organisation.password-too-plain"),
            ("Rahasia12345!", "organisation.password-too-plain"),
            ("budi@pekalongan", "organisation.password-personal"),
            ("Pekalongan2026!", "organisation.password-personal"),
            (given["password"], "organisation.password-not-new"),
        ):
            refused = await choose(client, ticket, unfit)
            assert (refused.status_code, refused.json()["code"]) == (422, code)

        chosen = await choose(client, ticket, OWN)
        assert chosen.status_code == 200, chosen.text
        assert chosen.json()["person"] == "budi"
        again = await choose(client, ticket, OWN + " lagi")
        assert (again.status_code, again.json()["code"]) == (401, "organisation.ticket-over")
        spent = await log_in(client, given["login"], given["password"])
        assert (spent.status_code, spent.json()["code"]) == (401, "organisation.login-failed")
        budi = await Person.login(client, "budi", OWN)
        assert (await budi.see("/me"))["roles"] == [], "a leader has not let him see letters yet"
        await office.agree()
        for _ in range(50):  # the gateway remembers a session for three seconds
            if (roles := (await budi.see("/me"))["roles"]) == ["operator"]:
                break
            await asyncio.sleep(0.1)
        assert roles == ["operator"]
        said = office.said()
        stored = b"".join(bytes(row.data) for row in office.rows("organisation"))
        for secret in (given["password"], ticket, ticket.partition(".")[2], OWN):
            assert secret not in said
            assert secret.encode() not in stored
    (fact,) = office.events("organisation", "FirstPasswordIssued")
    assert fact["data"]["person_id"] == "budi"
    assert fact["data"]["by"]["person_id"] == "admin", "who handed it out stays known"


async def test_a_forgotten_password_is_replaced_and_its_sessions_end(office: Product) -> None:
    async with office.client() as client:
        admin = await office.session(client, "admin")
        courier = await Person.login(client, "caraka-2", office.password)
        given = await admin.do("/people/caraka-2/first-password")
        assert (await log_in(client, "caraka-2@pekalongan", office.password)).status_code == 401
        for _ in range(50):  # the gateway remembers a session for three seconds
            if (await courier.send("GET", "/me")).status_code == 401:
                break
        newer = await admin.do("/people/caraka-2/first-password")
        assert (await log_in(client, given["login"], given["password"])).json()["code"] == "organisation.login-failed"
        ticket = (await log_in(client, newer["login"], newer["password"])).json()["ticket"]
        assert (await choose(client, ticket, OWN)).status_code == 200
        await Person.login(client, "caraka-2", OWN)


async def test_only_an_administrator_hands_it_out_and_only_to_who_is_there(office: Product) -> None:
    async with office.client() as client:
        for name in ("operator", "kadis", "sekretaris", "inspektorat"):
            person = await office.session(client, name)
            refused = await person.send("POST", "/people/kasi/first-password", json={})
            assert (refused.status_code, refused.json()["code"]) == (403, "gateway.forbidden")
        admin = await office.session(client, "admin")
        unknown = await admin.send("POST", "/people/siapa/first-password", json={})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "organisation.person-unknown")
        neighbour = await office.session(client, "admin", "purbalingga")
        assert (await neighbour.do("/people/kasi/first-password"))["password"] == "", "the Kadis is asked first"
        await office.agree("purbalingga")
        given = await neighbour.do("/people/kasi/first-password")
        assert given["login"] == "kasi@purbalingga", "his own agency's"
        assert given["password"]
        await Person.login(client, "kasi", office.password)


@pytest.mark.parametrize("ticket", ["", "pekalongan.", "pekalongan.salah", "x", "../.salah", "purbalingga." + "a" * 43])
async def test_a_made_up_ticket_opens_nothing(office: Product, ticket: str) -> None:
    async with office.client() as client:
        answer = await choose(client, ticket, OWN)
        assert (answer.status_code, answer.json()["code"]) == (401, "organisation.ticket-over")


async def test_the_pages_show_it_once_and_lead_to_the_choice(office: Product) -> None:
    async with office.client(headers=HTML) as desk, office.client(headers=HTML) as phone:
        admin = await office.session(desk, "admin")
        form = {"csrf_token": admin._headers["X-CSRF-Token"], "key": "tambah-dewi"}
        fields = {"person_id": "dewi", "name": "Dewi Anggraini", "roles": "operator", "first_password": "ya"}
        cookie = {"Cookie": admin._headers["Cookie"]}
        shown = await desk.post("/pengaturan/orang", data={**form, **fields}, headers=cookie)
        assert shown.status_code == 200, shown.text[:500]
        assert shown.headers["cache-control"] == "no-store"
        (password,) = re.findall(r'id="rahasia"[^>]*value="([^"]+)"', shown.text)
        later = await desk.get("/pengaturan/orang/dewi", headers=cookie)
        assert password not in later.text
        assert "belum dipakai" in later.text

        page = await phone.post("/masuk", data={"login": "dewi@pekalongan", "password": password})
        assert page.status_code == 200
        assert "Buat kata sandi Anda" in page.text
        assert password not in page.text
        (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
        choice = {"ticket": ticket, "login": "dewi@pekalongan", "password": OWN, "again": OWN + "x"}
        differ = await phone.post("/masuk/kata-sandi", data=choice)
        assert differ.status_code == 422
        assert "Kedua kata sandi tidak sama" in differ.text
        done = await phone.post("/masuk/kata-sandi", data={**choice, "again": OWN})
        assert (done.status_code, done.headers["location"]) == (303, "/tugas")
        assert done.headers["set-cookie"].startswith("__Host-caraka=pekalongan.")
        hers = {"Cookie": done.headers["set-cookie"].partition(";")[0]}
        assert "Anda belum mempunyai peran" in (await phone.get("/tugas", headers=hers)).text
        assert (await phone.get("/surat", headers=hers)).status_code == 403
        late = await phone.post("/masuk/kata-sandi", data={**choice, "again": OWN})
        assert late.status_code == 401
        assert "Waktu untuk membuat kata sandi sudah habis" in late.text
        elsewhere = await phone.post(
            "/masuk/kata-sandi", data={**choice, "again": OWN}, headers={"origin": "https://jahat.example"}
        )
        assert "Permintaan datang dari situs lain" in elsewhere.text
        assert "dibuatnya sendiri" in (await desk.get("/pengaturan/orang/dewi", headers=cookie)).text


async def test_the_command_line_gives_the_same_kind_of_password(office: Product) -> None:
    words = ("user", "add", "--agency", "pekalongan", "--person", "rini", "--name", "Rini", "--role", "operator")
    password = office.command(*words).split()[-1]
    async with office.client() as client:
        first = await log_in(client, "rini@pekalongan", password)
        assert first.json()["code"] == "organisation.first-password"
        assert (await choose(client, first.json()["ticket"], OWN)).status_code == 200
    status, said = office.try_command(*words)
    assert (status, "rini@pekalongan sudah ada" in said, "--new-password" in said) == (1, True, True), said
    again = office.command(*words, "--new-password").split()[-1]
    async with office.client() as client:
        assert (await log_in(client, "rini@pekalongan", again)).json()["code"] == "organisation.first-password"
    status, said = office.try_command(*words[:-4], "--person", "joko", "--name", "Joko", "--role", "raja")
    assert status == 1
    assert said.strip().startswith("Ditolak: ")
    assert said.strip().endswith("(organisation.role-unknown)"), said
    assert "{" not in said
