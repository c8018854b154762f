"""The office's own rules at work: calendars, positions, substitutes, qualifications, versions; from the real files."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.approval import ApprovalCompleted, InitialLetter, TierInitialled
from contracts.base import Actor, Refusal
from contracts.dispatch import DispatchProven
from contracts.intake import (
    ClockStopped,
    DeadlineMoved,
    ExamineMessage,
    ForwardLetter,
    LetterRegistered,
    ProducePrintPack,
    RegisterLetter,
    StandardAdopted,
)
from contracts.offices import StandardDraft
from contracts.organisation import (
    AppointHolder,
    CloseOffice,
    ConfirmCalendar,
    DraftCalendar,
    EnterAbsence,
    GrantQualification,
    NameSubstitute,
    PublishStandard,
    ReopenOffice,
    StandardPreview,
    StandardPublished,
    WithdrawQualification,
)
from contracts.words import ClosedDay
from services.organisation.adapters.holiday_drafts import proposed
from services.organisation.adapters.standards_files import IMPORTER
from services.organisation.policy import own_rules
from services.organisation.views import previews, standards
from tests.unit.given_when_then import Desk
from tests.unit.office import FIELDS, blob, letter_id, message
from tests.unit.rules.house import Watched, deadline, directory, house, person

ID = letter_id(1)
ADMIN = Actor(id="admin", name="Dimas", roles=("admin",))
KABID, KASI = "kabid-aplikasi-persandian", "kasi-persandian"
SKB = "Keputusan Bersama Nomor 1 Tahun 2026 tentang Perubahan"


def arrived(desk: Desk, received: datetime | None = None, number: int = 1, by: str = "operator") -> Desk:
    """Captured, examined and registered."""
    desk.when(message(number, received_at=received or desk.now))
    desk.when(ExamineMessage(letter_id=letter_id(number), fields=FIELDS), person(desk, by))
    return desk.when(RegisterLetter(letter_id=letter_id(number)), person(desk, by))


def going_round(desk: Desk, by: str = "operator") -> Desk:
    pack = ProducePrintPack(letter_id=ID, blob=blob("pack"), pages=3)
    arrived(desk, by=by).when(pack, person(desk, by)).when(ForwardLetter(letter_id=ID), person(desk, by))
    return desk.tell()


def initial(desk: Desk, who: str) -> Desk:
    return desk.when(InitialLetter(letter_id=ID), person(desk, who))


def initials(desk: Desk) -> list[tuple[int, str, str | None, str, str | None]]:
    return [
        (event.tier, event.by.person_id, event.by.position, event.by.capacity, event.passed)
        for told in desk.log
        if isinstance(event := told.event, TierInitialled)
    ]


def moves(desk: Desk) -> list[DeadlineMoved]:
    return [told.event for told in desk.log if isinstance(told.event, DeadlineMoved)]


def wib(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour - 7, minute, tzinfo=UTC)


# ── positions and substitutes ──


def test_a_plh_initials_in_place_of_the_kabid_and_the_fact_says_so() -> None:
    desk = going_round(house())
    desk.when(NameSubstitute(position=KABID, substitute=KASI), ADMIN)
    initial(desk, "kasi").then(TierInitialled)
    desk.when(EnterAbsence(person_id="kabid", from_on="2026-03-12", until_on="2026-03-13", reason="Dinas luar"), ADMIN)
    initial(desk, "kabid").refused("approval.not-an-examiner")
    initial(desk, "kasi").then(TierInitialled)
    assert initials(desk)[1] == (1, "kasi", KABID, "plh", None)
    initial(desk, "kadis").then(TierInitialled, ApprovalCompleted)


def test_a_kasi_who_is_also_plh_kabid_initials_once_for_both() -> None:
    desk = house()
    desk.when(
        AppointHolder(
            position=KABID, title="Kepala Bidang Aplikasi dan Persandian", role="kabid", person_id="kasi",
            capacity="plh", from_on="2026-03-10", until_on="2026-03-14", seats=(KASI,),
        ),
        ADMIN,
    )  # fmt: skip
    initial(going_round(desk), "kasi").then(TierInitialled, TierInitialled)
    assert [row[2:4] for row in initials(desk)] == [(KASI, "holder"), (KABID, "plh")]


def test_the_holder_is_back_the_day_after_his_absence() -> None:
    desk = house().when(NameSubstitute(position=KABID, substitute=KASI), ADMIN)
    desk.when(EnterAbsence(person_id="kabid", from_on="2026-03-11", until_on="2026-03-12", reason="Cuti"), ADMIN)
    assert {held.position for held in person(desk, "kasi").holdings} == {KASI, KABID}
    assert person(desk, "kabid").holdings == ()
    desk.later(days=1)
    assert [held.position for held in person(desk, "kabid").holdings] == [KABID]


def test_a_letter_that_the_kasi_registered_passes_to_his_substitute() -> None:
    desk = house().when(NameSubstitute(position=KASI, substitute="operator-transmisi-sandi"), ADMIN)
    _made_operator(desk, "kasi")
    going_round(desk, by="kasi")
    initial(desk, "kasi").refused("approval.own-letter")
    initial(desk, "kabid").refused("approval.not-your-turn")
    initial(desk, "operator").then(TierInitialled)
    assert initials(desk) == [(0, "operator", KASI, "plh", "substitute")]


def test_without_a_substitute_it_goes_upward_and_merges_with_the_tier_above() -> None:
    desk = house()
    _made_operator(desk, "kasi")
    going_round(desk, by="kasi")
    initial(desk, "kadis").refused("approval.not-your-turn")
    initial(desk, "kabid").then(TierInitialled, TierInitialled)
    assert initials(desk) == [(0, "kabid", KABID, "holder", "upward"), (1, "kabid", KABID, "holder", None)]


def _made_operator(desk: Desk, who: str) -> None:
    title = "Operator Transmisi Sandi"
    place = {"position": "operator-transmisi-sandi-2", "title": title, "role": "operator"}
    desk.when(AppointHolder(**place, person_id=who, seats=(KASI,)), ADMIN)  # he sees letters already


def test_a_cycle_of_substitutes_is_refused_with_its_chain() -> None:
    desk = house().when(NameSubstitute(position="kadis", substitute=KABID), ADMIN)
    desk.when(NameSubstitute(position=KABID, substitute=KASI), ADMIN)
    closing = NameSubstitute(position=KASI, substitute="kadis")
    desk.when(closing, ADMIN).refused("organisation.substitute-cycle", chain=[KASI, "kadis", KABID, KASI])
    itself = NameSubstitute(position=KASI, substitute=KASI)
    desk.when(itself, ADMIN).refused("organisation.substitute-cycle")


def test_absent_substitutes_are_passed_over_along_the_chain() -> None:
    desk = house().when(NameSubstitute(position="kadis", substitute=KABID), ADMIN)
    desk.when(NameSubstitute(position=KABID, substitute=KASI), ADMIN)
    for who in ("kadis", "kabid"):
        desk.when(EnterAbsence(person_id=who, from_on="2026-03-12", until_on="2026-03-12", reason="Rapat"), ADMIN)
    held = {(each.position, each.capacity) for each in person(desk, "kasi").holdings}
    assert held == {(KASI, "holder"), (KABID, "plh"), ("kadis", "plh")}


def test_a_secretary_enters_absences_and_nothing_else() -> None:
    desk, secretary = house(), Actor(id="sekretaris", roles=("secretary",))
    absence = EnterAbsence(person_id="kabid", from_on="2026-03-12", until_on="2026-03-12", reason="Sakit")
    desk.when(absence, secretary)
    assert not isinstance(desk.decision, Refusal)
    desk.when(NameSubstitute(position=KABID, substitute=KASI), secretary).refused("organisation.not-permitted")


# ── qualifications ──


def test_an_unqualified_operator_neither_examines_nor_registers() -> None:
    desk = house()
    withdrawn = WithdrawQualification(
        person_id="operator", qualification="sandi", on="2026-03-12", reason="Kedaluwarsa"
    )
    desk.when(message(1)).when(withdrawn, ADMIN)
    examine = ExamineMessage(letter_id=ID, fields=FIELDS)
    desk.when(examine, person(desk, "operator")).refused("intake.not-qualified", needs="sandi")
    desk.when(examine, person(desk, "operator-2"))
    desk.when(RegisterLetter(letter_id=ID), person(desk, "operator")).refused("intake.not-qualified")
    granted = GrantQualification(person_id="operator", qualification="sandi", from_on="2026-03-12", certificate="S-9")
    desk.when(granted, ADMIN).when(RegisterLetter(letter_id=ID), person(desk, "operator"))
    assert desk.fact(LetterRegistered).by.person_id == "operator"


def test_a_qualification_holds_on_its_days_only() -> None:
    desk = house()
    dated = GrantQualification(person_id="kabid", qualification="sandi", from_on="2026-03-13", until_on="2026-03-13")
    desk.when(dated, ADMIN)
    held = []
    for _ in range(3):
        held.append(person(desk, "kabid").qualifications)
        desk.later(days=1)
    assert held == [(), ("sandi",), ()]


# ── calendars ──


def test_a_decree_moved_by_two_days_moves_the_open_deadlines_by_visible_events() -> None:
    """Received Tue 17 March 2026: due Wed 25 March by the first decree; Nyepi's days go elsewhere, so it is earlier."""
    desk = house(now=wib(17, 9))
    arrived(desk)
    watched = Watched(desk)
    assert (watched.look(), desk.fact(LetterRegistered).due_at) == (0, wib(25, 15, 45))
    shifted = [
        day.model_copy(update={"on": day.on.replace("2026-03-18", "2026-03-26").replace("2026-03-19", "2026-03-27")})
        for day in _decreed(desk)
    ]
    decree = ConfirmCalendar(year=2026, number=SKB, decreed_on="2026-03-16", closed=tuple(shifted))
    desk.when(decree, ADMIN).tell()
    assert watched.look() == 1
    (moved,) = moves(desk)
    assert (moved.old_due_at, moved.due_at) == (wib(25, 15, 45), wib(18, 15, 45))
    assert SKB in moved.reason
    assert moved.calendar != desk.fact(LetterRegistered).calendar
    assert watched.look() == 0, "asked again, nothing moves"
    assert Watched(desk).look() == 0, "nor after a restart"
    told = deadline(desk, ID)
    assert told.deadline is not None
    assert (told.deadline.due_at, [move.new_due_at for move in told.moves]) == (wib(18, 15, 45), [wib(18, 15, 45)])
    assert told.deadline.sentence.endswith("Jatuh tempo Rabu, 18 Maret 2026 pukul 15.45 WIB.")


