"""The views on SQLite and on PostgreSQL: the same facts give the same rows, byte for byte."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.base import ERASED, Reader, ReaderQuery
from contracts.organisation import SubjectErased
from contracts.projections import (
    AccountDetail,
    AccountList,
    AtRisk,
    Board,
    CaseHistory,
    ComplaintBook,
    ComplaintClocks,
    ComplaintDetail,
    ComplaintList,
    CourierStops,
    LetterDetail,
    LetterList,
    RequestDetail,
    RequestList,
    TaskList,
)
from services.kit.database.place import Place, engine_of, make_schema
from services.kit.projections.generations import migrate
from services.kit.projections.projector import OutOfOrder
from services.kit.projections.rebuild import drop_old
from services.projections.views import VIEWS
from tests.unit.account_provisioning import desk as counter
from tests.unit.given_when_then import Desk
from tests.unit.projections import complaints
from tests.unit.projections.complaints import Gripe
from tests.unit.projections.lives import heard, live, staff
from tests.unit.projections.office import Letter, Office, made_keys
from tests.unit.projections.reading import ask, dice, digest_of, follow, projector_of, rebuilder_of


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office, chance = Office(made_keys(tmp_path / "keys")), dice(3)
    staff(office)
    for number in range(60):
        live(office, number, chance)
    heard(office, requests())
    grievances(office)
    return office


def grievances(office: Office) -> None:
    """A complaint in each of a few stages; one restricted, two people barred from it; two that say nothing of hours."""
    complaints.standard(office)
    Gripe(office, 1).filed().acknowledged().classified().assigned().asked().replied().answered().objected()
    Gripe(office, 2).filed().acknowledged().examined().about("pak-karyo", "loket-3").about("bu-rina", "pemeriksa")
    Gripe(office, 3, "anonymous").filed().acknowledged().classified("Antrean lama").assigned().escalated().proposed()
    Gripe(office, 4, "anonymous").filed()
    Gripe(office, 5, "confidential").filed().acknowledged().classified().closed("referred")


def requests() -> Desk:
    """One request for an account that was received, one about the same account, and a namesake's."""
    desk = counter.received()
    counter.file(desk, 2, counter.about("close"))
    alike = counter.SITI.model_copy(update={"nip": "198504102010012001", "name": counter.SITI.name.upper()})
    return counter.file(desk, 3, counter.form(alike))


def asked_of_complaints() -> list[ReaderQuery]:
    """By who handles them, by who is barred, by a leader."""
    officer = Reader(person_id="bu-ratna", positions=("pengelola-pengaduan",), roles=("complaint-officer",))
    readers = (officer, Reader(person_id="bu-rina", positions=("pemeriksa",)), Reader(person_id="k", roles=("kadis",)))
    asked: list[ReaderQuery] = [
        ComplaintList(), ComplaintList(text="antrean"), ComplaintDetail(complaint_id=Gripe.named(3)), ComplaintClocks(),
        ComplaintBook(from_on="2026-01-01", until_on="2026-12-31"), Board(case_kind="complaints"), TaskList(), AtRisk(),
        CaseHistory(case_kind="complaints", case_id=Gripe.named(3)),
    ]  # fmt: skip
    return [each.model_copy(update={"reader": reader}) for reader in readers for each in asked]


@pytest.fixture
def postgres_views(pg_url: str) -> Iterator[Engine]:
    place = Place("projections", None, pg_url)
    make_schema(place)
    engine = engine_of(place)
    migrate(engine, VIEWS)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_views(tmp_path: Path) -> Iterator[Engine]:
    engine = engine_of(Place("projections", tmp_path / "views.sqlite", None))
    migrate(engine, VIEWS)
    yield engine
    engine.dispose()


async def test_both_databases_hold_the_same_and_answer_the_same(
    postgres_views: Engine, sqlite_views: Engine, office: Office
) -> None:
    here, there = projector_of(postgres_views, office), projector_of(sqlite_views, office)
    await follow(here, office, chance=dice(1), batch=23)
    await follow(there, office, chance=dice(2), batch=31)
    assert digest_of(postgres_views) == digest_of(sqlite_views)
    letter = office.letter(7).id
    for question in (
        LetterList(limit=200),
        LetterList(text="DINAS 1", order="due", limit=5),
        LetterList(text="hormat 1", order="due", limit=5),
        LetterList(text="horm DENGAN", limit=5),
        Board(),
        LetterDetail(letter_id=letter),
        CaseHistory(case_id=letter),
        TaskList(reader=Reader(person_id="pak-kasi", positions=("kasi", "kabid"), roles=("operator",))),
        CourierStops(courier_id="caraka-1"),
        RequestList(text="NUR'AINI", order="due"),
        RequestDetail(request_id=counter.request_id()),
        AccountList(),
        AccountList(text="nur'aini", order="changed"),
        AccountDetail(account_id=counter.account_id()),
        Board(case_kind="requests"),
        *asked_of_complaints(),
        TaskList(reader=Reader(person_id="galih", positions=("staf-informatika-1",), roles=("operator",))),
        AtRisk(),
    ):
        one, other = await ask(here, office, question), await ask(there, office, question)
        assert one.model_dump(exclude={"change"}) == other.model_dump(exclude={"change"})


