"""Whoever takes the evidence away, or changes what stands beside the events, is found: by what the facts say and by
what was written down before. One of the edits leaves text where bytes were.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from contracts.base import Actor
from contracts.organisation import AddUser
from services.cli.demo import carry
from services.cli.invariants.ground import Finding
from services.cli.verify import verify
from services.kit.database.place import engine_of, place_of
from services.organisation.adapters.access_seals import access_key
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import CONSOLE, Issuing, issue_token, set_password
from services.organisation.adapters.passwords import hashed
from tests.integration.test_verify import Settled, office
from tests.parts.ports import wait_until
from tests.parts.product import WITH_EVENTS, Product, start_product

pytestmark = pytest.mark.real
__all__ = ["office"]
AGENCY, NOW = "pekalongan", datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
ADMIN = Actor(id="admin", name="Admin", roles=("admin",))


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with a letter in the archive."""
    product = start_product(tmp_path_factory.mktemp("carried"))
    try:
        asyncio.run(carry(product.settings, None))
        asyncio.run(product.until_quiet())
        yield product
    finally:
        product.discard()


def checked(product: Product) -> tuple[int, dict[str, Any]]:
    status, said = product.try_command("verify", "--json")
    return status, json.loads(said[said.index("{") :])


def test_evidence_that_was_taken_away_is_missed_until_a_person_takes_over_what_is_left(carried: Product) -> None:
    """Audit and views removed, an event edited, the bus forgotten: everything is chained and built anew, and agrees."""
    status, before = checked(carried)
    assert (status, before["complete"]) == (0, True), [f for f in before["findings"] if f["unchecked"]]
    answer = asyncio.run(heads(carried))
    assert {(head["service"], head["older"], head["taken_over_by"]) for head in answer["heads"]} >= {("intake", 0, "")}
    assert all(head["since"] for head in answer["heads"])
    assert "dirantai sejak" in carried.command("doctor")
    carried.stop()
    home = carried.settings.data_dir
    for path in (*home.glob("audit.sqlite*"), *home.glob("projections.sqlite*")):
        path.unlink()
    forget(carried)
    with closing(sqlite3.connect(home / "intake.sqlite")) as store:
        place = "instr(state, '\"print_number\":1')"
        changed = store.execute(
            f"UPDATE stored_events SET state = replace(state, '\"pages\":', '\"pages\":1') WHERE {place} > 0"  # noqa: S608 - ours
        )
        assert changed.rowcount == 1
        store.commit()
    status, told = checked(carried)
    assert status == 1
    assert "buktinya hilang" in finding(told, "I6")["sentence"]
    carried.start()
    status, told = checked(carried)
    assert status == 1
    assert "tidak ada bukti" in json.dumps(told)
    said_unready(carried, "audit: evidence: stopped rantai ")
    assert any("caraka audit adopt intake" in line for line in carried.command("audit", "breaches").splitlines())
    page = asyncio.run(operations(carried))
    assert "tidak ada bukti" in page
    for service in WITH_EVENTS:
        said = json.loads(carried.command("audit", "adopt", service, "--by", "budi", "--reason", "audit hilang"))
        assert said["older"] > 0
    carried.wait_ready()
    status, told = checked(carried)
    assert (status, told["ok"], told["complete"]) == (0, True, False)
    assert any("diambil alih oleh budi: audit hilang" in line for line in finding(told, "I6")["unchecked"])
    (head,) = [head for head in asyncio.run(heads(carried))["heads"] if head["service"] == "intake"]
    assert head["older"] > 0
    assert head["taken_over_by"] == "budi"
    assert "peristiwa lebih tua, diambil alih oleh budi" in carried.command("doctor")
    assert "peristiwa lebih tua" in asyncio.run(operations(carried))
    carried.stop()
    carried.start()
    carried.wait_ready()
    with closing(sqlite3.connect(home / "audit.sqlite")) as audit:
        carried.stop()
        for table in ("links", "heads", "marks"):
            audit.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
        audit.commit()
    assert "rantainya hilang" in json.dumps(checked(carried)[1]), "nor is a chain begun anew in silence"
    carried.start()
    assert "padahal" in carried.command("audit", "breaches")


