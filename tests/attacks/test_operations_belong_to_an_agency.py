"""Attacks on Ruang operasi: another agency's administrator at a parked case; housekeeping by whom it does not concern.

Against the real stores, and against the running product over HTTP and its bus, on this machine alone.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from services.cli.demo import FIELDS, Person
from services.intake.settings import IntakeSettings, mailboxes_of
from services.kit.bus import RemoteFault
from services.kit.database import engine_of, place_of
from services.kit.database.place import make_schema
from services.kit.operations import EVERYWHERE, request_operation
from services.kit.settings import Settings
from services.kit.subscriptions import dead_letters
from services.kit.subscriptions.dead_letters import DeadLetters
from services.organisation.adapters.standards_files import StandardsRefusedError, load, own_standards
from tests.parts.product import Product

PEKALONGAN, PURBALINGGA, CASE = "pekalongan", "purbalingga", "pekalongan/letter:1"

# The table as it was before cases knew their agency.
OLDER = """CREATE TABLE parked (source VARCHAR(64), event_key VARCHAR(100), case_id VARCHAR(200) NOT NULL,
 store VARCHAR(64) NOT NULL, epoch INTEGER NOT NULL, position BIGINT NOT NULL, subject VARCHAR(300) NOT NULL,
 kind VARCHAR(200) NOT NULL, state VARCHAR(10) NOT NULL, reason VARCHAR(200) NOT NULL, detail TEXT NOT NULL,
 bytes {bytes} NOT NULL, parked_at TIMESTAMP NOT NULL, closed_at TIMESTAMP, closed_by VARCHAR(64), closed_why TEXT,
 PRIMARY KEY (source, event_key))"""


pytestmark = pytest.mark.real


# ── on the real stores ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    more = {} if request.param == "sqlite" else {"database_url": SecretStr(request.getfixturevalue("pg_url"))}
    place = place_of(Settings.model_validate({"data_dir": tmp_path / "var", **more}), "approval")
    make_schema(place)
    opened = engine_of(place)
    yield opened
    opened.dispose()


def parked(engine: sa.Engine, owner: str, case_id: str, key: str, **more: Any) -> None:
    row = {
        "source": "intake", "event_key": key, "case_id": case_id, "store": "0a1b2c", "epoch": 1, "position": 1,
        "subject": f"evt.{owner}.intake.letter-forwarded.v1", "kind": "intake.LetterForwarded.v1", "state": "failed",
        "reason": "approval.no-tiers", "detail": "", "bytes": b"{}", "parked_at": datetime.now(UTC),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(sa.table("parked", *map(sa.column, {**row, **more}))).values(**row, **more))


def test_cases_of_before_belong_to_the_agency_of_their_subject(engine: sa.Engine) -> None:
    kind = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
    with engine.begin() as connection:
        connection.exec_driver_sql(OLDER.format(bytes=kind))
    parked(engine, PEKALONGAN, CASE, "1")
    parked(engine, "unreadable", "unreadable/intake@1", "2")
    for _start in range(2):
        dead_letters.migrate(engine)
        cases = DeadLetters(engine).cases()
        assert sorted((case.agency, case.case_id) for case in cases) == [
            (PEKALONGAN, CASE), ("unreadable", "unreadable/intake@1")
        ]  # fmt: skip


def test_another_agency_neither_sees_nor_touches_a_case(engine: sa.Engine) -> None:
    dead_letters.migrate(engine)
    parked(engine, PEKALONGAN, CASE, "1", agency=PEKALONGAN)
    waiting = DeadLetters(engine)
    assert waiting.cases([PURBALINGGA]) == waiting.cases([]) == []
    assert waiting.replay(PURBALINGGA, CASE) == waiting.replay(PURBALINGGA, "no/such:case") == 0
    assert waiting.discard(PURBALINGGA, CASE, reason="coba", by="admin") == 0
    assert not waiting.settled(PURBALINGGA, CASE)
    (case,) = waiting.cases([PEKALONGAN])
    assert (case.agency, case.state) == (PEKALONGAN, "failed")
    assert waiting.replay(PEKALONGAN, CASE) == 1
    assert waiting.discard(PEKALONGAN, CASE, reason="keliru", by="admin") == 1
    assert waiting.settled(PEKALONGAN, CASE)


@pytest.mark.parametrize("name", ["deployment", "unreadable"])
def test_no_ordinary_agency_is_called_like_the_installation(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    (folder / PURBALINGGA).rename(folder / name)
    words = folder / name / "agency.toml"
    words.write_text(words.read_text().replace(f'agency = "{PURBALINGGA}"', f'agency = "{name}"', 1))
    with pytest.raises(StandardsRefusedError, match=f"{name}: nama ini dicadangkan"):
        load(folder)
    box = json.dumps([{"agency": name, "name": "surat", "kind": "maildir", "path": str(tmp_path)}])
    with pytest.raises(ValueError, match="is reserved"):
        mailboxes_of(Settings(data_dir=tmp_path), IntakeSettings(mailboxes=box))


# ── on the running product ───────────────────────────────────────────────────────────────────────────────────────────


class Room:
    """Ruang operasi as a person sees it in his browser."""

    def __init__(self, client: httpx.AsyncClient, person: Person) -> None:
        self._client = client
        self._headers = {"Cookie": person._headers["Cookie"], "Accept": "text/html"}
        self._csrf = person._headers["X-CSRF-Token"]

    async def see(self, place: str = "/operasi") -> str:
        answer = await self._client.get(place, headers=self._headers)
        assert answer.status_code == 200, answer.text[:300]
        return answer.text

    async def do(self, place: str, key: str = "", **fields: str) -> httpx.Response:
        form = {"csrf_token": self._csrf, "key": key or str(uuid4()), **fields}
        return await self._client.post(f"/operasi/{place}", data=form, headers=self._headers)


@pytest.fixture
def lone(product: Product) -> Iterator[sa.Engine]:
    """The place of approval's dead letters, beside the running product."""
    opened = engine_of(place_of(product.settings, "approval"))
    yield opened
    with opened.begin() as connection:
        connection.exec_driver_sql("DELETE FROM parked WHERE store = '0a1b2c'")
    opened.dispose()


