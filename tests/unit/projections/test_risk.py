"""The Kasi's morning list: what is at risk today, where it waits, for whom, and how much working time is left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from contracts import approval, dispatch, intake, organisation
from contracts.base import Sealed
from contracts.projections import AtRisk, AtRiskAnswer
from contracts.words import StandardRef
from tests.unit.projections.office import TIERS, Letter, Office, officer
from tests.unit.projections.reading import ask, follow, projector_of
from tests.unit.worktime.offices import PEKALONGAN

MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB


def publish(office: Office) -> None:
    standard = StandardRef(standard="naskah", version=1, decree="060/040/III/2022")
    rules = {**PEKALONGAN, "books": {"masuk": {"pattern": "{number}"}}}
    fact = organisation.StandardPublished(
        standard=standard, name="Naskah", valid_from="2022-03-01", components={}, rules=rules
    )
    office.tell("standard:naskah", fact)


def waiting(office: Office, number: int, due_at: datetime) -> Letter:
    """A registered letter with this deadline."""
    return due(office.letter(number).captured().examined().registered(), due_at)


def due(letter: Letter, due_at: datetime) -> Letter:
    moved = intake.DeadlineMoved(letter_id=letter.id, old_due_at=letter.office.now, due_at=due_at, calendar="kalender")
    return letter._tell(moved)


def turn(letter: Letter, due_at: datetime) -> Letter:
    """Its first tier has to initial by then."""
    letter.printed().forwarded()
    opened = letter._round() | {
        "agenda": "0001/2026", "urgency": "biasa", "due_at": due_at, "tiers": TIERS, "registrar_id": "operator",
        "limit": {"due_at": due_at, "escalate_to": "kabid"},
    }  # fmt: skip
    return letter._tell(approval.RoundOpened.model_validate(opened))


async def morning(engine: Engine, office: Office, at: datetime = MONDAY) -> AtRiskAnswer:
    office.now = at
    projector = projector_of(engine, office)
    await follow(projector, office)
    answer: AtRiskAnswer = await ask(projector, office, AtRisk())
    return answer


async def test_what_falls_today_or_is_past_stands_there_the_least_time_left_first(
    engine: Engine, office: Office
) -> None:
    publish(office)
    waiting(office, 1, MONDAY + timedelta(hours=3))
    waiting(office, 2, MONDAY - timedelta(hours=1))
    waiting(office, 3, MONDAY + timedelta(days=1))
    answer = await morning(engine, office)
    assert [(row.case.number, row.overdue, row.remaining_minutes) for row in answer.rows] == [
        ("0002/2026", True, -60), ("0001/2026", False, 120),
    ]  # fmt: skip
    assert (answer.today_on, answer.overdue, answer.today) == ("2026-03-02", 1, 1)
    assert {(row.limit_kind, row.waits, row.position) for row in answer.rows} == {("case", "print", None)}


async def test_a_clock_that_stands_still_is_at_no_risk_but_its_tier_is(engine: Engine, office: Office) -> None:
    publish(office)
    still = waiting(office, 1, MONDAY - timedelta(hours=1))
    with_tier = turn(waiting(office, 2, MONDAY - timedelta(hours=1)), MONDAY + timedelta(hours=1))
    for letter in (still, with_tier):
        by = officer("operator", "operator-sandi")
        letter._tell(intake.ClockPaused(letter_id=letter.id, at=MONDAY, reason="menunggu-pengirim", by=by))
    answer = await morning(engine, office)
    assert [(row.case.number, row.limit_kind, row.case.paused_at) for row in answer.rows] == [
        ("0002/2026", "tier", MONDAY)
    ]
    still._tell(intake.ClockResumed(letter_id=still.id, at=MONDAY, by=officer("operator", "operator-sandi")))
    again = await morning(engine, office)
    assert {(row.case.number, row.case.paused_at) for row in again.rows} == {
        ("0001/2026", None), ("0002/2026", MONDAY),
    }  # fmt: skip


async def test_a_tier_whose_limit_ends_first_is_named_with_whom_it_was_told_to(engine: Engine, office: Office) -> None:
    publish(office)
    letter = turn(waiting(office, 1, MONDAY + timedelta(days=3)), MONDAY - timedelta(minutes=30))
    round_of = letter._round() | {"tier": 0, "position": "kasi", "title": TIERS[0].title, "due_at": MONDAY}
    letter._tell(
        approval.TierReminded.model_validate(round_of),
        approval.TierOverdue.model_validate({**round_of, "escalated_to": "kabid"}),
    )
    [row] = (await morning(engine, office)).rows
    assert (row.limit_kind, row.waits, row.position, row.title) == ("tier", "initial", "kasi", "Kasi Persandian")
    assert (row.overdue, row.remaining_minutes, row.escalated_to) == (True, -30, "kabid")
    assert row.reminded_at is not None
    assert row.overdue_at is not None


async def test_an_initial_takes_the_tier_from_the_list(engine: Engine, office: Office) -> None:
    publish(office)
    letter = turn(waiting(office, 1, MONDAY + timedelta(days=3)), MONDAY)
    due(letter.initialled(0), MONDAY + timedelta(days=3))
    assert (await morning(engine, office)).rows == ()


async def test_a_copy_that_a_courier_has_too_long_is_named_with_him(engine: Engine, office: Office) -> None:
    publish(office)
    letter = waiting(office, 1, MONDAY + timedelta(days=3)).printed().forwarded().approved()
    copy = letter.copies[0]
    letter._tell(
        dispatch.CourierAssigned(
            letter_id=letter.id, courier_id="caraka-1", courier_name=Sealed.of("Caraka Satu"), copy_ids=(copy.copy_id,),
            limits=(dispatch.CopyLimit(copy_id=copy.copy_id, due_at=MONDAY - timedelta(hours=1)),),
            by=officer("pak-kasi", "kasi"),
        ),
        dispatch.DeliveryOverdue(
            letter_id=letter.id, copy_id=copy.copy_id, courier_id="caraka-1", due_at=MONDAY, told="kasi"
        ),
    )  # fmt: skip
    [row] = (await morning(engine, office)).rows
    assert (row.limit_kind, row.waits, row.person_id, row.person_name) == (
        "delivery",
        "deliver",
        "caraka-1",
        "Caraka Satu",
    )
    assert row.part_id == copy.copy_id
    assert row.overdue_at is not None


@pytest.mark.parametrize("ending", ["cancelled", "proven"])
async def test_what_is_over_is_at_risk_no_more(engine: Engine, office: Office, ending: str) -> None:
    publish(office)
    letter = waiting(office, 1, MONDAY)
    if ending == "cancelled":
        letter._tell(intake.LetterCancelled(letter_id=letter.id, reason="keliru", by=officer("operator")))
    else:
        letter._tell(dispatch.DispatchProven(letter_id=letter.id, revision=1, completed_at=MONDAY))
    answer = await morning(engine, office)
    assert (answer.rows, answer.overdue, answer.today) == ((), 0, 0)


async def test_the_day_is_the_agencys_and_not_that_of_greenwich(engine: Engine, office: Office) -> None:
    """A letter due at 08.15 WIB on Tuesday is Tuesday's, also when it is still Monday in Greenwich."""
    publish(office)
    waiting(office, 1, datetime(2026, 3, 3, 1, 15, tzinfo=UTC))
    assert (await morning(engine, office, datetime(2026, 3, 2, 16, 30, tzinfo=UTC))).rows == ()
    assert len((await morning(engine, office, datetime(2026, 3, 2, 17, 30, tzinfo=UTC))).rows) == 1


async def test_a_year_that_was_decreed_later_counts_in_the_time_that_is_left(engine: Engine, office: Office) -> None:
    publish(office)
    waiting(office, 1, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    days: Any = ({"on": "2026-03-02", "kind": "local", "reason": "Hari jadi"},)
    office.tell("calendar:years", intake.CalendarAdopted(year=2026, number="SKB", revision=2, closed=days))
    [row] = (await morning(engine, office)).rows
    assert row.remaining_minutes == 0


async def test_another_agencys_letters_are_not_on_the_list(engine: Engine, office: Office) -> None:
    publish(office)
    waiting(office, 1, MONDAY)
    projector = projector_of(engine, office)
    office.now = MONDAY
    await follow(projector, office)
    office.agency = "purbalingga"
    answer: AtRiskAnswer = await ask(projector, office, AtRisk())
    assert answer.rows == ()