def said_unready(product: Product, words: str) -> None:
    """Readiness refuses, and says this, as soon as audit has looked."""

    def said() -> bool:
        ready = httpx.get(f"{product.base_url}/readyz", timeout=10)
        return ready.status_code == HTTPStatus.SERVICE_UNAVAILABLE and words in ready.text

    wait_until(said, seconds=60, what=words, log=product.log_tail)


def finding(told: dict[str, Any], invariant: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told["findings"] if each["invariant"] == invariant)
    return found


def forget(product: Product) -> None:
    for folder in product.settings.data_dir.iterdir():
        if "nats" in folder.name and folder.is_dir():
            shutil.rmtree(folder)


async def heads(product: Product) -> dict[str, Any]:
    async with product.person("admin") as admin:
        return await admin.see("/audit/heads")


async def operations(product: Product) -> str:
    async with product.client() as client:
        person = await product.session(client, "admin")
        return (await client.get("/operasi", headers={"Cookie": person._headers["Cookie"]})).text


# ── beside the events ──


async def broken(house: Settled, invariant: str) -> Finding:
    found = (await house.verify())[invariant]
    assert not found.ok, f"{invariant} holds"
    return found


async def test_emptied_claims_are_missed_and_invented_ones_found(office: Settled) -> None:
    rows = office.spoil("SELECT agency, kind, key, owner FROM claims")
    assert {row.kind for row in rows} == {"book", "content", "message", "message-id"}
    for kind in ("message", "content", "book"):
        office.spoil("DELETE FROM claims WHERE kind = :kind", kind=kind)
        assert f"klaimnya, jenis {kind}, tidak ada" in (await broken(office, "I1")).sentence
        for row in rows:
            if row.kind == kind:
                office.spoil("INSERT INTO claims (agency, kind, key, owner) VALUES (:a, :k, :y, :o)",
                             a=row.agency, k=row.kind, y=row.key, o=row.owner)  # fmt: skip
    assert (await office.verify())["I1"].ok
    office.spoil("UPDATE claims SET owner = 'somebody' WHERE kind = 'book'")
    assert "di sana milik somebody" in (await broken(office, "I1")).sentence
    office.spoil("UPDATE claims SET owner = :o WHERE kind = 'book'", o=next(r.owner for r in rows if r.kind == "book"))
    office.spoil("INSERT INTO claims (agency, kind, key, owner) VALUES ('pekalongan', 'message', 'sanapati/7/99', 'x')")
    assert "ada 4 klaim jenis message, peristiwanya membuat 3" in (await broken(office, "I1")).sentence


EDITS: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]], str]] = [
    ("LetterRegistered", lambda r: {**r, "agenda": "9999/2026"}, "hasilnya menyebut agenda lain"),
    ("LetterRegistered", lambda r: {**r, "number": 1}, "hasilnya menyebut number lain"),
    ("LetterRegistered", lambda _: {}, "hasilnya menyebut letter_id lain"),
    ("MessageCaptured", lambda r: {**r, "outcome": "twin"}, "hasilnya menyebut outcome lain"),
    ("PrintPackProduced", lambda r: {**r, "print_number": 7}, "hasilnya menyebut print_number lain"),
    ("LetterForwarded", lambda _: {"revision": True}, ""),
]


