"""Complaints as the list, Tugas saya, the limits, the history and the book show them; and to whom they do not exist."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.base import NOBODY, Query, Reader
from contracts.projections import (
    COMPLAINT_STAGES,
    AtRisk,
    Board,
    CaseHistory,
    ChangesSince,
    ComplaintBook,
    ComplaintClocks,
    ComplaintDetail,
    ComplaintList,
    ComplaintsAbout,
    TaskList,
)
from contracts.words import CaseRef
from gateway.api.stream import heard as heard_live
from services.kit.projections import CaseChange
from services.kit.projections.generations import generation_of, migrate
from services.projections.views import VIEWS
from services.projections.views.shared import lists
from tests.unit.projections import complaints
from tests.unit.projections.complaints import (
    CONTACT,
    EXAMINER,
    GIST,
    HANDLER,
    OFFICER,
    REPORTER,
    SUPERIOR,
    WORDS,
    Gripe,
)
from tests.unit.projections.office import Office
from tests.unit.projections.reading import ask, dice, digest_of, follow, projector_of, rebuilder_of

RATNA = Reader(person_id="bu-ratna", positions=(OFFICER,), roles=("complaint-officer",))
KASI = Reader(person_id="pak-kasi", positions=(HANDLER,), roles=("kasi",))
KABID = Reader(person_id="pak-kabid", positions=(SUPERIOR,), roles=("kabid",))
KADIS = Reader(person_id="kadis", positions=("kadis",), roles=("kadis", "leader"))
INSPECTOR = Reader(person_id="inspektorat", roles=("inspector",))
RINA = Reader(person_id="bu-rina", positions=(EXAMINER,), roles=("kasi",))
CLERK = Reader(person_id="loket", roles=("operator",))
KEEPER = Reader(person_id="admin", roles=("admin",))
KARYO = Reader(person_id="pak-karyo", positions=(OFFICER,), roles=("complaint-officer", "kadis"))
ALL = Reader(person_id="uji", positions=(OFFICER, HANDLER, SUPERIOR), roles=("complaint-officer", "kadis"))
BOOK = ComplaintBook(from_on="2026-01-01", until_on="2026-12-31")

Life = Callable[[Gripe], Gripe]
ROADS: dict[str, tuple[Life, set[str], set[str], set[str]]] = {
    "filed": (lambda g: g.filed(), {"acknowledge"}, set(), set()),
    "acknowledged": (lambda g: g.filed().acknowledged(), {"classify"}, set(), set()),
    "classified": (lambda g: g.filed().acknowledged().classified(), {"assign-complaint"}, set(), set()),
    "assigned": (lambda g: g.filed().acknowledged().classified().assigned(), set(), {"answer"}, set()),
    "asked": (lambda g: g.filed().acknowledged().classified().assigned().asked(), set(), set(), set()),
    "assigned after a reply": (
        lambda g: g.filed().acknowledged().classified().assigned().asked().replied(), set(), {"answer"}, set(),
    ),
    "proposed": (
        lambda g: g.filed().acknowledged().classified().assigned().proposed(), set(), set(), {"approve-answer"},
    ),
    "assigned after a return": (
        lambda g: g.filed().acknowledged().classified().assigned().proposed().returned(), set(), {"answer"}, set(),
    ),
    "answered": (lambda g: g.filed().acknowledged().classified().assigned().answered(), set(), set(), set()),
    "assigned after an objection": (
        lambda g: g.filed().acknowledged().classified().assigned().answered().objected(), set(), {"answer"}, set(),
    ),
    "assigned upwards": (
        lambda g: g.filed().acknowledged().classified().assigned().escalated(), set(), set(), {"answer"},
    ),
    "closed": (lambda g: g.filed().acknowledged().classified().assigned().answered().closed(), set(), set(), set()),
    "referred": (lambda g: g.filed().acknowledged().classified().closed("referred"), set(), set(), set()),
    "set-aside": (lambda g: g.filed().closed("set-aside"), set(), set(), set()),
    "withdrawn": (lambda g: g.filed().acknowledged().closed("withdrawn"), set(), set(), set()),
}  # fmt: skip


def test_a_road_leads_to_every_stage() -> None:
    assert {name.partition(" ")[0] for name in ROADS} == set(COMPLAINT_STAGES)


@pytest.mark.parametrize("name", ROADS)
async def test_the_stage_and_whose_turn_it_is(engine: Engine, office: Office, name: str) -> None:
    life, officer, handler, superior = ROADS[name]
    gripe, projector = life(Gripe(office, 1)), projector_of(engine, office)
    await follow(projector, office)
    found = (await ask(projector, office, ComplaintDetail(complaint_id=gripe.id, reader=RATNA))).complaint
    assert found.row.stage == name.partition(" ")[0]
    listed = await ask(projector, office, ComplaintList(reader=RATNA))
    assert ([row.stage for row in listed.complaints], listed.counts) == ([found.row.stage], {found.row.stage: 1})
    for reader, actions in ((RATNA, officer), (KASI, handler), (KABID, superior), (CLERK, set()), (KEEPER, set())):
        answer = await ask(projector, office, TaskList(reader=reader))
        assert {task.action for task in answer.tasks} == actions, reader.person_id
        assert set(answer.counts) == actions


@pytest.mark.parametrize("seed", range(3))
async def test_a_rebuild_and_odd_batches_give_the_same(engine: Engine, office: Office, seed: int) -> None:
    chance = dice(seed)
    complaints.standard(office)
    for number, (life, *_) in enumerate(ROADS.values(), 1):
        life(Gripe(office, number, chance.choice(("named", "confidential", "anonymous"))))
    Gripe(office, 90).filed().acknowledged().examined().about("pak-karyo", "loket-3")
    projector = projector_of(engine, office)
    await follow(projector, office, chance=chance, batch=7)
    generation = rebuilder_of(engine, office).build()
    assert digest_of(engine, generation.number) == digest_of(engine)
    counted = kept(engine, 1)
    assert counted == kept(engine, generation.number)
    assert sum(many for *_, many in counted) == len(ROADS) + 1
    assert all(many > 0 for *_, many in counted), "of who sees nothing any more nothing is kept"


def kept(engine: Engine, number: int) -> list[tuple[str, str, int]]:
    """The counts of complaints by stage and by who sees them."""
    table = generation_of(VIEWS, number)["counts"]
    asked = sa.select(table.c.state, table.c.access, table.c.cases).where(table.c.view == "complaints")
    with engine.connect() as connection:
        return sorted((state, access, many) for state, access, many in connection.execute(asked))


# ── nothing of the reporter ──────────────────────────────────────────────────────────────────────────────────────────


async def told(engine: Engine, office: Office, reader: Reader, number: int = 1) -> list[str]:
    """All that a reader can get, word for word, but the number of the newest change and where the sources stand."""
    projector = projector_of(engine, office)
    await follow(projector, office)
    case = Gripe(office, number).id
    asked: list[Query] = [
        TaskList(reader=reader), AtRisk(reader=reader), ComplaintClocks(reader=reader),
        *[Board(case_kind=kind, reader=reader) for kind in ("complaints", "letters", "requests")],
        *[ChangesSince(case_kind=kind, change="1.0", reader=reader) for kind in ("complaints", "letters")],
        *[
            ComplaintList(text=text, order=order, reader=reader)
            for text in ("", "pung", "pungutan", "ADU", Gripe(office, number).shown, "Sulastri", "Karyo")
            for order in ("changed", "due", "received", "oldest")
        ],
        ComplaintDetail(complaint_id=case, reader=reader),
        CaseHistory(case_kind="complaints", case_id=case, reader=reader),
        CaseHistory(case_kind="letters", case_id=case, reader=reader),
    ]  # fmt: skip
    said = [await ask(projector, office, each) for each in asked]
    blank = {"change": "", "last": ""}
    return [
        each.model_copy(update={name: "" for name in blank if name in type(each).model_fields}).model_dump_json(
            exclude={"asof_at"}
        )
        for each in said
    ]


@pytest.mark.parametrize("stance", ["named", "confidential", "anonymous"])
async def test_the_views_hold_no_word_of_the_reporter_and_nothing_of_who_he_is(
    engine: Engine, office: Office, stance: str
) -> None:
    life = Gripe(office, 1, stance).filed().acknowledged().classified().assigned().asked().replied("Saya di loket tiga")
    life.answered().objected()
    for reader in (RATNA, KASI, KADIS, INSPECTOR):
        everything = "".join(await told(engine, office, reader))
        assert GIST in everything
        for secret in (WORDS, REPORTER, CONTACT, "Karyo", "loket tiga", "Loket 3", "kemarin", "Belum selesai"):
            assert secret not in everything
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection.serialize()  # type: ignore[union-attr]  # SQLite's own
    for secret in (WORDS, REPORTER, CONTACT, "Saya di loket tiga", "Loket 3"):
        assert secret.encode() not in raw


async def test_of_an_anonymous_reporters_case_every_moment_is_the_day_of_the_office(
    engine: Engine, office: Office
) -> None:
    complaints.standard(office)
    gripe = Gripe(office, 1, "anonymous").filed().acknowledged().classified().assigned().asked().replied().answered()
    known = Gripe(office, 2).filed()
    projector = projector_of(engine, office)
    await follow(projector, office)
    found = (await ask(projector, office, ComplaintDetail(complaint_id=gripe.id, reader=RATNA))).complaint
    entries = (
        await ask(projector, office, CaseHistory(case_kind="complaints", case_id=gripe.id, reader=RATNA))
    ).entries
    assert found.row.dated
    moments = [found.row.received_at, found.row.changed_at, found.row.completed_at, found.answered_at]
    for at in [*moments, *[each.at for each in entries]]:
        assert at.isoformat() == "2026-03-02T00:00:00+08:00"
    assert not any("at" in each.params for each in entries)
    query = CaseHistory(case_kind="complaints", case_id=gripe.id, reader=RATNA, raw=True)
    assert all(each.raw is None for each in (await ask(projector, office, query)).entries)
    other = (await ask(projector, office, ComplaintDetail(complaint_id=known.id, reader=RATNA))).complaint
    assert not other.row.dated
    assert other.row.received_at.minute


# ── to whom it does not exist ────────────────────────────────────────────────────────────────────────────────────────


def ordinary(office: Office) -> None:
    Gripe(office, 11).filed().acknowledged().classified("Antrean lama").assigned()
    Gripe(office, 12, "confidential").filed().acknowledged()
    Gripe(office, 13).filed().acknowledged().classified("Petugas ramah").assigned().answered().closed()


SECRETS: dict[str, tuple[Life, tuple[Reader, ...], tuple[Reader, ...]]] = {
    # of the life: who does not know of it, and who does
    "ordinary, of another handler": (
        lambda g: g.filed().acknowledged().classified().assigned(), (CLERK, KABID, RINA, KEEPER, NOBODY),
        (RATNA, KASI, KADIS, INSPECTOR),
    ),
    "confidential": (
        lambda g: g.filed().acknowledged().classified().assigned().asked().replied(), (CLERK, KABID, KEEPER, NOBODY),
        (RATNA, KASI, KADIS, INSPECTOR),
    ),
    "restricted": (
        lambda g: g.filed().acknowledged().examined(), (CLERK, KASI, KABID, KADIS, INSPECTOR, KEEPER, NOBODY),
        (RATNA, RINA),
    ),
    "restricted after it had a handler": (
        lambda g: g.filed().acknowledged().classified().assigned().examined(), (KASI, KABID, KADIS, INSPECTOR, CLERK),
        (RATNA, RINA),
    ),
    "about the complaint officer's colleague": (
        lambda g: g.filed().acknowledged().classified().assigned().about("pak-karyo", "loket-3"),
        (KARYO, CLERK, NOBODY), (RATNA, KASI, KADIS),
    ),
    "about its handler": (
        lambda g: g.filed().acknowledged().classified().assigned().about("pak-kasi", HANDLER).assigned(SUPERIOR),
        (KASI, CLERK), (RATNA, KABID, KADIS),
    ),
    "restricted, and about its examiner": (
        lambda g: g.filed().acknowledged().examined().about("bu-rina", EXAMINER), (RINA, KADIS, KASI), (RATNA,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
async def test_who_may_not_see_it_gets_word_for_word_what_he_would_without_it(
    engine: Engine, other: Engine, office: Office, name: str
) -> None:
    """Every list, count, search, board, task, limit, class clock, change and history, as if it were not there."""
    migrate(other, VIEWS)
    life, strangers, insiders = SECRETS[name]
    without = Office(office.keys)
    for each in (office, without):
        complaints.standard(each)
        ordinary(each)
    stance = "confidential" if name == "confidential" else "named"
    life(Gripe(office, 1, stance))
    without.now = office.now
    for reader in strangers:
        with_it, bare = await told(engine, office, reader), await told(other, without, reader)
        assert with_it == bare, reader.person_id
    for reader in insiders:
        assert await told(engine, office, reader) != await told(other, without, reader), reader.person_id


async def test_live_changes_tell_who_saw_it_that_it_is_gone_and_others_nothing(engine: Engine, office: Office) -> None:
    heard: list[tuple[int, CaseChange]] = []

    async def announce(generation: int, changes: list[CaseChange]) -> None:
        heard.extend((generation, each) for each in changes)

    projector = projector_of(engine, office, announce=announce)
    gripe = Gripe(office, 1)
    for step in (gripe.filed, gripe.acknowledged, gripe.examined, lambda: gripe.about("bu-rina", EXAMINER)):
        step()
        await follow(projector, office)

    def hears(reader: Reader) -> list[str]:
        told = [lists.live_change(generation, each).model_dump(mode="json") for generation, each in heard]
        return [body["stage"] for each in told if (body := heard_live(each, reader)) is not None]

    assert hears(RATNA) == ["filed", "acknowledged", "assigned", "assigned"]
    assert hears(KADIS) == ["filed", "acknowledged", ""]
    assert hears(RINA) == ["assigned", ""]
    assert (hears(CLERK), hears(KASI), hears(NOBODY)) == ([], [], [])


async def test_what_comes_and_is_shut_in_one_batch_was_there_for_nobody(engine: Engine, office: Office) -> None:
    """The views are behind: who may not know of it must not hear that it is gone."""
    heard: list[tuple[int, CaseChange]] = []

    async def announce(generation: int, changes: list[CaseChange]) -> None:
        heard.extend((generation, each) for each in changes)

    Gripe(office, 1).filed().acknowledged().examined()
    await follow(projector_of(engine, office, announce=announce), office)

    def hears(reader: Reader) -> list[str]:
        told = [lists.live_change(generation, each).model_dump(mode="json") for generation, each in heard]
        return [body["stage"] for each in told if (body := heard_live(each, reader)) is not None]

    assert (hears(RATNA), hears(KADIS)) == (["assigned"], [])


async def test_beside_the_case_it_is_about_only_a_named_reporters_complaint_is_told(
    engine: Engine, office: Office
) -> None:
    """A confidential one beside somebody's own case would say who reported."""
    about = CaseRef(service="account_provisioning", case_id=Gripe.named(77), number="0007/2026")
    shown = Gripe(office, 1).filed(about=about).acknowledged().classified().assigned()
    Gripe(office, 2, "confidential").filed(about=about)
    Gripe(office, 3, "anonymous").filed(about=about)
    Gripe(office, 4).filed(about=about).acknowledged().examined()
    Gripe(office, 5).filed(about=about).acknowledged().classified().about("pak-karyo", "loket-3")
    Gripe(office, 6).filed(about=about.model_copy(update={"service": "intake"}))
    projector = projector_of(engine, office)
    await follow(projector, office)

    async def told_of(reader: Reader) -> list[str]:
        query = ComplaintsAbout(case_service=about.service, case_id=about.case_id, reader=reader)
        return [each.number for each in (await ask(projector, office, query)).complaints]

    assert await told_of(RATNA) == [shown.shown, Gripe(office, 5).shown]
    assert await told_of(KARYO) == [shown.shown], "he is complained about in the other"
    assert await told_of(KASI) == [shown.shown]
    assert (await told_of(CLERK), await told_of(KEEPER)) == ([], [])


# ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_book_counts_without_a_gap_and_tells_of_the_restricted_that_they_are_excluded(
    engine: Engine, office: Office
) -> None:
    complaints.standard(office)
    Gripe(office, 1).filed().acknowledged().classified("Antrean lama").assigned().answered().closed()
    Gripe(office, 2).filed().acknowledged().examined()
    Gripe(office, 3).filed().acknowledged().classified("Loket tutup").assigned().answered(late=True)
    Gripe(office, 4, "anonymous").filed()
    Gripe(office, 5).filed().acknowledged().classified().closed("referred")
    projector = projector_of(engine, office)
    await follow(projector, office)
    lines = (await ask(projector, office, BOOK.model_copy(update={"reader": RATNA}))).lines
    assert [(line.number, line.excluded, line.gist, line.outcome, line.on_time) for line in lines] == [
        (1, False, "Antrean lama", "accepted", True), (2, True, "", "", None),
        (3, False, "Loket tutup", "answered", False), (4, False, "", "filed", None), (5, False, GIST, "referred", True),
    ]  # fmt: skip
    assert lines[0].received_on == "2026-03-02"
    assert not any(secret in str(lines) for secret in (WORDS, REPORTER, "ADU-", str(Gripe(office, 1).id)))
    barred = (await ask(projector, office, BOOK.model_copy(update={"reader": CLERK}))).lines
    assert [(line.number, line.excluded) for line in barred] == [(n, True) for n in range(1, 6)]
    few = await ask(projector, office, BOOK.model_copy(update={"reader": RATNA, "limit": 2}))
    assert (len(few.lines), few.more) == (2, True)


