"""A clock that stands still for a reason, where the standard allows it; the aides that the files name."""

from contracts.intake import ClockPaused, ClockResumed, DeadlineMoved, PauseClock, ResumeClock, StopClock
from contracts.organisation import DescribeAgency
from services.organisation.adapters.standards_files import own_standards, read
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.rules.house import deadline, house, person
from tests.unit.rules.test_office_rules import ADMIN, ID, arrived, second, wib


def pausable() -> Desk:
    desk = house()
    allowed = second(desk, pauses=[{"reason": "menunggu-pengirim", "title": "Menunggu jawaban pengirim"}])
    return arrived(desk.when(allowed, ADMIN).tell())


def test_a_clock_stands_still_for_an_allowed_reason_and_its_deadline_moves_when_it_goes_on() -> None:
    desk = pausable()
    wait = PauseClock(letter_id=ID, reason="menunggu-pengirim")
    desk.when(wait, person(desk, "operator")).then(ClockPaused)
    paused = deadline(desk, ID)
    assert (paused.paused_reason, paused.paused_since) == ("Menunggu jawaban pengirim", desk.now)
    assert [each.reason for each in paused.pauses] == ["menunggu-pengirim"]
    desk.later(days=1).when(ResumeClock(letter_id=ID), person(desk, "operator")).then(ClockResumed, DeadlineMoved)
    assert desk.fact(DeadlineMoved).due_at == wib(16, 15, 45)
    told = deadline(desk, ID).deadline
    assert told is not None
    assert "jam dihentikan" in told.sentence
    assert "Menunggu jawaban pengirim" in told.sentence
    assert desk.fact(DeadlineMoved).reason == "jam dihentikan: Menunggu jawaban pengirim"


def test_a_standard_that_allows_no_pause_has_none() -> None:
    desk = arrived(house())
    desk.when(PauseClock(letter_id=ID, reason="menunggu"), person(desk, "operator")).refused("intake.pause-not-allowed")


def test_a_letter_that_is_over_is_not_paused() -> None:
    desk = pausable().when(StopClock(letter_id=ID, at=wib(12, 15)), SERVICE)
    wait = PauseClock(letter_id=ID, reason="menunggu-pengirim")
    desk.when(wait, person(desk, "operator")).refused("intake.clock-stopped")


def test_the_file_of_an_agency_names_the_aides_of_its_high_offices() -> None:
    described = [each.command for each in read(own_standards()) if each.agency == "pekalongan"]
    (agency,) = (command for command in described if isinstance(command, DescribeAgency))
    assert [aide.title for aide in agency.facts.aides] == [
        "Ajudan Walikota", "Ajudan Sekretaris Daerah", "Ajudan Asisten"
    ]  # fmt: skip
