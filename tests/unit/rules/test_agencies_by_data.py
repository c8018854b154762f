"""A third agency from files alone; the running state as files again; the seeds' words read back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.approval import ApprovalCompleted, InitialLetter, TierInitialled
from contracts.dispatch import (
    ArchiveLetter,
    AssignCourier,
    DispatchPlanned,
    DispatchProven,
    LetterArchived,
    RecordDelivery,
)
from contracts.intake import ExamineMessage, ForwardLetter, LetterRegistered, ProducePrintPack, RegisterLetter
from contracts.offices import CalendarsAnswer, PositionsAnswer, StandardVersionsAnswer
from contracts.organisation import (
    Calendars,
    CloseOffice,
    ConfirmCalendar,
    NameSubstitute,
    People,
    Positions,
    StandardVersions,
)
from contracts.words import RecipientEntry
from services.cli.standards import checked
from services.organisation.adapters.holiday_drafts import proposed
from services.organisation.adapters.standards_export import exported
from services.organisation.adapters.standards_files import load, own_standards
from services.organisation.policy import COMPONENTS
from services.organisation.views import calendars, people, standards
from tests.unit.given_when_then import Desk
from tests.unit.office import FIELDS, blob, letter_id, message
from tests.unit.rules.house import directory, house, opened, person
from tests.unit.rules.test_office_rules import ADMIN, KABID, KASI
from tests.unit.rules.third_agency import rewrite, with_wakatobi

ID = letter_id(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_wakatobi(tmp_path / "standards")


def test_a_third_agency_carries_a_letter_to_its_archive_by_data_alone(folder: Path) -> None:
    """Received Thu 12 March 2026 at 15.00 WITA: one working day later at the close of Friday, 11.00 WITA."""
    desk = house("wakatobi", folder)
    operator = person(desk, "operator")
    fields = FIELDS.model_copy(update={"recipients": (RecipientEntry(recipient_class="walikota", office="Bupati"),)})
    desk.when(message(1)).when(ExamineMessage(letter_id=ID, fields=fields), operator)
    desk.when(RegisterLetter(letter_id=ID), operator)
    registered = desk.fact(LetterRegistered)
    assert (registered.agenda, registered.due_at) == ("8/SM/2026", datetime(2026, 3, 13, 3, 0, tzinfo=UTC))
    desk.when(ProducePrintPack(letter_id=ID, blob=blob("pack"), pages=3), operator)
    desk.when(ForwardLetter(letter_id=ID), operator).tell()
    desk.when(InitialLetter(letter_id=ID), person(desk, "kasi")).then(TierInitialled)
    desk.when(InitialLetter(letter_id=ID), person(desk, "kadis")).then(TierInitialled, ApprovalCompleted).tell()
    assign = AssignCourier(letter_id=ID, courier_id="caraka-1", courier_name="Slamet")
    desk.when(assign, person(desk, "kasi"))
    (copy,) = desk.fact(DispatchPlanned).copies
    proof = RecordDelivery(letter_id=ID, copy_id=copy.copy_id, receiver_name="Ajudan")
    desk.when(proof, person(desk, "caraka-1")).tell()
    assert desk.fact(DispatchProven).completed_at == desk.now
    archive = ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2")
    desk.when(archive, operator).then(LetterArchived)
    assert desk.parked == []


def files_of(desk: Desk) -> dict[str, str]:
    register, agency = directory(desk), desk.agency
    facts = calendars.facts(register, agency).facts
    assert facts is not None
    return exported(
        agency,
        facts,
        people.listed(register, opened, agency, People(), desk.now),
        people.positions(register, opened, agency, Positions(), desk.now),
        calendars.calendars(register, opened, agency, Calendars()),
        standards.versions(register, opened, agency, StandardVersions(), desk.now),
    )


@pytest.mark.parametrize("agency", ["pekalongan", "purbalingga"])
def test_the_running_state_written_as_files_gives_the_same_office_again(agency: str, tmp_path: Path) -> None:
    desk = house(agency)
    if agency == "pekalongan":
        desk.when(NameSubstitute(position=KABID, substitute=KASI), ADMIN)
        desk.when(CloseOffice(on="2026-04-01", reason='Hari jadi Kota "Batik"'), ADMIN)
        desk.when(ConfirmCalendar(year=2027, number="SKB 9", decreed_on="2026-09-19", closed=proposed(2027)), ADMIN)
    for name, text in files_of(desk).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    again = house(agency, tmp_path)
    assert _versions(again) == _versions(desk)
    assert _positions(again) == _positions(desk)
    assert [year.days for year in _years(again).calendars] == [year.days for year in _years(desk).calendars]
    assert files_of(again) == files_of(desk)


def _versions(desk: Desk) -> list[tuple[object, ...]]:
    found: StandardVersionsAnswer = standards.versions(
        directory(desk), opened, desk.agency, StandardVersions(), desk.now
    )
    return [(each.standard, each.name, each.valid_from, each.components) for each in found.versions]


def _positions(desk: Desk) -> list[tuple[object, ...]]:
    found: PositionsAnswer = people.positions(directory(desk), opened, desk.agency, Positions(), desk.now)
    return [(row.position, row.title, row.role, row.unit, row.substitute, row.acting) for row in found.positions]


def _years(desk: Desk) -> CalendarsAnswer:
    return calendars.calendars(directory(desk), opened, desk.agency, Calendars())


@pytest.mark.parametrize("agency", ["pekalongan", "purbalingga"])
def test_the_seeds_words_are_read_back_word_for_word(agency: str) -> None:
    desk = house(agency, now=datetime(2026, 7, 6, 2, 0, tzinfo=UTC))
    _, files = load(own_standards())
    (row,) = standards.in_force(directory(desk), agency, desk.now).standards
    (written,) = files[agency].standards.values()
    assert list(row.components) == list(written.components)
    assert set(row.components) == set(COMPONENTS)
    for key, component in written.components.items():
        told = row.components[key]
        assert (told["title"], told.get("text", ""), told.get("items", [])) == (
            component.title, component.text, component.items
        ), key  # fmt: skip


def test_the_check_names_file_and_place(folder: Path) -> None:
    rewrite(folder / "wakatobi" / "standard-berita-biasa-sanapati.toml", ("close = 11:00:00", "close = 07:00:00"))
    sound, told = checked(folder / "wakatobi" / "standard-berita-biasa-sanapati.toml")
    assert not sound
    assert told == (
        "wakatobi/standard-berita-biasa-sanapati.toml: rules: hours[1].close: jam tutup harus setelah jam buka",
    )


def test_a_cycle_of_substitutes_in_the_files_names_its_place(folder: Path) -> None:
    positions = folder / "wakatobi" / "positions.toml"
    rewrite(
        positions,
        ('slug = "kadis"', 'slug = "kadis"\nsubstitute = "kasi-persandian"'),
        ('slug = "kasi-persandian"', 'slug = "kasi-persandian"\nsubstitute = "kadis"'),
    )
    sound, told = checked(folder)
    assert not sound
    assert (
        "wakatobi/positions.toml: positions[0].substitute: pengganti berputar: kadis → kasi-persandian → kadis" in told
    )