def _decreed(desk: Desk) -> tuple[ClosedDay, ...]:
    facts = desk.fact(StandardPublished).rules["holidays"]
    return tuple(ClosedDay.model_validate(day) for day in facts)


def test_what_nobody_watched_is_made_good_after_a_start() -> None:
    desk = arrived(house())
    desk.when(CloseOffice(on="2026-03-13", reason="Hari jadi Kota"), ADMIN).tell()
    assert Watched(desk).look() == 1
    assert desk.fact(DeadlineMoved).due_at == wib(16, 15, 45)


def test_a_local_closed_day_moves_deadlines_and_its_withdrawal_moves_them_back() -> None:
    desk = arrived(house())
    watched = Watched(desk)
    watched.look()
    desk.when(CloseOffice(on="2026-03-13", reason="Hari jadi Kota"), ADMIN).tell()
    watched.look()
    desk.when(ReopenOffice(on="2026-03-13", reason="Ditunda"), ADMIN).tell()
    watched.look()
    assert [move.due_at for move in moves(desk)] == [wib(16, 15, 45), wib(13, 11)]
    assert "Hari jadi Kota" in moves(desk)[0].reason
    desk.when(ReopenOffice(on="2026-03-19", reason="Ditunda"), ADMIN).refused("organisation.day-decreed")