async def letter_of(product: Product) -> str:
    async with product.person("operator") as operator:
        body = {"channel": "paper", "received_at": "2026-03-12T03:00:00+00:00", "fields": FIELDS}
        return str((await operator.do("/letters", body))["result"]["letter_id"])


def notes(product: Product) -> list[dict[str, Any]]:
    return product.events("organisation", "OperationNoted")


def state_of(engine: sa.Engine, case: str) -> str:
    with engine.connect() as connection:
        asked = sa.text("SELECT state FROM parked WHERE case_id = :case")
        return str(connection.execute(asked, {"case": case}).scalar_one())


async def test_a_case_is_dealt_with_by_its_own_agency_and_stands_in_its_letters_history(
    product: Product, lone: sa.Engine
) -> None:
    letter = await letter_of(product)
    case = f"{PEKALONGAN}/{letter}"
    parked(lone, PEKALONGAN, case, letter, agency=PEKALONGAN)
    before = len(notes(product))
    async with product.client() as client:
        rooms = {
            (name, agency): Room(client, await product.session(client, name, agency))
            for name in ("admin", "inspektorat")
            for agency in (PEKALONGAN, PURBALINGGA)
        }
        foreign, own = rooms["admin", PURBALINGGA], rooms["admin", PEKALONGAN]
        for name in ("admin", "inspektorat"):
            assert case not in await rooms[name, PURBALINGGA].see()
            assert case in await rooms[name, PEKALONGAN].see()
        for action in ("replay", "discard"):
            his = await foreign.do(f"approval/{action}", case=case, reason="coba")
            nobodys = await foreign.do(f"approval/{action}", case=f"{PEKALONGAN}/{uuid4()}", reason="coba")
            assert his.status_code == nobodys.status_code == 404
            seen = await rooms["inspektorat", PEKALONGAN].do(f"approval/{action}", case=case, reason="coba")
            assert seen.status_code == 403
        assert (state_of(lone, case), len(notes(product))) == ("failed", before), "nothing done, nothing noted"

        again = await own.do("approval/replay", key="lagi", case=case)
        assert (again.status_code, state_of(lone, case)) == (303, "replay")
        twice = await own.do("approval/replay", key="lagi", case=case)
        assert (twice.status_code, len(notes(product))) == (303, before + 1), "the same form finds its note"
        for _ in range(2):
            aside = await own.do("approval/discard", key="sisih", case=case, reason="Surat uji")
            assert (aside.status_code, state_of(lone, case)) == (303, "discarded")
        assert case not in await own.see()
        said = notes(product)[before:]
        assert [(fact["agency"], fact["data"]["operation"], fact["data"]["letter_id"]) for fact in said] == [
            (PEKALONGAN, "replay", letter), (PEKALONGAN, "discard", letter)
        ]  # fmt: skip
        assert {fact["data"]["by"]["person_id"] for fact in said} == {"admin"}
        assert said[1]["data"]["reason"] == "Surat uji"

        await product.until_quiet()
        operator = Room(client, await product.session(client, "operator"))
        story = await operator.see(f"/surat/{letter}")
        assert "Ruang operasi: Kasus terparkir dicoba lagi di layanan Paraf." in story
        assert "Ruang operasi: Kasus terparkir dikesampingkan di layanan Paraf." in story
        assert "Surat uji" in story


