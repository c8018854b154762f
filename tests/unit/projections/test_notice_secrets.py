"""Of a complaint that somebody may not see he finds no notice: in no log, among no counts, not behind his bell."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from contracts.base import Event, Reader
from contracts.complaint import AssignComplaint, ChangeStance, NameComplainedAbout, ReplyAsReporter
from contracts.notifications import NoticeAccepted, NoticePlanned
from contracts.projections import (
    ChangesSince,
    LiveChange,
    NoticeList,
    NoticeListAnswer,
    NoticeLog,
    NoticeLogAnswer,
    NoticeLogRow,
)
from gateway.api.stream import heard
from services.kit.database.place import Place, engine_of
from services.kit.projections import CaseChange
from services.kit.projections.generations import migrate
from services.projections.views import VIEWS
from services.projections.views.notices import sent
from services.projections.views.shared.lists import live_change
from tests.unit.complaint.desk import ADOPT, CLERK, COMPLAINTS, OFFICER, REPORTER, complaint_id, form, key, mac, sort
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import NOTIFICATIONS, adopt
from tests.unit.projections.office import Office, made_keys
from tests.unit.projections.reading import ask, follow, projector_of

SECRET, OTHER = complaint_id(1), complaint_id(2)
READERS = {
    "operator": Reader(person_id="loket", positions=("staf",), roles=("operator",)),
    "kasi": Reader(person_id="kasi", positions=("kasi",), roles=("kasi",)),
    "kabid": Reader(person_id="sri", positions=("kabid",), roles=("kabid",)),
    "kadis": Reader(person_id="bambang", positions=("kadis",), roles=("kadis", "leader")),
    "inspector": Reader(person_id="irban", positions=("irban",), roles=("inspector",)),
    "admin": Reader(person_id="intan", roles=("admin",)),
    "tim": Reader(person_id="fajar", positions=("tim",), roles=("complaint-handler",)),
    "plh": Reader(person_id="sulis", positions=("tim", "kasi"), roles=("complaint-handler", "kasi")),
    "officer": Reader(person_id="retno", positions=("pejabat",), roles=("complaint-officer",)),
}
Told = Mapping[str, tuple[NoticeLogAnswer, NoticeListAnswer]]


def office(**secret: str) -> Desk:
    """An ordinary complaint, and the one that this is about."""
    desk = Desk("purbalingga", (COMPLAINTS, NOTIFICATIONS)).when(adopt()).when(ADOPT)
    desk.when(form(2), CLERK, command_id=key(2)).tell()
    sort(desk, number=2).tell()
    desk.when(AssignComplaint(complaint_id=OTHER, position="tim"), OFFICER).tell()
    return desk.when(form(1, **secret), CLERK, command_id=key(1)).tell()


def _of_secret(event: Event, notices: frozenset[UUID]) -> bool:
    named = {getattr(event, name, None) for name in ("complaint_id", "case_id")}
    return SECRET in named or getattr(event, "notice_id", None) in notices


async def _told(desk: Desk, folder: Path, *, without: bool) -> Told:
    notices = frozenset(
        each.event.notice_id
        for each in desk.log
        if isinstance(each.event, NoticePlanned) and each.event.case_id == SECRET
    )
    into = Office(made_keys(folder.with_suffix(".keys")))
    for each in desk.log:
        if not (without and _of_secret(each.event, notices)):
            into.tell(each.stream, each.event)
    engine = engine_of(Place("projections", folder.with_suffix(".db"), None))
    try:
        migrate(engine, VIEWS)
        projector = projector_of(engine, into)
        await follow(projector, into)
        return {
            name: (
                await ask(projector, into, NoticeLog(reader=reader)),
                await ask(projector, into, NoticeList(reader=reader)),
            )
            for name, reader in READERS.items()
        }
    finally:
        engine.dispose()


def told(desk: Desk, folder: Path) -> tuple[Told, Told]:
    """What everybody gets with the secret one, and in a store that has never heard of it."""
    return (
        asyncio.run(_told(desk, folder / "with", without=False)),
        asyncio.run(_told(desk, folder / "bare", without=True)),
    )


def plain(answers: Sequence[NoticeLogAnswer | NoticeListAnswer]) -> list[str]:
    """Without the moments, by which the two stores differ anyway."""
    moments = {"planned_at", "not_before", "changed_at", "at", "seen_at"}
    return [each.model_dump_json(exclude={"notices": {"__all__": moments}}) for each in answers]


def differing(now: Told, bare: Told) -> set[str]:
    return {name for name, answers in now.items() if plain(answers) != plain(bare[name])}


def test_of_a_confidential_complaint_only_who_may_see_it_finds_notices(tmp_path: Path) -> None:
    desk = office(stance="confidential")
    assert differing(*told(desk, tmp_path)) == {"officer", "kadis", "inspector"}


def test_of_a_restricted_one_only_the_officer_and_the_examiner_do(tmp_path: Path) -> None:
    desk = office()
    desk.when(AssignComplaint(complaint_id=SECRET, position="kabid"), OFFICER).tell()
    sort(desk, "berat", examiner="pemeriksa").tell()
    assert differing(*told(desk, tmp_path)) == {"officer"}


def test_who_is_barred_finds_nothing_of_what_he_was_told_before(tmp_path: Path) -> None:
    desk = office()
    sort(desk).tell()
    desk.when(AssignComplaint(complaint_id=SECRET, position="tim"), OFFICER).tell()
    (tmp_path / "a").mkdir()
    assert {"tim", "plh"} <= differing(*told(desk, tmp_path / "a")), "the handler and who acts for him were told"
    desk.when(NameComplainedAbout(complaint_id=SECRET, person_id="fajar", positions=("tim",)), OFFICER).tell()
    (tmp_path / "b").mkdir()
    assert not {"tim", "plh"} & differing(*told(desk, tmp_path / "b"))


def test_the_operator_has_no_complaint_in_his_log_and_the_officer_no_other_case(tmp_path: Path) -> None:
    now, _ = told(office(), tmp_path)
    kinds = {name: {each.case_kind for each in log.notices} for name, (log, _) in now.items()}
    assert "complaints" not in kinds["operator"]
    assert kinds["officer"] == {"complaints"}
    for log, _ in now.values():
        assert sum(log.counts.values()) == len(log.notices), "nobody is counted what he is not shown"


def test_of_an_anonymous_one_no_notice_tells_the_hour(tmp_path: Path) -> None:
    now, _ = told(office(stance="anonymous", name="", contact=""), tmp_path)
    log, inbox = now["officer"]
    mine = [each for each in log.notices if each.case_id == SECRET]
    bell = [each for each in inbox.notices if each.case_id == SECRET]
    assert (len(mine), len(bell)) == (1, 1)
    moments = [mine[0].planned_at, mine[0].not_before, mine[0].changed_at, bell[0].at]
    assert all(each.time() == datetime.min.time() for each in moments), "the beginning of a day"
    assert (mine[0].dated, bell[0].dated) == (True, True)
    assert all(not each.dated for each in log.notices if each.case_id != SECRET)


def test_of_a_reporter_whom_machines_alone_tell_the_log_says_so(tmp_path: Path) -> None:
    """As his case has it today: he may have become more secret since he was told."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    desk = sort(office()).tell()
    assert {each.hidden for each in of_secret(told(desk, tmp_path / "a")[0]) if each.audience == "reporter"} == {False}
    desk.when(ChangeStance(complaint_id=SECRET, stance="confidential", code_mac=mac()), REPORTER).tell()
    now = {(each.audience, each.hidden) for each in of_secret(told(desk, tmp_path / "b")[0])}
    assert now == {("officer", False), ("reporter", True)}