async def test_no_page_reads_all_complaints_for_what_was_missed_or_for_who_has_none(
    engine: Engine, office: Office
) -> None:
    """With a million behind it an office would wait for seconds."""
    complaints.standard(office)
    for number in range(1, 6):
        Gripe(office, number).filed()
    projector = projector_of(engine, office)
    await follow(projector, office)
    read: list[tuple[str, Any]] = []

    def look(_c: Any, _cursor: Any, said: str, values: Any, _context: Any, _many: Any) -> None:
        read.append((said, values))

    sa.event.listen(engine, "before_cursor_execute", look)
    stranger = Reader(person_id="lain", positions=("lain",), roles=("kasi",))
    listed = await ask(projector, office, ComplaintList(text="ADU", reader=stranger))
    assert listed.complaints == ()
    assert not [said for said, _ in read if "_complaints" in said and "ORDER BY" in said]
    for reader in (RATNA, stranger):
        await ask(projector, office, ChangesSince(case_kind="complaints", change="1.0", reader=reader))
    sa.event.remove(engine, "before_cursor_execute", look)
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        plans = [
            row[3] for said, values in read if "_changes" in said and "_complaints" in said
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
        ]  # fmt: skip
    assert plans
    assert not [each for each in plans if each.startswith("SCAN") and "complaints" in each]


