"""Ramadan: other hours for a time, confirmed with a decree; open deadlines and running limits follow visibly."""

from datetime import date, datetime

import pytest

from contracts.approval import TierLimitMoved
from contracts.base import Refusal
from contracts.intake import AdoptSeasons, DeadlineMoved, LetterRegistered, SeasonsAdopted, WorkingTimeChanged
from contracts.organisation import (
    Calendars,
    ConfirmSeason,
    PublishStandard,
    SeasonConfirmed,
    SeasonWithdrawn,
    StandardPublished,
    WithdrawSeason,
)
from contracts.words import Season, SeasonHours, StandardRef
from services.kit.worktime import Calendar, with_seasons
from services.organisation.policy import own_rules
from services.organisation.views import calendars
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.rules.house import Watched, deadline, directory, house, opened, person
from tests.unit.rules.test_moving_limits import timers
from tests.unit.rules.test_office_rules import ADMIN, ID, arrived, going_round, wib

WEEK = ("mon", "tue", "wed", "thu")
RAMADAN = Season(
    season="ramadan-1447-h-2026", name="Ramadan 1447 H", from_on="2026-03-10", until_on="2026-03-18",
    hours=(
        SeasonHours(days=WEEK, open="08:00", close="14:30", breaks=(("12:00", "12:30"),)),
        SeasonHours(days=("fri",), open="08:30", close="10:30"),
    ),
    number="SE 800/12 Tahun 2026", decreed_on="2026-03-01",
)  # fmt: skip
CONFIRM = ConfirmSeason(season=RAMADAN)


def later(**changes: object) -> ConfirmSeason:
    """A second decree on the same season."""
    wanted = {"number": "SE 800/13 Tahun 2026", "decreed_on": "2026-03-09", **changes}
    return ConfirmSeason(season=RAMADAN.model_copy(update=wanted))


def told(desk: Desk) -> Desk:
    desk.tell()
    Watched(desk).look()
    return desk.tell()


def test_open_deadlines_and_running_limits_follow_the_hours_of_ramadan() -> None:
    """Received and forwarded on Thursday at 14.00: due Friday 11.00; by Ramadan's hours Friday closes at 10.30."""
    desk = going_round(house(now=wib(12, 14)))
    assert desk.fact(LetterRegistered).due_at == wib(13, 11)
    assert timers(desk)["escalate-1-0"].due_at == wib(12, 15)
    told(desk.when(CONFIRM, ADMIN).then(SeasonConfirmed))
    moved = desk.fact(DeadlineMoved)
    assert (moved.old_due_at, moved.due_at) == (wib(13, 11), wib(13, 10, 30))
    assert "Ramadan 1447 H" in moved.reason
    assert RAMADAN.number in moved.reason
    limit = desk.fact(TierLimitMoved)  # half an hour until 14.30, the other from Friday 08.30 on
    assert (limit.old_due_at, limit.due_at) == (wib(12, 15), wib(13, 9))
    assert desk.fact(WorkingTimeChanged).working_time.seasons
    answer = deadline(desk, ID).deadline
    assert answer is not None
    assert answer.due_at == wib(13, 10, 30)
    told(desk.when(WithdrawSeason(season=RAMADAN.season, reason="Dibatalkan"), ADMIN).then(SeasonWithdrawn))
    assert desk.fact(DeadlineMoved).due_at == wib(13, 11)
    assert desk.fact(TierLimitMoved).due_at == wib(12, 15)


def test_a_letter_that_comes_later_is_counted_by_them_from_the_start() -> None:
    desk = told(house().when(CONFIRM, ADMIN))
    desk.now = wib(13, 10, 45)
    arrived(desk)  # after closing: received on Monday
    assert desk.fact(LetterRegistered).due_at == wib(17, 14, 30)


