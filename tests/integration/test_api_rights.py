"""Every route × role on the running product: who may knock is what the one table says, and every route is in it."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from gateway.edge.rights import PUBLIC, RIGHTS, Right
from services.cli.demo import FIELDS, Person
from tests.parts.product import Product
from tests.parts.routes import routes

PEOPLE = ("operator", "kasi", "kabid", "kadis", "caraka-1", "caraka-2", "admin", "inspektorat", "sekretaris")
LEFT_OUT = {"sessions.close", "logout"}  # they end the session that asks; tried on their own
BODIES: dict[str, dict[str, Any]] = {
    "letters.examine": {"fields": FIELDS},
    "letters.revise": {"fields": FIELDS},
    "letters.cancel": {"reason": "uji"},
    "letters.release": {"reason": "uji"},
    "letters.confirm": {"reason": "uji"},
    "books.open": {"book": "masuk", "year": 2026},
    "approvals.return": {"note": "uji"},
    "dispatches.assign": {"courier_id": "caraka-1"},
    "dispatches.waive": {"copy_id": str(uuid4()), "reason": "uji"},
    "dispatches.archive": {"classification": "005", "place": "Rak"},
    "deliveries.record": {"letter_id": str(uuid4()), "receiver_name": "A", "receiver_position": "B"},
    "deliveries.transmit": {"letter_id": str(uuid4()), "route": "fax", "reference": "1"},
    "tokens.revoke": {"reason": "uji"},
    "access.refuse": {"reason": "uji"},
    "jobs.discard": {"reason": "uji"},
}


def made_up(path: str) -> str:
    path = path.replace("{sha256}", "a" * 64).replace("{page}", "1")
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + str(uuid4()) + rest.partition("}")[2]
    return path


def test_every_route_of_the_application_has_its_row_in_the_table_of_rights(tmp_path: Path) -> None:
    found = list(routes(tmp_path))
    assert len(found) > 50
    assert {route.name for route in found} - set(RIGHTS) == set()
    assert set(RIGHTS) - {route.name for route in found} == set(), "a row for a route that is not there"


async def knock(client: AsyncClient, person: Person | None, method: str, path: str, name: str) -> tuple[int, str]:
    """Status, and the problem's code if it is one. Bodies are closed unread: the live stream has no end."""
    headers = {**(person._headers if person else {}), "Accept": "application/json"}
    body = {"json": BODIES.get(name, {})} if method in {"POST", "PUT", "PATCH"} else {}
    async with client.stream(method, made_up(path), headers=headers, **body) as answer:
        if answer.headers.get("content-type") != "application/problem+json":
            return answer.status_code, ""
        await answer.aread()
        return answer.status_code, answer.json()["code"]


HIS_OWN = {"contacts.ways", "contacts.own"}


def as_nobody(right: Right, status: int, code: str) -> bool:
    """Without a session: the public routes answer, all others ask for one."""
    if right.roles is PUBLIC:  # a wrong password is told by the page itself
        return code != "gateway.login-needed" and status != 403 and status < 500
    return (status, code) == (401, "gateway.login-needed")


def as_somebody(right: Right, roles: frozenset[str], status: int, code: str) -> bool:
    """The gateway lets in exactly the roles of the row, and the service behind it does not think otherwise."""
    if not right.allows(roles):
        return (status, code) == (403, "gateway.forbidden")
    refused = code == "gateway.forbidden" or code.endswith((".not-permitted", ".not-allowed"))
    return status != 401 and status < 500 and not refused


async def test_who_is_not_logged_in_gets_401_and_who_may_not_gets_403_on_every_route(
    product: Product, tmp_path: Path
) -> None:
    wrong = []
    async with product.client() as client:
        await stand_in(client, product)
        people = {name: await Person.login(client, name, product.password) for name in PEOPLE}
        roles = {name: frozenset((await person.see("/me"))["roles"]) for name, person in people.items()}
        assert {"stand-in", "courier"} == roles["caraka-2"], "a stand-in by his position alone"
        assert {"examiner", "assigner"} < roles["kasi"]
        for method, path, name, _ in routes(tmp_path):
            if name in LEFT_OUT or name == "static":
                continue
            said = await knock(client, None, method, path, name)
            if not as_nobody(RIGHTS[name], *said):
                wrong.append(f"nobody {method} {path}: {said}")
            for who, person in people.items() if RIGHTS[name].roles is not PUBLIC else ():
                said = await knock(client, person, method, path, name)
                if name in HIS_OWN and said == (403, "gateway.forbidden"):
                    continue  # the address names somebody else
                if not as_somebody(RIGHTS[name], roles[who], *said):
                    wrong.append(f"{who} {method} {path}: {said}")
    assert not wrong, "\n".join(wrong)


async def stand_in(client: AsyncClient, product: Product) -> None:
    """A courier holds a position that substitutes for the Kabid: he would act, were the Kabid barred from a letter."""
    admin = await Person.login(client, "admin", product.password)
    seat = {"position": "pengganti-kabid", "title": "Pengadministrasi Umum", "role": "courier", "unit": ""}
    await admin.do("/positions", {**seat, "person_id": "caraka-2"})
    await product.agree()
    await admin.do("/positions/kabid-aplikasi-persandian/substitute", {"substitute": "pengganti-kabid"})
    await product.agree()


@pytest.mark.parametrize("path", ["/api/v1/sessions/own", "/keluar"])
async def test_who_logs_out_is_out(product: Product, path: str) -> None:
    async with product.client() as client:
        person = await Person.login(client, "sekretaris", product.password)
        assert (await person.send("GET", "/me")).status_code == 200
        method = "DELETE" if path.startswith("/api") else "POST"
        answer = await client.request(method, path, headers=person._headers)
        assert answer.status_code in {204, 303}
        assert (await person.send("GET", "/me")).status_code == 401


async def test_a_machine_with_a_token_may_do_what_its_role_may(product: Product) -> None:
    said = product.command("token", "create", "--agency", "pekalongan", "--role", "inspector", "--label", "pengawas")
    token = said.split()[-1]
    async with product.client(headers={"Authorization": f"Bearer {token}"}) as machine:
        assert (await machine.get("/api/v1/letters")).status_code == 200
        answer = await machine.post("/api/v1/letters", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "gateway.forbidden")
    async with product.person("admin") as admin:
        token_id = token.split("_")[2]
        await admin.do(f"/tokens/{token_id}/revoke", {"reason": "uji"})
    async with product.client(headers={"Authorization": f"Bearer {token}"}) as machine:
        for _ in range(50):
            answer = await machine.get("/api/v1/letters")
            if answer.status_code == 401:
                break
            await asyncio.sleep(0.1)
        assert (answer.status_code, answer.json()["code"]) == (401, "gateway.bad-credentials")
    assert token not in product.said().replace(said, "")
