"""Attacks on ways in: a token that wears a person's name, a secret made twice, an administrator who lets himself read.

Against the real stores, and against the running product over HTTP, on this machine alone.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.organisation import (
    AccessGrants,
    AccessGrantsAnswer,
    AddUser,
    ConfirmAccess,
    FirstPasswordGranted,
    GrantFirstPassword,
    GrantRenewal,
    GrantToken,
    IssueToken,
    TokenGranted,
)
from contracts.words import ASSIGNER, EXAMINER, LETTER_ROLES, STAND_IN
from gateway.edge.rights import RIGHTS
from services.cli.demo import FIELDS
from services.kit.runtime.kit import UNAVAILABLE
from services.kit.runtime.timekeeper import Timekeeper
from services.kit.settings import Settings
from services.organisation.adapters.standards_files import bring_in, own_standards, read
from tests.integration.test_organisation import Office, _opened
from tests.parts.product import ALL_THAT_IS, Product

ADMIN = Actor(id="admin", name="Dimas Arya Nugraha", roles=("admin",))
KADIS = Actor(id="kadis", name="Suryo Adinegoro", roles=("kadis", "leader"))

# What shows letters, in the office's words and not in the table's: whoever may knock here reads letters.
READING = (
    "letters.list", "letters.show", "letters.events", "letters.raw", "letters.print-pack", "letters.initials-sheet",
    "approvals.show", "dispatches.show", "dashboards.board", "dashboards.at-risk", "stream", "page.inbox",
    "page.board", "page.letters", "page.letter", "page.risk",
)  # fmt: skip
BY_A_POSITION = {EXAMINER, ASSIGNER, STAND_IN}


def test_every_role_that_some_route_shows_letters_to_is_one_that_a_leader_must_agree_to() -> None:
    readers = {role for name in READING for role in RIGHTS[name].roles}
    assert readers - BY_A_POSITION == LETTER_ROLES


pytestmark = pytest.mark.real


# ── on the real stores ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    home = tmp_path / "var"
    if request.param == "sqlite":
        return Settings(data_dir=home)
    return Settings(data_dir=home, database_url=SecretStr(request.getfixturevalue("pg_url")))


@pytest_asyncio.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    async with _opened(settings) as opened:
        assert await bring_in(read(own_standards()), opened.kit.execute, opened.now) == []
        yield opened


async def grants(office: Office) -> AccessGrantsAnswer:
    answer: AccessGrantsAnswer = await office.query(AccessGrants(after="now"))
    return answer


async def confirm(office: Office) -> None:
    waiting = [row.grant_id for row in (await grants(office)).grants if row.state == "waiting"]
    for grant_id in waiting:
        assert isinstance(await office.ask(ConfirmAccess(grant_id=grant_id), KADIS), Accepted)


def token(name: str, role: str = "courier", key: UUID | None = None) -> GrantToken:
    return GrantToken(token_id=name, role=role, label="Mesin", by=ADMIN, command_id=key or uuid4())


def hashes(office: Office) -> set[str]:
    with office.kit.engine.connect() as connection:
        return {row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM tokens")}


async def test_whoever_did_not_hear_the_answer_gets_no_second_secret_under_the_same_key(office: Office) -> None:
    key = uuid4()
    first: TokenGranted = await office.query(token("pemindai", key=key))
    kept = hashes(office)
    for _ in range(3):
        again = await office.query(token("pemindai", key=key))
        assert isinstance(again, Refusal)
        assert (again.code, again.status) == ("organisation.handed-over", 409)
    assert hashes(office) == kept == {sha256(first.token.encode()).hexdigest()}
    assert await office.whose(first.token), "the one that was handed over still opens"
    other = await office.query(token("pemindai", "admin", key=key))
    assert isinstance(other, Refusal)
    assert (other.code, other.status) == ("kit.key-reused", 422)


@pytest.mark.parametrize(
    "roles", [("operator",), ("inspector",), ("kadis", "leader"), ("secretary",), ("service",), ()]
)
async def test_nobody_but_an_administrator_is_given_a_secret(office: Office, roles: tuple[str, ...]) -> None:
    """Whoever brings the request to the service: who it says asks is judged by the decision."""
    other = Actor(id="sari", name="Sari", roles=roles)
    asked = (
        token("pemindai").model_copy(update={"by": other}),
        GrantFirstPassword(person_id="operator", by=other, command_id=uuid4()),
    )
    for each in asked:
        refused = await office.query(each)
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.status) == ("organisation.not-permitted", 403)
    assert hashes(office) == set()


async def test_the_same_at_the_same_moment_makes_one_secret(office: Office) -> None:
    key = uuid4()
    answers = await asyncio.gather(*(office.query(token("pemindai", key=key)) for _ in range(8)))
    secrets = [each.token for each in answers if isinstance(each, TokenGranted)]
    assert len(secrets) == 1
    assert {each.code for each in answers if isinstance(each, Refusal)} == {"organisation.handed-over"}
    assert await office.whose(secrets[0])


async def test_what_was_stated_before_a_crash_is_handed_over_once_afterwards(office: Office) -> None:
    """The fact was committed, and the process died before it made a secret."""
    key = uuid4()
    ask = IssueToken(token_id="pemindai", role="courier", label="Mesin")
    stated = await _as(office, ask, key)
    assert isinstance(stated, Accepted)
    assert hashes(office) == set()
    granted = await office.query(token("pemindai", key=key))
    assert await office.whose(granted.token)
    assert isinstance(await office.query(token("pemindai", key=key)), Refusal)


async def _as(office: Office, command: IssueToken, key: UUID) -> Accepted | Refusal:
    return await office.kit.execute(
        Ask(
            command_id=key, agency="pekalongan", kind=command.kind(), actor=ADMIN, asked_at=office.now,
            correlation_id=key, body=command.model_dump(mode="json"),
        )
    )  # fmt: skip


async def test_renewals_and_first_passwords_are_handed_over_once_too(office: Office) -> None:
    old: TokenGranted = await office.query(token("pemindai"))
    key = uuid4()
    renewal = GrantRenewal(token_id="pemindai", by=ADMIN, command_id=key)
    new: TokenGranted = await office.query(renewal)
    assert await office.whose(old.token) is None, "the old secret ends"
    assert await office.whose(new.token)
    assert (await office.query(renewal)).code == "organisation.handed-over"
    asked = GrantFirstPassword(person_id="caraka-1", by=ADMIN, command_id=uuid4())
    first: FirstPasswordGranted = await office.query(asked)
    assert (await office.query(asked)).code == "organisation.handed-over"
    assert (await office.login(first.login, first.password)).refused == "organisation.first-password"


async def test_a_machine_is_nobody_else_whatever_its_token_is_called(office: Office) -> None:
    """A token with the id and the label of the Kasi, and one with a courier's."""
    for name, label in (("kasi", "Hendra Wicaksana, S.Kom."), ("caraka-1", "Slamet Widodo Jati")):
        asked = GrantToken(token_id=name, role="courier", label=label, by=ADMIN)
        principal = await office.whose((await office.query(asked)).token)
        assert principal is not None
        assert (principal.machine, principal.actor.id) == (True, f"machine-{name}")
        assert principal.actor.holdings == ()
    refused = await office.ask(AddUser(person_id="machine-kasi", name="Hendra"), ADMIN)
    assert isinstance(refused, Refusal)
    assert refused.code == "organisation.name-reserved"
    facts = [fact.event for fact in office.facts() if type(fact.event).__name__ == "TokenIssued"]
    assert {event.by.person_id for event in facts} == {"admin"}