def test_the_same_decree_twice_is_one_and_a_later_one_moves_the_end() -> None:
    desk = house().when(CONFIRM, ADMIN).then(SeasonConfirmed).when(CONFIRM, ADMIN).then()
    desk.when(later(until_on="2026-03-19"), ADMIN).then(SeasonConfirmed)
    (only,) = desk.fact(SeasonConfirmed).seasons
    assert only.until_on == "2026-03-19"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (later(number=RAMADAN.number), "organisation.decree-known"),
        (later(decreed_on="2026-02-01"), "organisation.decree-older"),
        (later(from_on="2026-03-20"), "organisation.term-ends-before-it-begins"),
        (later(from_on="2026-02-30"), "organisation.date-unreadable"),
        (later(hours=(SeasonHours(days=("mon",), open="09:00", close="08:00"),)), "organisation.season-wrong"),
        (later(hours=(SeasonHours(days=("senin",), open="08:00", close="09:00"),)), "organisation.season-wrong"),
        (later(season="sela", name="Sela"), "organisation.season-wrong"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason_and_what_holds_stays(wrong: ConfirmSeason, code: str) -> None:
    desk = house().when(CONFIRM, ADMIN)
    desk.when(wrong, ADMIN).refused(code)
    assert desk.fact(SeasonConfirmed).season == RAMADAN


def test_only_officers_confirm_and_withdraw() -> None:
    desk = house()
    desk.when(CONFIRM, person(desk, "operator")).refused("organisation.not-permitted")
    desk.when(WithdrawSeason(season="x", reason="y"), person(desk, "operator")).refused("organisation.not-permitted")
    desk.when(CONFIRM, person(desk, "kadis")).then(SeasonConfirmed)
    desk.when(WithdrawSeason(season="tidak-ada", reason="y"), ADMIN).then()


def test_an_older_revision_that_comes_late_changes_nothing() -> None:
    desk = house()
    desk.when(AdoptSeasons(revision=2, seasons=(RAMADAN,)), SERVICE).then(SeasonsAdopted)
    desk.when(AdoptSeasons(revision=1, seasons=()), SERVICE).then()


def test_the_answer_about_calendars_has_them_and_a_new_version_does_not_swallow_them() -> None:
    desk = told(house().when(CONFIRM, ADMIN))
    known = directory(desk)
    assert calendars.calendars(known, opened, desk.agency, Calendars()).seasons == (RAMADAN,)
    published = desk.fact(StandardPublished)
    assert "seasons" not in published.rules
    in_force = known.rules(desk.agency, published)
    assert {frame["season"] for frame in in_force["seasons"]} == {"Ramadan 1447 H"}
    assert "seasons" not in own_rules(in_force)
    desk.when(
        PublishStandard(
            standard=StandardRef(standard=published.standard.standard, version=9, decree="SK 9"), name="Versi 9",
            valid_from="2026-04-01", components=published.components, rules=in_force,
        ),
        ADMIN,
    )  # fmt: skip
    assert not isinstance(desk.decision, Refusal), desk.decision
    assert "seasons" not in desk.fact(StandardPublished).rules


def test_a_season_that_was_decreed_later_goes_before_one_that_the_standard_states() -> None:
    stated = {"days": ["mon"], "open": "09:00", "close": "12:00", "season": "Lama"}
    rules = {
        "zone": "Asia/Jakarta", "holidays": [],
        "hours": [
            {"days": ["mon", "tue"], "open": "08:00", "close": "16:00"},
            {**stated, "season_from": "2026-03-01", "season_until": "2026-03-31"},
        ],
    }  # fmt: skip
    calendar = Calendar.from_rules(with_seasons(rules, [RAMADAN.model_dump(mode="json")]))
    assert calendar.windows(date(2026, 3, 2)) == ((540, 720),)
    assert calendar.windows(date(2026, 3, 16)) == ((480, 720), (750, 870))
    assert Calendar.from_rules(rules).version != calendar.version
    assert with_seasons(rules, []) == rules


def test_its_last_day_counts_and_the_next_is_as_usual() -> None:
    desk = told(house().when(CONFIRM, ADMIN))
    calendar = Calendar.from_rules(directory(desk).rules(desk.agency, desk.fact(StandardPublished)))
    ends = [calendar.windows(date(2026, 3, day))[-1][1] for day in (17, 25)]
    assert ends == [14 * 60 + 30, 15 * 60 + 45]
    assert isinstance(desk.now, datetime)


def test_an_office_that_closes_for_half_a_day_has_a_season_of_that_day() -> None:
    half = RAMADAN.model_copy(
        update={
            "season": "hari-jadi", "name": "Hari jadi", "from_on": "2026-03-13", "until_on": "2026-03-13",
            "hours": (SeasonHours(days=("fri",), open="08:00", close="09:30"),), "number": "SE 5",
        }
    )  # fmt: skip
    desk = going_round(house(now=wib(12, 14)))
    told(desk.when(ConfirmSeason(season=half), ADMIN).then(SeasonConfirmed))
    moved = desk.fact(DeadlineMoved)
    assert (moved.old_due_at, moved.due_at) == (wib(13, 11), wib(13, 9, 30)), "when it closes"