@pytest.mark.parametrize(("kind", "edit", "sentence"), EDITS, ids=[f"{row[0]}-{at}" for at, row in enumerate(EDITS)])
async def test_an_edited_answer_is_held_against_its_events(
    office: Settled, kind: str, edit: Callable[[dict[str, Any]], dict[str, Any]], sentence: str
) -> None:
    command = orjson.loads(office.row(kind).data)["commandid"]
    outcome = orjson.loads(bytes(office.spoil("SELECT outcome FROM commands WHERE command_id = :c", c=command)[0][0]))
    changed = orjson.dumps({**outcome, "result": edit(outcome["result"])})
    office.spoil("UPDATE commands SET outcome = :o WHERE command_id = :c", o=changed, c=command)
    if sentence:
        assert sentence in (await broken(office, "I1")).sentence
    for name, value, said in (("stream", "letter:another", "aliran"), ("version", 77, "versi")):
        changed = orjson.dumps({**outcome, name: value})
        office.spoil("UPDATE commands SET outcome = :o WHERE command_id = :c", o=changed, c=command)
        assert said in (await broken(office, "I1")).sentence


async def test_the_answer_of_a_command_that_changed_nothing_is_held_against_its_stream(office: Settled) -> None:
    row = office.row("LetterRegistered")
    told = orjson.loads(row.data)
    name = office.road.log("intake").store_id
    honest = {
        "command_id": "00000000-0000-5000-8000-0000000000aa", "stream": told["subject"], "version": 3,
        "after": f"{name.store}.{name.epoch}.{row.position}",
        "result": {"letter_id": told["data"]["letter_id"], "agenda": told["data"]["agenda"]},
    }  # fmt: skip
    office.spoil("INSERT INTO commands (command_id, fingerprint, outcome) VALUES (:c, 'f', :o)",
                 c=honest["command_id"], o=orjson.dumps(honest))  # fmt: skip
    assert (await office.verify())["I1"].ok
    forged = (
        {**honest, "version": 50},
        {**honest, "result": {**honest["result"], "agenda": "1/2026"}},
        {**honest, "result": {"outcome": "captured"}},
    )
    for each in forged:
        office.spoil(
            "UPDATE commands SET outcome = :o WHERE command_id = :c", o=orjson.dumps(each), c=each["command_id"]
        )
        assert honest["command_id"] in (await broken(office, "I1")).where


# ── who can log in ──


@pytest_asyncio.fixture
async def people(office: Settled) -> AsyncIterator[AccessTables]:
    """Budi has an own password, Sari a first one, a machine its token; and a demonstration of one."""
    engine = engine_of(place_of(office.settings, "organisation"))
    tables = AccessTables(engine, access_key(office.settings))
    tables.migrate()
    execute = office.road.writers["organisation"].execute
    for person in ("budi", "sari", "demo"):
        await office.road.do(AddUser(person_id=person, name=person), ADMIN)
    for person in ("budi", "sari"):
        await Issuing(execute, tables, AGENCY, CONSOLE, NOW).first_password(person)
    await issue_token(execute, tables, agency=AGENCY, role="operator", label="mesin", token_id="t-1", now=NOW)
    first = tables.credential(AGENCY, f"budi@{AGENCY}")
    assert first is not None
    stored = hashed("kata sandi budi sendiri", tables.limits)
    tables.keep_password(AGENCY, f"budi@{AGENCY}", "budi", stored, NOW, first.fact)
    tables.open_session(AGENCY, "budi", "0" * 64, NOW)
    set_password(tables, agency=AGENCY, person_id="demo", password="kata sandi contoh", now=NOW)
    await office.catch_up()
    yield tables
    engine.dispose()


THEFTS: list[tuple[str, str, str]] = [
    ("UPDATE credentials SET password_hash = :other WHERE person_id = 'budi'", "budi@pekalongan", "tidak ditulis"),
    ("UPDATE credentials SET person_id = 'sari' WHERE person_id = 'budi'", "budi@pekalongan", "tidak ditulis"),
    ("UPDATE first_passwords SET password_hash = :other", "sari@pekalongan", "tidak ditulis"),
    ("UPDATE first_passwords SET ends_at = ends_at + 1", "sari@pekalongan", "tidak ditulis"),
    ("UPDATE tokens SET sha256 = :other", "t-1", "tidak ditulis"),
    ("UPDATE sessions SET person_id = 'sari'", "sesi", "tidak ditulis"),
    ("DELETE FROM access_seals WHERE kind = 'password'", "budi@pekalongan", "tidak ditulis"),
]