async def test_a_first_password_for_a_leader_opens_nothing_until_he_agrees(office: Office) -> None:
    login = office.give_password("kadis")
    asked = await office.query(GrantFirstPassword(person_id="kadis", by=ADMIN))
    assert (asked.password, asked.ends_at) == ("", None)
    assert asked.waits_until == office.now + timedelta(hours=24)
    assert (await office.login(login)).principal is not None, "his own password goes on"
    await confirm(office)
    assert (await office.query(GrantFirstPassword(person_id="kadis", by=ADMIN))).password
    assert (await office.login(login)).refused == "organisation.login-failed"


async def test_who_holds_a_position_is_found_by_the_service_itself(office: Office) -> None:
    """The Kabid has no role of his own: that he sees letters is looked up, whatever an administrator says."""
    asked = await office.query(GrantFirstPassword(person_id="kabid", by=ADMIN))
    assert asked.password == ""
    courier = await office.query(GrantFirstPassword(person_id="caraka-2", by=ADMIN))
    assert courier.password


async def test_the_twenty_four_hours_run_over_a_restart(settings: Settings) -> None:
    async with _opened(settings) as office:
        assert await bring_in(read(own_standards()), office.kit.execute, office.now) == []
        command = AddUser(person_id="admin", name="Dimas", roles=("admin", "inspector"))
        assert isinstance(await office.ask(command, ADMIN), Accepted)
        assert await _fired(office) == 0
    async with _opened(settings) as office:
        office.now += timedelta(hours=23, minutes=59)
        assert await _fired(office) == 0
        office.now += timedelta(minutes=1)
        assert await _fired(office) == 1
        assert await _fired(office) == 0
        (row,) = (await grants(office)).grants
        assert (row.state, row.seen, row.asked_by, row.asked_by_name) == ("released", False, "admin", ADMIN.name)
        assert (await grants(office)).open == 1, "the leaders still see it"
        assert "RolesGranted" in {type(fact.event).__name__ for fact in office.facts()}