async def test_who_was_told_above_that_it_is_overdue_may_open_it_unless_it_is_restricted(
    engine: Engine, office: Office
) -> None:
    complaints.standard(office)
    Gripe(office, 1).filed().classified().overdue("kabid-x", "kadis-x")
    Gripe(office, 2).filed().classified()
    Gripe(office, 3).filed().classified().overdue("kabid-x", "kadis-x").examined()
    projector = projector_of(engine, office)
    await follow(projector, office)
    for position in ("kabid-x", "kadis-x"):
        reader = Reader(person_id="x", positions=(position,), roles=("kabid",))
        rows = (await ask(projector, office, ComplaintList(reader=reader))).complaints
        assert [row.number for row in rows] == [Gripe(office, 1).shown]


async def test_a_corrected_entry_stands_under_its_own_day_with_its_own_limit(engine: Engine, office: Office) -> None:
    complaints.standard(office)
    received = office.now - timedelta(days=20)
    Gripe(office, 1).filed().corrected(received, "18/2026")
    projector = projector_of(engine, office)
    await follow(projector, office)
    [row] = (await ask(projector, office, ComplaintList(text="18/2026", reader=RATNA))).complaints
    assert (row.received_at, row.due_at) == (received, received + timedelta(days=5))
    assert (row.channel, row.complaint_kind, row.paper_number) == ("kotak", "saran", "18/2026")
    [line] = (await ask(projector, office, BOOK.model_copy(update={"reader": RATNA}))).lines
    assert (line.received_on, line.paper_number) == (received.date().isoformat(), "18/2026")