@pytest.fixture
def shelf(product: Product) -> Iterator[sa.Engine]:
    """The place of the jobs of notifications, beside the running product; ours lie in a queue that nobody works on."""
    opened = engine_of(place_of(product.settings, "notifications"))
    yield opened
    with opened.begin() as connection:
        connection.exec_driver_sql("DELETE FROM jobs WHERE queue = 'lone'")
    opened.dispose()


def put_aside(engine: sa.Engine, owner: str, reason: str, minute: int = 0) -> str:
    row = {
        "job_id": str(uuid4()), "agency": owner, "stream": "notice:1", "name": "lone", "queue": "lone",
        "not_before": minute, "look_at": minute * 60_000_000, "tries": 4, "state": "parked", "publication": 1,
        "body": b"{}", "correlation_id": str(uuid4()), "causation_id": str(uuid4()), "traceparent": "",
        "reason": reason,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(sa.table("jobs", *map(sa.column, row))).values(**row))
    return str(row["job_id"])


async def test_jobs_over_the_api_are_listed_retried_and_discarded_in_their_own_agency_only(
    product: Product, shelf: sa.Engine
) -> None:
    ids = [put_aside(shelf, PEKALONGAN, f"550 no such box {n}", n) for n in range(3)]
    first, second, _ = ids
    before = len(notes(product))
    async with product.client() as client:
        own, foreign = [await product.session(client, "admin", agency) for agency in (PEKALONGAN, PURBALINGGA)]
        reader = await product.session(client, "inspektorat")
        assert (await foreign.see("/jobs", queue="lone"))["jobs"] == []
        others = (await foreign.see("/jobs"))["jobs"]  # his own, of whatever else was done there
        assert not {job["job_id"] for job in others} & set(ids)
        assert (await foreign.send("GET", f"/jobs/{first}")).status_code == 404
        for action, body in (("retry", {}), ("discard", {"reason": "coba"})):
            assert (await foreign.send("POST", f"/jobs/{first}/{action}", json=body)).status_code == 404
            assert (await reader.send("POST", f"/jobs/{first}/{action}", json=body)).status_code == 403
        assert len(notes(product)) == before, "nothing done, nothing noted"

        listed = await reader.see("/jobs", queue="lone")
        assert [job["job_id"] for job in listed["jobs"]] == ids
        assert listed["jobs"][0] == {
            "job_id": first, "service": "notifications", "queue": "lone", "state": "parked", "tries": 4,
            "reason": "550 no such box 0", "due_at": "1970-01-01T00:00:00Z",
        }  # fmt: skip
        seen, cursor = [], ""
        for _turn in range(4):
            turned = await own.see("/jobs", queue="lone", limit="1", cursor=cursor)
            seen += [job["job_id"] for job in turned["jobs"]]
            cursor = turned["cursor"]
        assert (seen, cursor) == (ids, "")
        assert (await own.send("GET", "/jobs?cursor=x")).status_code == 422

        for _again in range(2):
            answer = await own.send("POST", f"/jobs/{first}/retry", json={}, headers={"Idempotency-Key": "lagi"})
            assert answer.status_code == 200, answer.text
            assert answer.headers["caraka-after"] == answer.json()["after"]
        assert (await own.see(f"/jobs/{first}"))["state"] == "waiting"
        unsaid = await own.send("POST", f"/jobs/{second}/discard", json={"reason": " "})
        assert (unsaid.status_code, unsaid.json()["code"]) == (422, "gateway.malformed")
        await own.do(f"/jobs/{second}/discard", {"reason": "kotak dihapus"})
        aside = (await own.see("/jobs", queue="lone", state="discarded"))["jobs"]
        assert [(job["job_id"], job["reason"]) for job in aside] == [(second, "kotak dihapus")]
        assert (await own.send("POST", f"/jobs/{uuid4()}/retry", json={})).status_code == 404
    told = [(fact["agency"], fact["data"]["operation"], fact["data"]["parked"]) for fact in notes(product)[before:]]
    assert told == [
        (PEKALONGAN, "job-retry", f"{PEKALONGAN}/job:{first}"),
        (PEKALONGAN, "job-discard", f"{PEKALONGAN}/job:{second}"),
    ]
    assert {fact["data"]["by"]["person_id"] for fact in notes(product)[before:]} == {"admin"}


