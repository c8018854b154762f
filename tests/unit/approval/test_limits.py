"""A tier may keep a letter for so long in working time: reminded before, told to the superior after, each once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.approval import (
    ApprovalReturned,
    CloseRound,
    EscalateTier,
    InitialLetter,
    RemindTier,
    ReturnLetter,
    RoundOpened,
    TierInitialled,
    TierOverdue,
    TierReminded,
    TierReturned,
    TurnLimit,
)
from contracts.words import Tier, WorkingTime
from services.kit.deciding import Timer
from tests.unit.approval.test_rounds import ID, INITIAL, TIERS, opening
from tests.unit.given_when_then import Desk
from tests.unit.office import APPROVAL, KABID, KASI, OPERATOR
from tests.unit.worktime.offices import HOLIDAYS, PEKALONGAN

LIMITED = tuple(
    Tier.model_validate({**tier.model_dump(), "limit": {"service_minutes": 60}, "remind_before": 15}) for tier in TIERS
)
CLOSED = tuple(day if isinstance(day, str) else day["on"] for day in HOLIDAYS)
WORKING = WorkingTime(calendar="skb-2026", zone="Asia/Jakarta", hours=tuple(PEKALONGAN["hours"]), closed=CLOSED)
STREAM = f"round:{ID}"


def wib(day: int, hour: int, minute: int = 0, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour - 7, minute, tzinfo=UTC)


def opened(at: datetime, tiers: tuple[Tier, ...] = LIMITED, working: WorkingTime | None = WORKING) -> Desk:
    command = opening(tiers=tiers).model_copy(update={"working_time": working})
    return Desk("pekalongan", (APPROVAL,), now=at).when(command).then(RoundOpened)


def standing(desk: Desk) -> dict[str, datetime]:
    timers = APPROVAL.streams["round"].timers
    assert timers is not None
    return {timer.name: timer.due_at for timer in timers(STREAM, desk._states["approval", STREAM])}


def ring(desk: Desk, name: str) -> Desk:
    """Asks what that timer asks, at its moment."""
    timers = APPROVAL.streams["round"].timers
    assert timers is not None
    wanted: Timer = next(t for t in timers(STREAM, desk._states["approval", STREAM]) if t.name == name)
    desk.now = max(desk.now, wanted.due_at)
    return desk.when(wanted.command)


def test_the_lowest_tier_has_an_hour_of_service_from_the_moment_its_turn_begins() -> None:
    desk = opened(wib(12, 11, 30))
    assert standing(desk) == {"remind-1-0": wib(12, 13, 15), "escalate-1-0": wib(12, 13, 30)}
    assert desk.fact(RoundOpened).limit == TurnLimit(
        due_at=wib(12, 13, 30), remind_at=wib(12, 13, 15), escalate_to="kabid-persandian", begins_at=wib(12, 11, 30)
    )


def test_the_reminder_comes_before_and_the_superior_hears_of_it_after() -> None:
    desk = ring(opened(wib(12, 8)), "remind-1-0").then(TierReminded)
    reminded = desk.fact(TierReminded)
    assert (reminded.position, reminded.tier, reminded.due_at) == ("kasi-persandian", 0, wib(12, 9))
    ring(desk, "escalate-1-0").then(TierOverdue)
    assert desk.fact(TierOverdue).escalated_to == "kabid-persandian"
    assert standing(desk) == {}


def test_both_are_said_once_however_often_they_are_asked() -> None:
    desk = ring(ring(opened(wib(12, 8)), "remind-1-0"), "escalate-1-0")
    desk.when(RemindTier(letter_id=ID, revision=1, turn=0)).then()
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).then()


def test_an_initial_ends_the_limit_and_begins_that_of_the_next_tier() -> None:
    desk = opened(wib(12, 8)).later(minutes=50).when(INITIAL, KASI).then(TierInitialled)
    assert standing(desk) == {"remind-1-1": wib(12, 9, 35), "escalate-1-1": wib(12, 9, 50)}
    desk.later(hours=5).when(EscalateTier(letter_id=ID, revision=1, turn=0)).then()


def test_a_tier_that_is_given_the_letter_again_has_its_time_anew() -> None:
    desk = opened(wib(12, 8)).when(INITIAL, KASI).later(minutes=30)
    desk.when(ReturnLetter(letter_id=ID, to="previous", note="Mohon dilihat lagi"), KABID).then(TierReturned)
    assert standing(desk) == {"remind-1-2": wib(12, 9, 15), "escalate-1-2": wib(12, 9, 30)}
    ring(desk, "escalate-1-2").then(TierOverdue)
    assert desk.fact(TierOverdue).position == "kasi-persandian"


def test_outside_service_hours_two_turns_with_one_limit_are_two_timers() -> None:
    desk = opened(wib(12, 16)).when(INITIAL, KASI).later(minutes=5)
    desk.when(ReturnLetter(letter_id=ID, to="previous", note="Mohon dilihat lagi"), KABID)
    assert standing(desk) == {"remind-1-2": wib(13, 8, 45), "escalate-1-2": wib(13, 9)}


@pytest.mark.parametrize(
    "leaving", [ReturnLetter(letter_id=ID, note="Perihal keliru"), CloseRound(letter_id=ID, reason="batal")]
)
def test_a_round_that_is_over_waits_for_nobody(leaving: Any) -> None:
    desk = opened(wib(12, 8))
    desk.when(leaving, KASI) if isinstance(leaving, ReturnLetter) else desk.when(leaving)
    assert standing(desk) == {}


def test_the_next_revision_is_counted_from_its_own_beginning() -> None:
    desk = opened(wib(12, 8)).when(ReturnLetter(letter_id=ID, note="Perihal keliru"), KASI).then(ApprovalReturned)
    again = opening(revision=2, tiers=LIMITED).model_copy(update={"working_time": WORKING})
    desk.later(hours=2).when(again)
    assert standing(desk) == {"remind-2-0": wib(12, 10, 45), "escalate-2-0": wib(12, 11)}


def test_above_the_highest_tier_nobody_is_told_unless_the_standard_names_one() -> None:
    alone = (LIMITED[0],)
    assert ring(opened(wib(12, 8), alone), "escalate-1-0").fact(TierOverdue).escalated_to is None
    named = (LIMITED[0].model_copy(update={"escalate_to": "sekda"}),)
    assert ring(opened(wib(12, 8), named), "escalate-1-0").fact(TierOverdue).escalated_to == "sekda"


def test_a_standard_without_limits_sets_no_timer() -> None:
    assert standing(opened(wib(12, 8), TIERS)) == {}
    assert standing(opened(wib(12, 8), LIMITED, None)) == {}


def test_a_clock_that_runs_behind_is_told_that_it_is_too_early() -> None:
    desk = opened(wib(12, 8))
    desk.when(RemindTier(letter_id=ID, revision=1, turn=0)).refused("approval.not-due")
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).refused("approval.not-due")


def test_nobody_but_the_service_rings() -> None:
    desk = opened(wib(12, 8)).later(days=1)
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0), OPERATOR).refused("approval.not-permitted")


@pytest.mark.parametrize(
    ("zone", "at", "due_at"),
    [
        ("Asia/Jakarta", datetime(2025, 12, 31, 8, 30, tzinfo=UTC), datetime(2026, 1, 2, 1, 45, tzinfo=UTC)),
        ("Asia/Makassar", datetime(2025, 12, 31, 7, 30, tzinfo=UTC), datetime(2026, 1, 2, 0, 45, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2025, 12, 31, 6, 30, tzinfo=UTC), datetime(2026, 1, 1, 23, 45, tzinfo=UTC)),
        ("Asia/Jakarta", datetime(2028, 2, 28, 8, 30, tzinfo=UTC), datetime(2028, 2, 29, 1, 45, tzinfo=UTC)),
    ],
)
def test_limits_reach_over_new_year_and_the_29th_of_february_in_all_zones(
    zone: str, at: datetime, due_at: datetime
) -> None:
    """A quarter of an hour before closing on New Year's eve, and before a leap day; 1 January is closed."""
    days = tuple(PEKALONGAN["hours"])
    desk = opened(at, working=WorkingTime(calendar="c", zone=zone, hours=days, closed=("2026-01-01",)))
    limit = desk.fact(RoundOpened).limit
    assert limit is not None
    assert limit.due_at == due_at


def test_a_clock_put_forward_over_years_says_it_once_and_back_again_not_at_all() -> None:
    desk = opened(wib(12, 8))
    desk.now += timedelta(days=800)
    ring(ring(desk, "remind-1-0"), "escalate-1-0").then(TierOverdue)
    desk.now = wib(12, 7)
    assert standing(desk) == {}
    desk.when(InitialLetter(letter_id=ID), KASI).then(TierInitialled)
    assert standing(desk)["escalate-1-1"] == wib(12, 9)


def test_the_reminder_is_left_out_where_it_would_come_before_the_turn() -> None:
    """On Friday at 10.50 a limit of one working day is far; of ten minutes with a quarter's notice it is not."""
    short = (LIMITED[0].model_copy(update={"limit": LIMITED[0].limit.model_copy(update={"service_minutes": 10})}),)
    assert standing(opened(wib(13, 10, 50), short)) == {"escalate-1-0": wib(13, 11)}
