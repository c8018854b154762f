"""What holds for every calendar, moment and amount."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.worktime import (
    Calendar,
    Pause,
    due,
    elapsed_minutes,
    explain,
    next_opening,
    remaining_minutes,
    service_minutes_due,
    working_days_due,
)
from tests.unit.worktime.offices import DEFAULT, PEKALONGAN

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
MINUTE = timedelta(minutes=1)


def _rules(base: dict[str, Any], zone: str, closed: list[int]) -> dict[str, Any]:
    first = datetime(2026, 1, 1, tzinfo=UTC).date()
    local = sorted({(first + timedelta(days=day)).isoformat() for day in closed})
    return {**base, "zone": zone, "holidays": local}


calendars = st.builds(
    lambda *parts: Calendar.from_rules(_rules(*parts)),
    st.sampled_from([PEKALONGAN, DEFAULT]),
    st.sampled_from(ZONES),
    st.sampled_from([[], [0, 1, 2], list(range(70, 90)), [15, 46, 47, 76, 77, 78, 79, 80, 81]]),
)
moments = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
minutes = st.integers(1, 20_000)
days = st.integers(1, 120)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    starts = draw(st.lists(moments, max_size=3))
    return [Pause(start, start + timedelta(minutes=draw(st.integers(0, 30_000))), "menunggu") for start in starts]


def _open_at(calendar: Calendar, moment: datetime) -> bool:
    return next_opening(calendar, moment) == moment


@given(calendars, moments, minutes, minutes)
def test_service_minutes_are_additive(calendar: Calendar, received: datetime, a: int, b: int) -> None:
    first = service_minutes_due(calendar, received, a)
    assert service_minutes_due(calendar, first, b) == service_minutes_due(calendar, received, a + b)


@given(calendars, moments, minutes)
def test_exactly_the_minutes_lie_between_receipt_and_due(calendar: Calendar, received: datetime, amount: int) -> None:
    due_at = service_minutes_due(calendar, received, amount)
    assert remaining_minutes(calendar, received, due_at) == amount
    assert elapsed_minutes(calendar, received, due_at) == amount
    just_before = due_at - timedelta(microseconds=1)
    assert _open_at(calendar, just_before), "the earliest moment: work was done right up to it"


@given(calendars, moments, minutes, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_what_is_left_never_grows(calendar: Calendar, received: datetime, amount: int, later: timedelta) -> None:
    due_at = service_minutes_due(calendar, received, amount)
    assert remaining_minutes(calendar, received + later, due_at) <= remaining_minutes(calendar, received, due_at)


@given(calendars, moments, days)
def test_a_working_day_ends_at_a_close(calendar: Calendar, received: datetime, amount: int) -> None:
    due_at = working_days_due(calendar, received, amount)
    local = due_at.astimezone(ZoneInfo(calendar.zone))
    assert local.hour * 60 + local.minute == calendar.windows(local.date())[-1][1]
    assert _open_at(calendar, due_at - MINUTE)
    assert not _open_at(calendar, due_at)


@given(calendars, moments, days)
def test_working_days_agree_with_a_count_on_the_fingers(calendar: Calendar, received: datetime, amount: int) -> None:
    zone = ZoneInfo(calendar.zone)
    day, left = next_opening(calendar, received).astimezone(zone).date(), amount
    while left:
        day += timedelta(days=1)
        left -= bool(calendar.windows(day))
    assert working_days_due(calendar, received, amount).astimezone(zone).date() == day


@given(calendars, moments, days, st.integers(0, 3000))
def test_who_comes_later_is_never_due_earlier(calendar: Calendar, received: datetime, amount: int, later: int) -> None:
    after = received + later * MINUTE
    assert working_days_due(calendar, received, amount) <= working_days_due(calendar, after, amount)
    assert service_minutes_due(calendar, received, amount) <= service_minutes_due(calendar, after, amount)


@given(calendars, moments, days)
def test_received_outside_hours_is_received_at_the_next_opening(
    calendar: Calendar, received: datetime, amount: int
) -> None:
    opening = next_opening(calendar, received)
    assert working_days_due(calendar, received, amount) == working_days_due(calendar, opening, amount)
    assert service_minutes_due(calendar, received, amount) == service_minutes_due(calendar, opening, amount)


deadlines = st.one_of(
    st.builds(lambda n: {"working_days": n}, st.integers(1, 40)),
    st.builds(lambda n: {"service_minutes": n}, st.integers(1, 6000)),
)


@given(calendars, moments, deadlines, pauses())
def test_a_pause_never_brings_a_deadline_forward(
    calendar: Calendar, received: datetime, deadline: dict[str, int], held: list[Pause]
) -> None:
    assert due(calendar, received, deadline, held) >= due(calendar, received, deadline)


@given(calendars, moments, st.integers(1, 6000), pauses())
def test_paused_minutes_are_not_worked(calendar: Calendar, received: datetime, amount: int, held: list[Pause]) -> None:
    due_at = service_minutes_due(calendar, received, amount, held)
    assert elapsed_minutes(calendar, received, due_at, held) == amount


@given(calendars, moments, deadlines, pauses())
def test_the_explanation_says_the_same_as_the_deadline(
    calendar: Calendar, received: datetime, deadline: dict[str, int], held: list[Pause]
) -> None:
    told = explain(calendar, received, deadline, held)
    assert told.due_at == due(calendar, received, deadline, held)
    edges = [received, *(interval.until_at for interval in told.intervals)]
    assert [interval.from_at for interval in told.intervals] == edges[:-1], "no gap and no overlap"
    assert edges[-1] == told.due_at
    counted = [interval for interval in told.intervals if interval.counted]
    if told.kind == "working_days":
        assert [interval.day for interval in counted] == list(range(1, told.amount + 1))
    else:
        assert sum(((i.until_at - i.from_at) for i in counted), timedelta()) == told.amount * MINUTE


@settings(max_examples=15)  # each example computes a dozen calendars from nothing
@given(calendars, st.lists(moments, min_size=2, max_size=12))
def test_the_order_of_questions_changes_no_answer(calendar: Calendar, asked: list[datetime]) -> None:
    """A calendar remembers what it computed; a fresh one that remembers nothing must agree."""
    fresh = [service_minutes_due(_forgetful(calendar), moment, 500) for moment in asked]
    assert [service_minutes_due(calendar, moment, 500) for moment in asked] == fresh


def _forgetful(calendar: Calendar) -> Calendar:
    return Calendar(calendar.zone, calendar.frames, calendar.closed, calendar.version)


@given(calendars, moments)
def test_windows_are_half_open(calendar: Calendar, moment: datetime) -> None:
    local = moment.astimezone(ZoneInfo(calendar.zone))
    at = local.hour * 60 + local.minute
    edges = [edge for window in calendar.windows(local.date()) for edge in window]
    assert _open_at(calendar, moment) == (bisect_right(edges, at) % 2 == 1)
