"""Whatever is asked of a complaint in whatever order: to whom the service hides it, the views have never heard of it.

Commands are decided by the service's own tables, and the views are made of its facts. Who is both barred and a handler
or stand-in is decided once, for commands, answers and views.
"""

import asyncio
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.base import Actor, Holding, Reader, StandIn
from contracts.complaint import AssignComplaint, NameComplainedAbout
from contracts.projections import (
    AtRisk,
    Board,
    CaseHistory,
    ChangesSince,
    ComplaintClocks,
    ComplaintDetail,
    ComplaintList,
    TaskList,
)
from services.complaint.domain import who
from services.complaint.views.sheets import reads
from services.kit.access import reader_of
from services.kit.database.place import Place, engine_of
from services.kit.deciding import Given
from services.kit.projections.generations import migrate
from services.projections.views import VIEWS
from tests.unit.complaint.desk import (
    CLERK,
    KABID,
    OFFICER,
    REPORTER,
    TEAM,
    complaint_id,
    form,
    key,
    office,
    person,
    sort,
    state,
)
from tests.unit.complaint.test_any_order import ACTORS, WISHES
from tests.unit.given_when_then import ROOT, SERVICE, Desk
from tests.unit.projections.office import Office, made_keys
from tests.unit.projections.reading import ask, follow, projector_of

SECRET = complaint_id()
OTHERS = (2, 3)
NUMBERED = re.compile(r'"id":"[0-9.]+",')
"""Live changes are counted over all agencies and kinds of case: a gap tells that something somewhere has changed."""
KASI = Holding(position="kasi", title="Kasi", role="kasi")
FAMILY = st.sampled_from(sorted(set(WISHES) - {"stance"}))
STEPS = st.lists(st.tuples(FAMILY, st.integers(0, 14), st.sampled_from(ACTORS)), max_size=12)


def substitute(of: str, position: str) -> tuple[StandIn, ...]:
    return (StandIn(position=position, title=position.title(), role="kasi", instead_of=of),)


PEOPLE: tuple[Actor, ...] = (
    *ACTORS[:6],
    person("sulis", "tim", "complaint-handler", KASI.model_copy(update={"capacity": "plh"})),
    person("wakil", "staf", "staff", stand_ins=substitute("fajar", "tim")),
    person("rangkap", "kabid", "kabid", Holding(position="tim", title="Tim", role="complaint-handler", capacity="plh"),
           stand_ins=substitute("fajar", "tim")),
    person("yanti", "staf", "staff",
           Holding(position="pejabat", title="Pejabat", role="complaint-officer", capacity="plh")),
    person("wati", "staf", "staff", stand_ins=substitute("retno", "pejabat")),
    person("sri-plh", "kabid", "kabid",
           Holding(position="pejabat", title="Pejabat", role="complaint-officer", capacity="plh")),
    person("irban", "irban", "inspector"),
    person("admin", "admin", "admin"),
)  # fmt: skip


ABOUT = {"fajar": ("tim",), "sri": ("tim",), "retno": ("pejabat",)}
"""Who is complained about at first, and the positions that are named with him."""
SAID = "its reporter"
"""Says when he files it that it is about the officer."""


def lived(steps: list[tuple[str, int, Actor]], barring: str) -> Desk:
    """Two ordinary complaints beside the one that this is about; ``barring``: who is complained about at first."""
    desk = office()
    for number in (1, *OTHERS):
        about = number == 1 and barring == SAID
        desk.when(form(number, about_officer=about), CLERK, command_id=key(number))
    for number in OTHERS:
        sort(desk, number=number)
        desk.when(AssignComplaint(complaint_id=complaint_id(number), position="tim"), OFFICER)
    if barring in ABOUT:
        desk.when(NameComplainedAbout(complaint_id=SECRET, person_id=barring, positions=ABOUT[barring]), OFFICER)
    for name, number, actor in steps:
        desk.when(WISHES[name](number), actor)
    return desk


def told(desk: Desk, into: Office, *, without: bool) -> Office:
    """The facts as the service has stored them; ``without``: as a store that never heard of the secret one."""
    for each in desk.log:
        if not (without and getattr(each.event, "complaint_id", None) == SECRET):
            into.tell(each.stream, each.event)
        else:
            into._facts += 1
            into.now += timedelta(minutes=1)
    return into