async def _fired(office: Office) -> int:
    keeper = Timekeeper(
        "organisation", engine=office.kit.engine, execute=office.kit.execute, timer_wakeup=office.kit.timer_wakeup,
        clock=office.kit.clock, poll=1, unavailable=UNAVAILABLE,
    )  # fmt: skip
    return await keeper.fire()


# ── on the running product ───────────────────────────────────────────────────────────────────────────────────────────


def machine(product: Product, secret: str) -> httpx.AsyncClient:
    return product.client(headers={"Authorization": f"Bearer {secret}"})


async def _open_grant(product: Product, what: str, **said: str) -> dict[str, Any]:
    async with product.person("kadis") as kadis:
        answer = await kadis.see("/access-grants", after=ALL_THAT_IS)
    found = [row for row in answer["grants"] if row["grant"]["what"] == what and not row["seen"]]
    (grant,) = [row for row in found if all(row["grant"][name] == value for name, value in said.items())]
    return dict(grant)


async def test_an_administrator_gets_no_token_that_reads_letters_by_himself(product: Product) -> None:
    body = {"token_id": "pembaca", "role": "inspector", "label": "Pembaca"}
    async with product.people("admin", "kadis", "kasi") as (admin, kadis, kasi):
        asked = await admin.send("POST", "/tokens", json=body, headers={"Idempotency-Key": "pembaca-1"})
        assert (asked.status_code, asked.json()["token"]) == (202, "")
        assert asked.headers["cache-control"] == "no-store"
        again = await admin.send("POST", "/tokens", json=body, headers={"Idempotency-Key": "pembaca-2"})
        assert (again.status_code, again.json()) == (202, asked.json())
        grant = await _open_grant(product, "token", token_id="pembaca")
        assert (grant["state"], grant["asked_by"]) == ("waiting", "admin")
        for other in (admin, kasi):
            refused = await other.send("POST", f"/access-grants/{grant['grant_id']}/confirm", json={})
            assert (refused.status_code, refused.json()["code"]) == (403, "gateway.forbidden")
        async with product.person("kadis", "purbalingga") as neighbour:
            foreign = await neighbour.send("POST", f"/access-grants/{grant['grant_id']}/confirm", json={})
            unknown = await neighbour.send("POST", f"/access-grants/{uuid4()}/confirm", json={})
            assert (foreign.status_code, foreign.json()["code"]) == (404, "organisation.access-unknown")
            assert foreign.json() == unknown.json(), "another agency's is as unknown as none"
        await kadis.do(f"/access-grants/{grant['grant_id']}/confirm")
        fetched = await admin.send("POST", "/tokens", json=body, headers={"Idempotency-Key": "pembaca-3"})
        assert fetched.status_code == 200, fetched.text
        lost = await admin.send("POST", "/tokens", json=body, headers={"Idempotency-Key": "pembaca-3"})
        assert (lost.status_code, lost.json()["code"]) == (409, "organisation.handed-over")
        assert "token" not in lost.json()
    async with machine(product, fetched.json()["token"]) as reader:
        assert (await reader.get("/api/v1/letters")).status_code == 200
        assert (await reader.get("/api/v1/me")).json()["id"] == "machine-pembaca"
    (issued,) = [fact for fact in product.events("organisation", "TokenIssued") if "pembaca" in json.dumps(fact)]
    assert issued["data"]["by"]["person_id"] == "admin"
    assert fetched.json()["token"] not in product.said()