def of_secret(now: Told) -> list[NoticeLogRow]:
    return [each for each in now["officer"][0].notices if each.case_id == SECRET]


def test_it_is_counted_no_further_than_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(office(), tmp_path)[0]["officer"][0]
    assert (whole.counts, whole.more) == (dict(Counter(each.stage for each in whole.notices)), ())
    monkeypatch.setattr(sent, "MOST_COUNTED", 1)
    (few := tmp_path / "few").mkdir()
    cut = told(office(), few)[0]["officer"][0]
    assert set(cut.counts.values()) == {1}
    assert set(cut.more) == {stage for stage, many in whole.counts.items() if many > 1} != set()


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_follow_each_other_and_no_place_in_them_tells_a_moment(tmp_path: Path, limit: int) -> None:
    desk = office(stance="anonymous", name="", contact="")

    async def paged() -> tuple[list[UUID], list[UUID], list[str]]:
        into = Office(made_keys(tmp_path / "keys"))
        for each in desk.log:
            into.tell(each.stream, each.event)
        engine = engine_of(Place("projections", tmp_path / "views", None))
        try:
            migrate(engine, VIEWS)
            projector = projector_of(engine, into)
            await follow(projector, into)
            whole = await ask(projector, into, NoticeLog(reader=READERS["officer"]))
            found, cursors, cursor = [], [], ""
            while True:
                page = await ask(projector, into, NoticeLog(reader=READERS["officer"], limit=limit, cursor=cursor))
                found += [each.notice_id for each in page.notices]
                if not (cursor := page.cursor):
                    return [each.notice_id for each in whole.notices], found, cursors
                cursors.append(cursor)
        finally:
            engine.dispose()

    whole, found, cursors = asyncio.run(paged())
    assert (found, len(whole) > 2) == (whole, True)
    assert all(UUID(each) in whole for each in cursors)


# ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _heard(desk: Desk, folder: Path, *later: Callable[[Desk], None]) -> Mapping[str, list[tuple[str, str]]]:
    """Reader → (kind, id) of what he heard live of what was done ``later``, step by step, as the day goes."""
    into, told_live = Office(made_keys(folder.with_suffix(".keys"))), list[LiveChange]()

    async def announce(generation: int, changes: list[CaseChange]) -> None:
        told_live.extend(live_change(generation, each) for each in changes)

    engine, at = engine_of(Place("projections", folder.with_suffix(".db"), None)), 0
    try:
        migrate(engine, VIEWS)
        projector = projector_of(engine, into, announce=announce)
        for step in (lambda _: None, *later):
            told_live.clear()
            step(desk)
            for each in desk.log[at:]:
                into.tell(each.stream, each.event)
            at = len(desk.log)
            await follow(projector, into)
        plain = [orjson.loads(each.model_dump_json()) for each in told_live]
        assert plain, "something was announced"
        since = ChangesSince(case_kind="notices", change="1.0")
        found = {}
        for name, reader in READERS.items():
            heard_ = [heard(dict(each), reader) for each in plain]
            found[name] = [(each["kind"], each["case_id"]) for each in heard_ if each is not None]
            missed = await ask(projector, into, since.model_copy(update={"reader": reader}))
            bell = await ask(projector, into, NoticeList(reader=reader, limit=100))
            ids = {each.case_id for each in missed.changes}
            assert ids == {each.notice_id for each in bell.notices}, "what was missed is what stands behind the bell"
        return found
    finally:
        engine.dispose()


def answered(desk: Desk, number: int = 1) -> None:
    """Whoever handles it is told that its reporter wrote."""
    desk.when(ReplyAsReporter(complaint_id=complaint_id(number), words="Halo"), CLERK).tell()


def test_who_acts_for_a_position_and_is_barred_himself_hears_nothing_live(tmp_path: Path) -> None:
    """Fajar is complained about, and acts as Plh. for the Kabid whose the complaint is now."""
    desk = office()
    sort(desk).tell()
    desk.when(NameComplainedAbout(complaint_id=SECRET, person_id="fajar", positions=("tim",)), OFFICER).tell()

    def goes_on(now: Desk) -> None:
        now.when(AssignComplaint(complaint_id=SECRET, position="kabid"), OFFICER).tell()
        answered(now)

    acts = {**READERS, "tim": READERS["tim"].model_copy(update={"positions": ("tim", "kabid")})}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(READERS, "tim", acts["tim"])
        told = asyncio.run(_heard(desk, tmp_path / "views", goes_on))
    assert {kind for kind, _ in told["kabid"]} == {"complaints", "notices"}, "who may know of it hears it"
    assert told["tim"] == []
    assert told["plh"] == []


def test_of_what_became_restricted_who_was_told_before_hears_nothing_more_live(tmp_path: Path) -> None:
    desk = office()
    sort(desk).tell()
    desk.when(AssignComplaint(complaint_id=SECRET, position="kabid"), OFFICER).tell()

    def restricted(now: Desk) -> None:
        sort(now, "berat", examiner="pemeriksa").tell()

    def accepted(now: Desk) -> None:
        for each in [each for each in now.log if isinstance(each.event, NoticePlanned)]:
            sent = NoticeAccepted(notice_id=each.event.notice_id, channel="email", generation=1, accepted_at=now.now)
            now.given(each.stream, sent)

    told = asyncio.run(_heard(desk, tmp_path / "views", restricted, accepted))
    assert told["kabid"] == []
    assert {kind for kind, _ in told["officer"]} == {"notices"}
