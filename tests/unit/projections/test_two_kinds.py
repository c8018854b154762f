"""A second kind of case has its own board, tasks, timeline, search, limits; what few may see shows to no others."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from contracts.base import NOBODY, Query, Reader, ReaderQuery
from contracts.projections import READERS, AtRisk, Board, CaseHistory, CaseList, ChangesSince, TaskList
from gateway.api.stream import heard as heard_live
from services.kit.codec.envelope import decode
from services.kit.projections import CaseChange, Projector, Rebuilder, find_cases, serving
from services.kit.projections.generations import digest, migrate
from services.projections.settings import Limits
from services.projections.views import ANSWERS
from services.projections.views.shared import lists
from services.projections.views.shared.history import SENTENCES
from services.projections.views.shared.queries import Asking
from tests.unit.projections import gripes
from tests.unit.projections.gripes import (
    KIND,
    KINDS,
    VIEWS,
    GripeLog,
    GripeNoted,
    GripeOver,
    GripeRestricted,
    GripeTaken,
)
from tests.unit.projections.office import AGENCY, Office

CLERK = Reader(person_id="operator", positions=("operator-sandi",), roles=("operator",))
KASI = Reader(person_id="pak-kasi", positions=("kasi",), roles=("kasi",))
EXAMINER = Reader(person_id="bu-rina", positions=("pemeriksa",), roles=("secretary",))
BARRED = Reader(person_id="pak-budi", positions=("pemeriksa",), roles=("operator",))
COURIER = Reader(person_id="caraka-1", roles=("courier",))
SECRET = "Dugaan pungutan liar"


class House:
    """Letters and gripes in one set of views."""

    def __init__(self, engine: Engine, office: Office, log: GripeLog) -> None:
        self.engine, self.office, self.log = engine, office, log
        self.told: list[tuple[int, CaseChange]] = []
        self.logs = {gripes.SOURCE: log.log, **office.logs}
        migrate(engine, VIEWS)
        self.projector = Projector(
            engine, VIEWS, keys=office.keys, decode=self.decode, clock=lambda: log.now, announce=self._announce
        )

    async def _announce(self, generation: int, changes: list[CaseChange]) -> None:
        self.told += [(generation, each) for each in changes]

    def decode(self, position: int, data: bytes) -> Any:
        return self.log.decode(position, data) if data.startswith(b"gripe") else decode(position, data)

    async def follow(self) -> None:
        for source, log in self.logs.items():
            at = await self.projector.checkpoint(source)
            await self.projector.apply(source, log.beyond(at.position if at else 0))

    async def ask(self, query: Query, reader: Reader = CLERK) -> Any:
        asking = Asking(
            self.projector, self.logs.__getitem__, dict, lambda: self.log.now, Limits(wait_seconds=0.1),
            (gripes.SOURCE,), KINDS, ANSWERS,
        )  # fmt: skip
        if isinstance(query, ReaderQuery):
            query = query.model_copy(update={"reader": reader})
        return await asking.handlers()[type(query)](AGENCY, query)

    def listed(self, reader: Reader, **asked: Any) -> tuple[list[str], dict[str, int]]:
        with self.engine.connect() as connection:
            generation = serving(connection, VIEWS)
            page = lists.page(connection, generation, AGENCY, KIND, CaseList(reader=reader, **asked))
            return [row["number"] for row in page.rows], lists.counts(connection, generation, AGENCY, KIND, reader)


@pytest.fixture(autouse=True)
def second_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, "gripes", gripes.ROLES)
    for event in gripes.TOLD:
        monkeypatch.setitem(SENTENCES, event, gripes.TOLD[event])


@pytest.fixture
def house(bare: Engine, office: Office) -> House:
    return House(bare, office, GripeLog())


def few_eyes(log: GripeLog, number: int = 7) -> UUID:
    """A gripe that the examiner alone may see, and pak Budi, whom it is about, never."""
    log.heard(number, SECRET)
    return log.tell(number, GripeRestricted, positions=("pemeriksa",), barred="pak-budi")


async def test_a_kind_of_case_has_its_own_board_tasks_timeline_search_and_limits(house: House) -> None:
    first, second = house.log.heard(1, "Kursi rusak"), house.log.heard(2, "Lampu padam")
    house.log.tell(2, GripeTaken, position="kasi")
    house.office.letter(1).captured().examined().registered()
    await house.follow()
    board = await house.ask(Board(case_kind="gripes"))
    assert [(column.key, column.count, [card.number for card in column.cards]) for column in board.columns] == [
        ("didengar", 1, ["G-001"]), ("dikerjakan", 1, ["G-002"]), ("selesai", 0, []),
    ]  # fmt: skip
    letters = await house.ask(Board())
    assert sum(column.count for column in letters.columns) == 1
    tasks = (await house.ask(TaskList(), KASI)).tasks
    assert [(task.action, task.case.kind, task.case.case_id) for task in tasks] == [
        ("take", "gripes", first), ("end", "gripes", second),
    ]  # fmt: skip
    timeline = (await house.ask(CaseHistory(case_kind="gripes", case_id=second))).entries
    assert [(entry.kind, entry.params.get("what")) for entry in timeline] == [
        ("gripes.GripeHeard.v1", "Lampu padam"), ("gripes.GripeTaken.v1", None),
    ]  # fmt: skip
    assert house.listed(CLERK, text="lampu") == (["G-002"], {"heard": 1, "taken": 1})
    house.log.now += timedelta(hours=1)
    risky = await house.ask(AtRisk())
    assert {(each.case.kind, each.case.number) for each in risky.rows} >= {("gripes", "G-001"), ("gripes", "G-002")}


async def test_the_version_is_written_by_the_kit_also_for_a_fact_that_no_handler_tells_of(house: House) -> None:
    house.log.heard(1)
    house.log.tell(1, GripeNoted)
    house.log.tell(1, GripeNoted)
    await house.follow()
    [card] = next(c for c in (await house.ask(Board(case_kind="gripes"))).columns if c.cards).cards
    assert card.versions == {"gripes": 3}
    assert card.changed_at == house.log.now


async def everything(house: House, reader: Reader) -> list[str]:
    """All that a reader can get, word for word, but the number of the newest change."""
    found: list[Any] = [
        *[await house.ask(Board(case_kind=kind), reader) for kind in ("gripes", "letters")],
        await house.ask(TaskList(), reader), await house.ask(AtRisk(), reader),
        *[await house.ask(ChangesSince(case_kind=kind, change="1.0"), reader) for kind in ("gripes", "letters")],
    ]  # fmt: skip
    said = [each.model_copy(update={"change": "", "last": ""}).model_dump_json(exclude={"asof_at"}) for each in found]
    asked = [(text, order) for text in ("", "Dugaan", "G-00") for order in KIND.orders]
    said += [str(house.listed(reader, text=text, order=order)) for text, order in asked]
    return said


@pytest.mark.parametrize("reader", [CLERK, KASI, BARRED, COURIER, NOBODY], ids=lambda each: each.person_id or "nobody")
async def test_who_may_not_see_a_case_gets_what_he_would_without_it(
    bare: Engine, other: Engine, office: Office, reader: Reader
) -> None:
    """Word for word: no list, count, task, search, limit or change tells that there is one."""
    with_it, without = House(bare, office, GripeLog()), House(other, office, GripeLog())
    for house in (with_it, without):
        house.log.heard(1, "Kursi rusak")
        house.log.heard(2, "Lampu padam")
    secret = few_eyes(with_it.log)
    without.log.now = with_it.log.now
    for house in (with_it, without):
        await house.follow()
    assert all(str(secret) not in text and "Dugaan" not in text for text in await everything(with_it, reader))
    assert await everything(with_it, reader) == await everything(without, reader)
    assert (await with_it.ask(CaseHistory(case_kind="gripes", case_id=secret), reader)).entries == ()


async def test_whom_the_case_names_sees_it_everywhere(house: House) -> None:
    house.log.heard(1)
    secret = few_eyes(house.log)
    await house.follow()
    assert house.listed(EXAMINER, text="pungutan") == (["G-007"], {"heard": 1})
    told = (await house.ask(CaseHistory(case_kind="gripes", case_id=secret), EXAMINER)).entries
    assert [entry.kind for entry in told] == ["gripes.GripeHeard.v1", "gripes.GripeRestricted.v1"]
    changes = (await house.ask(ChangesSince(case_kind="gripes", change="1.0"), EXAMINER)).changes
    assert [change.case_id for change in changes]
    with house.engine.connect() as connection:
        assert find_cases(connection, serving(connection, VIEWS), "gripes", AGENCY, "pungutan") == [str(secret)]


async def test_live_changes_reach_who_sees_the_case_and_who_saw_it_hears_that_it_is_gone(house: House) -> None:
    house.log.heard(7, SECRET)
    await house.follow()
    few_eyes(house.log)
    await house.follow()
    house.log.tell(7, GripeOver)
    await house.follow()

    def hears(reader: Reader) -> list[str]:
        told = [lists.live_change(generation, each).model_dump(mode="json") for generation, each in house.told]
        return [body["stage"] for each in told if (body := heard_live(each, reader)) is not None]

    assert hears(CLERK) == ["heard", ""]
    assert hears(BARRED) == ["heard", ""]
    assert hears(EXAMINER) == ["heard", "over"]
    assert (hears(COURIER), hears(NOBODY)) == ([], [])


async def test_a_rebuild_of_two_kinds_equals_what_was_followed(house: House) -> None:
    house.log.heard(1)
    few_eyes(house.log)
    house.office.letter(1).captured().examined().registered().printed().forwarded()
    await house.follow()
    rebuilder = Rebuilder(
        house.engine, VIEWS, house.logs, house.office.keys, house.decode, lambda: house.log.now
    )  # fmt: skip
    generation = rebuilder.build()
    with house.engine.connect() as connection:
        live = digest(connection, VIEWS, serving(connection, VIEWS))
        assert digest(connection, VIEWS, generation) == live