async def test_an_administrator_does_not_let_himself_read(product: Product) -> None:
    """By a role, by a position, by a substitution and an absence, by another's first password."""
    seat = {"position": "penyimpan", "title": "Penyimpan", "role": "operator", "unit": ""}
    async with product.people("admin", "kadis") as (admin, kadis):
        before, refused_before = (await admin.see("/me"))["roles"], len(product.events("organisation", "AccessRefused"))
        added = await admin.do("/people", {"person_id": "admin", "name": "Dimas", "roles": ["admin", "inspector"]})
        seated = await admin.do("/positions", {**seat, "person_id": "admin"})
        for answer in (added, seated):
            assert answer["result"]["waits_until"]
        granted = await admin.send("POST", "/people/inspektorat/first-password", json={})
        assert (granted.status_code, granted.json()["password"]) == (202, "")
        assert (await admin.see("/me", after=seated["after"]))["roles"] == before
        assert (await admin.send("GET", "/letters")).status_code == 403
        waits = [
            row for row in (await kadis.see("/access-grants", after=ALL_THAT_IS))["grants"] if row["state"] == "waiting"
        ]
        assert {row["grant"]["what"] for row in waits} >= {"role", "seat", "first-password"}
        for row in waits:
            refused = {"reason": "tidak diperlukan"}
            await kadis.do(f"/access-grants/{row['grant_id']}/refuse", refused)
        again = await admin.send("POST", f"/access-grants/{waits[0]['grant_id']}/confirm", json={})
        assert again.status_code == 403
        assert (await admin.send("GET", "/letters")).status_code == 403
    inspector = await _logs_in(product, "inspektorat")
    assert inspector, "who was to be locked out was not"
    refusals = product.events("organisation", "AccessRefused")[refused_before:]
    assert len(refusals) == len(waits)
    assert {fact["data"]["by"]["person_id"] for fact in refusals} == {"kadis"}


async def _logs_in(product: Product, name: str) -> bool:
    async with product.client() as client:
        login = {"login": f"{name}@pekalongan", "password": product.password}
        return (await client.post("/api/v1/sessions", json=login)).status_code == 200


async def test_what_the_console_gives_holds_at_once_and_the_leaders_are_shown(product: Product) -> None:
    words = ("token", "create", "--agency", "pekalongan", "--role", "operator", "--label", "Hendra Wicaksana, S.Kom.")
    secret = product.command(*words).split()[-1]
    async with machine(product, secret) as scanner:
        assert (await scanner.get("/api/v1/letters")).status_code == 200
        letter = {"channel": "paper", "received_at": "2026-03-12T03:00:00+00:00", "fields": FIELDS}
        entered = await scanner.post("/api/v1/letters", json=letter, headers={"Idempotency-Key": "pindai-1"})
        assert entered.status_code == 200, entered.text
        named = entered.json()["result"]["letter_id"]
        history = await scanner.get(f"/api/v1/letters/{named}/events", params={"after": entered.json()["after"]})
    signed = {(entry["by_name"], entry["by_capacity"]) for entry in history.json()["entries"] if entry["by_name"]}
    assert signed == {("Hendra Wicaksana, S.Kom.", "machine")}, "whatever its label says"
    grant = await _open_grant(product, "token", label="Hendra Wicaksana, S.Kom.")
    assert (grant["state"], grant["asked_by"], grant["seen"]) == ("console", "console", False)
    async with product.person("kadis") as kadis, product.client(headers={"Accept": "text/html"}) as browser:
        cookie = {"Cookie": kadis._headers["Cookie"]}
        tasks = (await browser.get("/tugas", headers=cookie)).text
        assert "Token mesin “Hendra Wicaksana, S.Kom.”" in tasks
        assert "Diberikan di konsol" in tasks
        story = (await browser.get(f"/surat/{named}", headers=cookie)).text
        assert "mesin Hendra Wicaksana, S.Kom." in story
        await kadis.do(f"/access-grants/{grant['grant_id']}/confirm")
        answer = await kadis.see("/access-grants", after=ALL_THAT_IS)
    (row,) = [row for row in answer["grants"] if row["grant_id"] == grant["grant_id"]]
    assert row["seen"]


async def test_a_courier_is_not_played_by_a_token_with_his_name(product: Product) -> None:
    body = {"token_id": "caraka-1", "role": "courier", "label": "Slamet Widodo Jati"}
    async with product.person("admin") as admin:
        secret = (await admin.do("/tokens", body))["token"]
        refused = await admin.send("POST", "/people", json={"person_id": "machine-caraka-1", "name": "Slamet"})
        assert (refused.status_code, refused.json()["code"]) == (422, "organisation.name-reserved")
    async with machine(product, secret) as courier:
        assert (await courier.get("/api/v1/me")).json()["id"] == "machine-caraka-1"
        stops = await courier.get("/api/v1/deliveries")
        assert (stops.status_code, stops.json()["stops"]) == (200, [])
        others = await courier.get("/api/v1/deliveries", params={"courier": "caraka-1"})
        assert others.status_code == 403