def test_a_finished_letter_keeps_its_deadline_and_its_calendar() -> None:
    desk = arrived(house())
    proven = DispatchProven(letter_id=ID, revision=1, completed_at=desk.now)
    desk.given(f"dispatch:{ID}", proven).tell()
    assert desk.fact(ClockStopped).at == proven.completed_at
    desk.later(minutes=1).when(CloseOffice(on="2026-03-13", reason="Hari jadi Kota"), ADMIN).tell()
    assert (Watched(desk).look(), moves(desk)) == (0, [])
    told = deadline(desk, ID)
    assert told.deadline is not None
    assert (told.deadline.due_at, told.stopped_at) == (wib(13, 11), proven.completed_at)


def test_an_older_decree_never_supersedes_a_newer_one() -> None:
    desk = house().later(days=600).when(DraftCalendar(year=2027, closed=proposed(2027)), ADMIN)
    desk.when(ConfirmCalendar(year=2027, number="SKB 2", decreed_on="2026-10-01"), ADMIN)
    assert not isinstance(desk.decision, Refusal)
    older = ConfirmCalendar(year=2027, number="SKB 1", decreed_on="2026-09-30", closed=proposed(2027))
    desk.when(older, ADMIN).refused("organisation.decree-older", newest="SKB 2")
    changed = ConfirmCalendar(year=2027, number="SKB 2", decreed_on="2026-10-01", closed=proposed(2027)[:5])
    desk.when(changed, ADMIN).refused("organisation.decree-known")
    empty = ConfirmCalendar(year=2028, number="SKB 3", decreed_on="2027-10-01")
    desk.when(empty, ADMIN).refused("organisation.calendar-empty")
    odd = ConfirmCalendar(year=2028, number="SKB 3", decreed_on="2027-10-01", closed=proposed(2027))
    desk.when(odd, ADMIN).refused("organisation.day-of-another-year")