async def test_what_was_set_aside_unclassified_has_its_gist_or_its_reason(engine: Engine, office: Office) -> None:
    complaints.standard(office)
    Gripe(office, 1).filed().closed("set-aside")
    Gripe(office, 2).filed().acknowledged().closed("set-aside", "Pertanyaan tanpa tempat")
    projector = projector_of(engine, office)
    await follow(projector, office)
    lines = (await ask(projector, office, BOOK.model_copy(update={"reader": RATNA}))).lines
    assert [(line.gist, line.aside) for line in lines] == [("", "spam"), ("Pertanyaan tanpa tempat", "unclear")]


@pytest.mark.parametrize(("first", "last"), [("2026-03-03", "2026-03-31"), ("2026-02-30", "2026-03-01"),
                                              ("2026-12-31", "2026-01-01"), ("9999-12-31", "9999-12-31")])  # fmt: skip
async def test_a_book_of_no_days_is_empty(engine: Engine, office: Office, first: str, last: str) -> None:
    Gripe(office, 1).filed()
    projector = projector_of(engine, office)
    await follow(projector, office)
    assert (await ask(projector, office, ComplaintBook(from_on=first, until_on=last, reader=RATNA))).lines == ()


async def test_what_is_at_risk_and_what_runs_in_each_class(engine: Engine, office: Office) -> None:
    complaints.standard(office)
    Gripe(office, 1).filed()
    Gripe(office, 2).filed().acknowledged().classified(days=1).assigned()
    Gripe(office, 3).filed().acknowledged().classified(days=1).assigned().asked()
    projector = projector_of(engine, office)
    await follow(projector, office)
    risks = await ask(projector, office, AtRisk(reader=ALL), later=24 * 3.5)
    found = [(each.case.number[:9], each.limit_kind, each.waits, each.position, each.overdue) for each in risks.rows]
    assert found == [
        ("ADU-00002", "case", "answer", HANDLER, True), ("ADU-00001", "acknowledge", "acknowledge", OFFICER, True),
    ]  # fmt: skip
    clocks = (await ask(projector, office, ComplaintClocks(reader=RATNA), later=24 * 3.5)).classes
    assert [(each.complaint_class, each.running, each.overdue) for each in clocks] == [("normatif", 1, 1), (None, 1, 0)]
    assert clocks[1].next_due_at is not None


async def test_what_a_leader_reads_of_the_book_is_what_everybody_reads(engine: Engine, office: Office) -> None:
    """No row of it says who reported, whatever the reader's office."""
    Gripe(office, 1).filed().acknowledged().classified().assigned()
    projector = projector_of(engine, office)
    await follow(projector, office)
    answers: list[Any] = [
        await ask(projector, office, BOOK.model_copy(update={"reader": each})) for each in (RATNA, KADIS, INSPECTOR)
    ]
    assert answers[0] == answers[1] == answers[2]