async def everything(into: Office, place: Path, readers: list[Reader]) -> list[tuple[bool, list[str]]]:
    """Of each reader: whether he has the secret one, and all that he can get, but where the sources stand."""
    engine = engine_of(Place("projections", place, None))
    try:
        migrate(engine, VIEWS)
        projector = projector_of(engine, into)
        await follow(projector, into)
        found = []
        for reader in readers:
            asked = [
                TaskList(reader=reader), AtRisk(reader=reader), ComplaintClocks(reader=reader),
                Board(case_kind="complaints", reader=reader), ComplaintList(reader=reader),
                ComplaintList(text="loket", reader=reader),
                ChangesSince(case_kind="complaints", change="1.0", reader=reader),
                CaseHistory(case_kind="complaints", case_id=SECRET, reader=reader),
            ]  # fmt: skip
            said = [await ask(projector, into, each) for each in asked]
            plain = [
                each.model_copy(
                    update={name: "" for name in ("change", "last") if name in type(each).model_fields}
                ).model_dump_json(exclude={"asof_at"})
                for each in said
            ]
            plain = [NUMBERED.sub("", each) for each in plain]
            detail = await ask(projector, into, ComplaintDetail(complaint_id=SECRET, reader=reader))
            found.append((detail.complaint is not None, plain))
        return found
    finally:
        engine.dispose()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.sampled_from(["", SAID, *ABOUT]))
@example([], SAID)
@example([("classify", 2, KABID), ("note", 0, KABID)], SAID)
@example([("classify", 2, OFFICER)], "")
@example([("classify", 0, OFFICER), ("assign", 1, OFFICER)], "fajar")
@example([("classify", 0, KABID), ("assign", 0, KABID), ("answer", 0, TEAM), ("object", 0, REPORTER)], "retno")
@example([("classify", 2, KABID), ("note", 0, KABID)], "retno")
def test_who_may_not_know_of_it_gets_all_as_if_it_were_not_there(
    steps: list[tuple[str, int, Actor]], barring: str
) -> None:
    desk = lived(steps, barring)
    readers = [reader_of(each) for each in PEOPLE]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        keys = made_keys(home / "keys")
        with_it, bare = (
            asyncio.run(everything(told(desk, Office(keys), without=without), home / name, readers))
            for name, without in (("with", False), ("bare", True))
        )
    now = state(desk)
    for actor, reader, (sees, said), (_, other) in zip(PEOPLE, readers, with_it, bare, strict=True):
        asker = Given(desk.agency, actor, desk.now, ROOT, None)  # type: ignore[arg-type]  # never looked up
        if who.barred(now.case, asker):  # type: ignore[union-attr]  # it was filed
            assert not sees, f"{actor.id} is barred for commands, and reads it"
        if reads(reader, now):  # type: ignore[arg-type]  # it was filed
            assert sees, f"{actor.id} opens its words, and does not find it"
        if not sees:
            assert said == other, actor.id


def test_a_head_who_acts_for_his_barred_subordinate_handles_what_came_up_to_him() -> None:
    desk = lived([("classify", 0, OFFICER), ("assign", 0, OFFICER)], "")
    desk.when(NameComplainedAbout(complaint_id=SECRET, person_id="fajar", positions=("tim",)), OFFICER)
    both = next(each for each in PEOPLE if each.id == "rangkap")
    desk.when(WISHES["note"](0), both)
    assert desk.fact(type(desk.log[-1].event)).by.person_id == "rangkap"  # type: ignore[attr-defined]  # a note
    for barred in ("sulis", "wakil"):
        desk.when(WISHES["note"](0), next(each for each in PEOPLE if each.id == barred)).refused("complaint.unknown")
    himself = person("fajar", "kabid", "kabid")
    desk.when(WISHES["note"](0), himself).refused("complaint.unknown")
    assert SERVICE.roles == ("service",)


def test_what_waits_for_the_officer_who_is_complained_about_waits_above_him() -> None:
    """Tasks, board and list: his superior's from the moment he is named, and his no more."""
    desk, readers = lived([], "retno"), [reader_of(KABID), reader_of(OFFICER), reader_of(TEAM)]

    async def waiting() -> list[tuple[dict[str, int], int, int]]:
        with tempfile.TemporaryDirectory() as folder:
            into = told(desk, Office(made_keys(Path(folder) / "keys")), without=False)
            engine = engine_of(Place("projections", Path(folder) / "views", None))
            try:
                migrate(engine, VIEWS)
                projector = projector_of(engine, into)
                await follow(projector, into)
                found = []
                for reader in readers:
                    tasks = await ask(projector, into, TaskList(reader=reader))
                    board = await ask(projector, into, Board(case_kind="complaints", reader=reader))
                    listed = await ask(projector, into, ComplaintList(reader=reader))
                    cards = sum(each.count for each in board.columns)
                    found.append((dict(tasks.counts), cards, len(listed.complaints)))
                return found
            finally:
                engine.dispose()

    kabid, officer, team = asyncio.run(waiting())
    assert kabid == ({"acknowledge": 1}, 1, 1)
    assert officer == ({}, 2, 2)
    assert team == ({"answer": 2}, 2, 2)
    desk.when(WISHES["acknowledge"](0), KABID)
    desk.when(WISHES["classify"](0), KABID)
    kabid, officer, _ = asyncio.run(waiting())
    assert kabid == ({"assign-complaint": 1}, 1, 1)
    assert officer == ({}, 2, 2)