async def test_a_rebuild_on_postgresql_equals_the_live_views_and_replaces_them(
    postgres_views: Engine, office: Office
) -> None:
    projector, second = projector_of(postgres_views, office), projector_of(postgres_views, office)
    await follow(projector, office, batch=40)
    rebuilder = rebuilder_of(postgres_views, office)
    generation = rebuilder.build()
    assert digest_of(postgres_views) == digest_of(postgres_views, generation.number)
    office.letter(900).captured()
    rebuilder.swap(generation)
    assert drop_old(postgres_views, VIEWS) == [1]
    assert "g1_letters" not in sa.inspect(postgres_views).get_table_names()
    found = await ask(second, office, LetterList(limit=200))
    assert office.letter(900).id in {row.letter_id for row in found.letters}
    assert sum(found.counts.values()) == len(found.letters) == 61


async def test_two_projectors_on_postgresql_apply_every_fact_once(postgres_views: Engine, office: Office) -> None:
    one, other = projector_of(postgres_views, office), projector_of(postgres_views, office)
    rows = office.logs["intake"].rows
    await one.apply("intake", rows[:20])
    await other.apply("intake", rows[:30])
    with pytest.raises(OutOfOrder):
        await one.apply("intake", rows[20:40])
    await one.apply("intake", rows)
    generation = rebuilder_of(postgres_views, office).build()
    await follow(one, office)
    assert digest_of(postgres_views)["history"] == digest_of(postgres_views, generation.number)["history"]


async def test_an_erasure_reaches_the_rows_on_postgresql(postgres_views: Engine, office: Office) -> None:
    projector = projector_of(postgres_views, office)
    letter = office.letter(301).captured()
    await follow(projector, office)
    office.keys.destroy(office.agency, letter.sender)
    office.tell(f"subject:{letter.sender}", SubjectErased(subject_id=letter.sender, reason="diminta"))
    await follow(projector, office)
    assert (await ask(projector, office, LetterDetail(letter_id=letter.id))).letter.from_name == ERASED
    assert digest_of(postgres_views) == digest_of(postgres_views, rebuilder_of(postgres_views, office).build().number)


async def test_several_agencies_in_one_batch_are_written_as_one_after_the_other(
    postgres_views: Engine, sqlite_views: Engine, office: Office
) -> None:
    """The same letters' ids in both: a statement that mixes one's agency with another's case would be seen."""
    other, chance = Office(office.keys, "semarang"), dice(8)
    staff(other)
    for number in range(20):
        Letter(other, office.letter(number).id, number).captured().examined()
        live(other, 100 + number, chance)
    both = Both(office, other)
    here, there = projector_of(postgres_views, both), projector_of(sqlite_views, both)
    await follow(here, both, batch=100)
    await follow(there, both, batch=1)
    assert digest_of(postgres_views) == digest_of(sqlite_views)
    rebuilt = rebuilder_of(postgres_views, both).build()
    assert digest_of(postgres_views) == digest_of(postgres_views, rebuilt.number)
    with postgres_views.connect() as connection, sqlite_views.connect() as apart:
        for table in ("counts", "letters_search"):
            columns = "agency, state, cases" if table == "counts" else "agency, case_id, words"
            kept = sa.text(f"SELECT {columns} FROM g1_{table} ORDER BY 1, 2, 3")  # noqa: S608 - names of the test
            rows = [tuple(row) for row in connection.execute(kept) if row[2]]
            assert rows == [tuple(row) for row in apart.execute(kept) if row[2]]
            assert {row[0] for row in rows} == {"pekalongan", "semarang"}
    for each in (office, other):
        question = LetterList(limit=200)
        one, two = await ask(here, each, question), await ask(there, each, question)
        assert one.model_dump(exclude={"change"}) == two.model_dump(exclude={"change"})


class Both(Office):
    """The facts of two offices in the same logs, by turns."""

    def __init__(self, one: Office, other: Office) -> None:
        super().__init__(one.keys)
        self.now = max(one.now, other.now)
        for source in self.logs:
            for pair in zip_longest(one.logs[source].rows, other.logs[source].rows):
                for row in pair:
                    if row is not None:
                        self.raw(source, row.data)


async def test_a_batch_reads_its_cases_alone_however_many_an_agency_has(tmp_path: Path, office: Office) -> None:
    """By their key. SQLite would read all copies of an agency, in the order of the groups that it makes of them."""
    engine, said = engine_of(Place("projections", tmp_path / "views.sqlite", None), pool_size=1), []
    migrate(engine, VIEWS)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(said.append)
    await follow(projector_of(engine, office), office, batch=40)
    driver.set_trace_callback(None)
    asked = {" ".join(text.split("json_each(")[0].split()): text for text in said if "json_each(" in text}
    assert {text.split()[0] for text in asked} == {"SELECT", "INSERT", "UPDATE"}
    for text in asked.values():
        plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {text}")]
        own = [f"(agency=? AND {case}_id=?)" for case in ("letter", "request", "account", "complaint")]
        assert [step for step in plan if any(each in step for each in own)]
        assert not [step for step in plan if step.startswith("SCAN g1_") or step.endswith("(agency=?)")]
    engine.dispose()