def test_the_agencys_facts_may_change_under_a_version_and_its_words_may_not() -> None:
    desk = arrived(house())
    before = desk.fact(StandardPublished)
    elsewhere = {**before.rules, "holidays": [*before.rules["holidays"], _day("2026-03-13")]}
    again = _again(before, elsewhere)
    desk.when(again, IMPORTER).tell()
    assert desk.parked == []
    assert len([told for told in desk.log if isinstance(told.event, StandardAdopted)]) == 2
    assert Watched(desk).look() == 1
    other = _again(before, {**before.rules, "deadline": {"working_days": 2}})
    desk.when(other, IMPORTER).refused("organisation.version-published")


def _again(event: StandardPublished, rules: dict[str, Any]) -> PublishStandard:
    return PublishStandard(
        standard=event.standard, name=event.name, valid_from=event.valid_from, components=event.components, rules=rules
    )


def _day(on: str) -> dict[str, str]:
    return {"on": on, "kind": "local", "reason": "Libur setempat"}


# ── versions ──


def second(desk: Desk, **rules: Any) -> PublishStandard:
    before = desk.fact(StandardPublished)
    ref = before.standard.model_copy(update={"version": 2, "decree": "061/050/2026"})
    return PublishStandard(
        standard=ref, name=before.name, valid_from="2026-03-12", components=before.components,
        rules={**own_rules(before.rules), **rules},
    )  # fmt: skip


def test_publishing_version_2_leaves_running_cases_untouched() -> None:
    desk = arrived(house())
    first = desk.fact(LetterRegistered)
    tiers = [{"position": KASI, "title": "Kasi"}]
    desk.when(second(desk, deadline={"working_days": 3}, tiers=tiers), ADMIN).then(StandardPublished).tell()
    assert desk.fact(StandardPublished).by is not None
    assert (Watched(desk).look(), moves(desk), desk.parked) == (0, [], [])
    pack = ProducePrintPack(letter_id=ID, blob=blob("pack"), pages=3)
    desk.when(pack, person(desk, "operator")).when(ForwardLetter(letter_id=ID), person(desk, "operator")).tell()
    assert [tier.position for tier in first.tiers] == [KASI, KABID, "kadis"]
    initial(desk, "kasi").then(TierInitialled)
    later = arrived(desk, number=2).fact(LetterRegistered)
    assert (later.standard.version, len(later.tiers), later.due_at) == (2, 1, wib(17, 15, 45))