@pytest.mark.parametrize(("theft", "where", "sentence"), THEFTS, ids=[row[0][:40] for row in THEFTS])
async def test_a_row_that_lets_somebody_in_and_was_changed_opens_nothing_and_is_named(
    office: Settled, people: AccessTables, theft: str, where: str, sentence: str
) -> None:
    assert (await office.verify())["I13"].ok
    assert set((await office.verify())["I13"].figures) >= {"passwords", "first passwords", "tokens", "sessions"}
    other = "1" * 64
    office.spoil(theft, "organisation", **({"other": other} if ":other" in theft else {}))
    found = await broken(office, "I13")
    assert where in found.where
    assert sentence in found.sentence
    opened = {
        "budi@pekalongan": lambda: people.credential(AGENCY, "budi@pekalongan", NOW),
        "sari@pekalongan": lambda: people.credential(AGENCY, "sari@pekalongan", NOW),
        "t-1": lambda: people.known(AGENCY, other, NOW),
        "sesi": lambda: people.known(AGENCY, "0" * 64, NOW),
    }[where]
    assert opened() is None
    assert people.health()["state"] == "stopped"


async def test_a_password_that_was_put_back_is_older_than_the_last_fact(office: Settled, people: AccessTables) -> None:
    """The row and its seal are genuine; the history says that another one has been handed out since."""
    kept = {
        table: office.spoil(f"SELECT * FROM {table} WHERE agency = 'pekalongan'", "organisation")  # noqa: S608 - ours
        for table in ("credentials", "access_seals")
    }
    execute = office.road.writers["organisation"].execute
    await Issuing(execute, people, AGENCY, CONSOLE, NOW).first_password("budi")
    await office.catch_up()
    assert (await office.verify())["I13"].ok
    office.spoil("DELETE FROM first_passwords WHERE person_id = 'budi'", "organisation")
    office.spoil("DELETE FROM access_seals", "organisation")
    office.spoil("DELETE FROM credentials", "organisation")
    for table, rows in kept.items():
        for row in rows:
            names = row._mapping.keys()
            marks = ", ".join(f":{name}" for name in names)
            office.spoil(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", "organisation", **row._mapping)  # noqa: S608 - ours
    found = await broken(office, "I13")
    assert "lebih tua daripada yang terakhir diberikan" in found.sentence
    assert "budi@pekalongan" in found.where


async def test_what_was_there_before_rows_were_sealed_works_on_and_is_said(
    office: Settled, people: AccessTables
) -> None:
    office.spoil("DROP TABLE access_seals", "organisation")
    assert (await office.verify())["I13"].outcome == "not checked"
    people.migrate()
    assert (await office.verify())["I13"].outcome == "not checked", "the service seals them, which has the key"
    assert people.credential(AGENCY, "budi@pekalongan", NOW) is not None
    found = (await office.verify())["I13"]
    assert found.ok
    assert found.unchecked == ("siapa yang memberi jalan kepada 5 baris yang ada sebelum baris disegel",)
    people.migrate()
    office.spoil("UPDATE credentials SET password_hash = 'x' WHERE person_id = 'budi'", "organisation")
    people.migrate()
    assert people.credential(AGENCY, "budi@pekalongan", NOW) is None, "nobody is sealed a second time"


async def test_a_house_without_bus_boxes_and_people_does_not_say_that_these_hold(office: Settled) -> None:
    found = await verify(office.settings, mailboxes={}, seed=1)
    assert {each.invariant for each in found if each.outcome == "not checked"} == {"I5", "I7", "I13"}