async def test_nothing_is_done_over_the_bus_without_its_note_and_without_an_agency(
    product: Product, lone: sa.Engine
) -> None:
    case = f"{PEKALONGAN}/{uuid4()}"
    parked(lone, PEKALONGAN, case, case, agency=PEKALONGAN)
    whole = {"agency": PEKALONGAN, "case": case, "reason": "x", "by": "admin", "service": "intake", "position": 1}
    async with product.bus() as bus:
        for service, operation in (
            ("approval", "replay"), ("approval", "discard"), ("approval", "retell-timers"), ("projections", "rebuild"),
            ("audit", "adopt"), ("audit", "settle"),
        ):  # fmt: skip
            with pytest.raises(RemoteFault, match="note-missing"):
                await request_operation(bus, service, operation, whole)
        with pytest.raises(RemoteFault):
            await request_operation(bus, "approval", "parked", {})
        found = await request_operation(bus, "approval", "parked", {"agencies": [PURBALINGGA]})
        assert found == []
        assert case in [
            each["case_id"] for each in await request_operation(bus, "approval", "parked", {"agencies": EVERYWHERE})
        ]
    assert state_of(lone, case) == "failed"


async def test_housekeeping_over_all_agencies_is_the_deployments(product: Product) -> None:
    words = ("user", "add", "--agency", "deployment", "--name", "Penjaga Mesin")
    status, said = product.try_command(*words, "--person", "pembaca", "--role", "operator")
    assert (status, "role-not-here" in said) == (1, True)
    password = product.command(*words, "--person", "penjaga", "--role", "admin").split()[-1]
    own = "mesin ini saya jaga sendiri"
    async with product.client() as client:
        first = await client.post("/api/v1/sessions", json={"login": "penjaga@deployment", "password": password})
        choice = {"ticket": first.json()["ticket"], "password": own}
        assert (await client.post("/api/v1/sessions/first", json=choice)).status_code == 200
        keeper = Room(client, await Person.login(client, "penjaga", own, "deployment"))
        assert "Pemeliharaan semua instansi" in await keeper.see()
        admin = Room(client, await product.session(client, "admin"))
        assert "Pemeliharaan semua instansi" not in await admin.see()
        before = len(notes(product))
        for action in ("rebuild", "retell-timers", "adopt"):
            answer = await admin.do(f"pemasangan/{action}", service="intake", reason="coba")
            assert answer.status_code == 404
        assert len(notes(product)) == before
        assert (await keeper.do("pemasangan/retell-timers")).status_code == 303
        nothing = await keeper.do("pemasangan/adopt", service="intake", reason="Dipulihkan")
        assert nothing.status_code == 409, "nothing was restored"
        assert (await keeper.do("pemasangan/rebuild")).status_code == 303
    said = notes(product)[before:]
    assert {fact["agency"] for fact in said} == {"deployment"}
    assert [fact["data"]["operation"] for fact in said] == ["retell-timers", "adopt", "rebuild"]
    assert {fact["data"]["by"]["person_id"] for fact in said} == {"penjaga"}
    await product.until_quiet()


async def test_the_console_acts_for_the_deployment_and_for_the_agency_of_a_case(
    product: Product, lone: sa.Engine
) -> None:
    case = f"{PURBALINGGA}/{uuid4()}"
    parked(lone, PURBALINGGA, case, case, agency=PURBALINGGA)
    before = len(notes(product))
    assert case in product.command("replay", "list")
    assert "tidak ada kasus terparkir" in product.command("replay", f"{case}x", "--service", "approval")
    product.command("replay", case, "--service", "approval", "--discard", "salah kirim")
    assert state_of(lone, case) == "discarded"
    product.command("rebuild", "all")
    product.command("timers", "retell", "approval")
    product.command("audit", "adopt", "intake", "--reason", "dipulihkan", "--by", "Dimas")
    told = [(fact["agency"], fact["data"]["operation"], fact["data"]["of_service"]) for fact in notes(product)[before:]]
    assert told == [
        (PURBALINGGA, "discard", "approval"), ("deployment", "rebuild", "projections"),
        ("deployment", "retell-timers", "approval"), ("deployment", "adopt", "intake"),
    ]  # fmt: skip
    assert {fact["data"]["by"]["person_id"] for fact in notes(product)[before:]} == {"console"}
    await product.until_quiet()