def test_a_preview_says_what_a_version_would_change_and_changes_nothing() -> None:
    desk = house()
    draft = _draft(second(desk, deadline={"working_days": 3}))
    answer = previews.preview(directory(desk), "pekalongan", StandardPreview(draft=draft), desk.now)
    assert (answer.version, answer.mistakes) == (2, ())
    assert [(each.what, each.old, each.new) for each in answer.work] == [("deadline", "1 hari kerja", "3 hari kerja")]
    assert (answer.examples[0].old_due_at, answer.examples[0].new_due_at) == (wib(13, 11), wib(17, 15, 45))
    assert [change.place for change in answer.changes] == ["decree", "valid_from", "rules.deadline.working_days"]


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"tiers": [{"title": "Kasi"}]}, "rules.tiers[0].position"),
        ({"tiers": [{"position": "kasi-lain", "title": "Kasi"}]}, "rules.tiers[0].position"),
        ({"hours": [{"days": ["mon"], "open": "15:00", "close": "08:00"}]}, "rules.hours[0].close"),
        ({"books": ["keluar"]}, "rules.books[0]"),
        ({"delivery": [{"recipient_class": "walikota", "routes": ["pigeon"], "proof": "receipt"}]}, None),
    ],
)
def test_a_bad_standard_is_refused_with_its_place_and_the_running_one_stays(
    rules: dict[str, Any], place: str | None
) -> None:
    desk = house()
    desk.when(second(desk, **rules), ADMIN).refused("organisation.rules-unsound")
    assert isinstance(desk.decision, Refusal)
    (mistake, *_) = desk.decision.detail["mistakes"]
    assert mistake["reason"]
    assert mistake["place"] == (place or "rules.delivery[0].routes[0]")
    told = previews.preview(
        directory(desk), "pekalongan", StandardPreview(draft=_draft(second(desk, **rules))), desk.now
    )
    assert told.mistakes[0].place == mistake["place"]
    assert standards.in_force(directory(desk), "pekalongan", desk.now).standards[0].standard.version == 1


def _draft(command: PublishStandard) -> StandardDraft:
    return StandardDraft(
        standard=command.standard.standard, decree=command.standard.decree, name=command.name,
        valid_from=command.valid_from, components=command.components, rules=command.rules,
    )  # fmt: skip


def test_a_preview_names_all_mistakes_at_once_whatever_kind_they_are() -> None:
    """Form, names, hours that do not fit together, and the day from which it holds."""
    desk = house()
    overlapping = {"days": ["mon"], "open": "08:00", "close": "10:00"}
    draft = _draft(second(desk, deadline={}, books=["keluar"], hours=[overlapping, overlapping]))
    tiers = [{"title": "Kasi"}, {"position": "kasi-lain", "title": "Kasi"}]
    draft = draft.model_copy(update={"valid_from": "2020-01-01", "rules": {**draft.rules, "tiers": tiers}})
    told = previews.preview(directory(desk), "pekalongan", StandardPreview(draft=draft), desk.now)
    assert {mistake.place for mistake in told.mistakes} == {
        "rules.deadline", "rules.tiers[0].position", "rules.tiers[1].position", "rules.books[0]", "rules.hours[1].days",
        "valid_from",
    }  # fmt: skip


@pytest.mark.parametrize("rules", [{"tiers": "semua"}, {"evaluation": "bulanan"}, {"books": 3}, {"tiers": [7]}])
def test_a_preview_of_something_else_than_rules_says_so_and_does_not_fall(rules: dict[str, Any]) -> None:
    desk = house()
    draft = _draft(second(desk))
    draft = draft.model_copy(update={"rules": {**draft.rules, **rules}})
    told = previews.preview(directory(desk), "pekalongan", StandardPreview(draft=draft), desk.now)
    assert any(mistake.place.startswith(f"rules.{next(iter(rules))}") for mistake in told.mistakes)
