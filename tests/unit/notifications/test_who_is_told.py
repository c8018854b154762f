"""A letter goes its road: who hears of it, once, when the office works; and why nobody does."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.approval import InitialLetter, RemindTier, ReturnLetter
from contracts.base import Actor
from contracts.dispatch import AssignCourier, RecordDelivery
from contracts.intake import FlagOverdue
from contracts.notices import ROUTABLE, NoticeTemplate, NotifyRoute, UnitSeat
from contracts.notifications import CaseNoted, NoticesPlanned, OfficeAdopted
from services.notifications.domain.office import Office, evolve
from services.notifications.reactions import REACTIONS
from services.organisation.policy.notices import NotifyFile, mistakes_in, together
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import NYEPI, adopt, house, notices, rules, told
from tests.unit.office import COURIER, KABID, KADIS, KASI, forwarded, letter_id, registered

LETTER = letter_id(1)


def released(desk: Desk) -> Desk:
    for head in (KASI, KABID, KADIS):
        desk.when(InitialLetter(letter_id=LETTER), head).tell()
    return desk


def test_each_hears_when_it_is_his_turn_and_of_nothing_else() -> None:
    desk = released(forwarded(house()).tell())
    desk.when(AssignCourier(letter_id=LETTER, courier_id="caraka-1", courier_name="Caraka Satu"), KASI).tell()
    assert told(desk) == [
        ("approval.RoundOpened", "tier", "kasi-persandian"),
        ("approval.TierInitialled", "tier", "kabid-persandian"),
        ("approval.TierInitialled", "tier", "kadis"),
        ("dispatch.DispatchReleased", "assigner", "kasi-persandian"),
        ("dispatch.CourierAssigned", "courier", "(caraka-1)"),
    ]
    assert desk.parked == []
    assert {each.values["number"] for each in notices(desk)} == {"0844/2026"}


def test_who_registered_hears_that_it_came_back_and_a_failed_delivery_goes_to_who_assigned() -> None:
    desk = forwarded(house()).tell()
    desk.when(ReturnLetter(letter_id=LETTER, note="Perbaiki lampiran"), KASI).tell()
    assert told(desk)[-1] == ("approval.ApprovalReturned", "registrar", "(operator)")
    assert "Perbaiki" not in str(notices(desk)[-1].values), "a note is in no notice"

    other = released(forwarded(house()).tell())
    other.when(AssignCourier(letter_id=LETTER, courier_id="caraka-1", courier_name="Caraka Satu"), KASI).tell()
    copy = notices(other)[-1]
    assert copy.values["count"] == "2"
    copies = next(each.event for each in other.log if type(each.event).__name__ == "DispatchPlanned").copies
    failed = RecordDelivery(letter_id=LETTER, copy_id=copies[0].copy_id, delivered=False, reason="Kantor tutup")
    other.when(failed, COURIER).tell()
    last = notices(other)[-1]
    assert (last.event_kind, last.position, last.values["office"]) == (
        "dispatch.DeliveryFailed", "kasi-persandian", copies[0].office,
    )  # fmt: skip
    assert "Kantor tutup" not in str(last.values)


def test_the_same_fact_told_twice_is_one_notice() -> None:
    desk = forwarded(house()).tell()
    opened = next(each for each in desk.log if type(each.event).__name__ == "RoundOpened")
    asked = REACTIONS[type(opened.event)](opened)
    assert asked is not None
    desk.when(asked).then()
    assert len(notices(desk)) == 1


def test_a_notice_waits_for_the_office_and_an_urgent_one_does_not() -> None:
    friday_evening = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)  # 19.00 WIB
    desk = house()
    desk.now = friday_evening
    first = notices(forwarded(desk).tell())[0]
    assert first.not_before == datetime(2026, 3, 16, 0, 30, tzinfo=UTC), "Monday 07.30 WIB"

    urgent = [
        NotifyRoute(kind="approval.RoundOpened", audience="tier", channels=("email",), template="turn", urgent=True)
    ]
    desk = house(rules=rules(routes=tuple(urgent)))
    desk.now = friday_evening
    assert notices(forwarded(desk).tell())[0].not_before == friday_evening


def test_a_decreed_holiday_is_no_day_to_disturb() -> None:
    desk = house(closed=(NYEPI,))
    desk.now = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)  # Wednesday 19.00, Thursday is Nyepi
    assert notices(forwarded(desk).tell())[0].not_before == datetime(2026, 3, 20, 0, 30, tzinfo=UTC)


def test_what_is_only_in_the_inbox_waits_for_nothing() -> None:
    inbox = NotifyRoute(kind="approval.RoundOpened", audience="tier", channels=("inbox",), template="turn")
    desk = house(rules=rules(routes=(inbox,)))
    desk.now = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
    found = notices(forwarded(desk).tell())[0]
    assert found.not_before == found.planned_at == desk.now


def test_nobody_hears_twice_of_one_fact_and_it_is_kept_why() -> None:
    """The superior who is told of an overdue tier may be the tier itself by another route."""
    routes = tuple(
        NotifyRoute(kind="approval.TierInitialled", audience="tier", channels=("inbox",), template=template)
        for template in ("turn-passed-on", "turn-again")
    )
    desk = forwarded(house(rules=rules(routes=routes))).tell()
    desk.when(InitialLetter(letter_id=LETTER), KASI).tell()
    summed = desk.fact(NoticesPlanned)
    assert [(len(each.notices), each.why) for each in summed.routes] == [(1, ""), (0, "told-already")]


def test_why_nobody_is_told_is_kept_as_a_word() -> None:
    initialled = "approval.TierInitialled"
    routes = (
        NotifyRoute(kind=initialled, audience="tier", channels=(), template="turn-passed-on"),
        NotifyRoute(kind="dispatch.CourierAssigned", audience="unit", channels=("inbox",), template="on-its-way"),
    )
    desk = released(forwarded(house(rules=rules(routes=routes))).tell())
    summed = [each.event for each in desk.log if isinstance(each.event, NoticesPlanned) and each.event.routes]
    assert [each.why for each in summed[-1].routes] == ["off"]
    desk.when(AssignCourier(letter_id=LETTER, courier_id="caraka-1", courier_name="Caraka Satu"), KASI).tell()
    assert [each.why for each in desk.fact(NoticesPlanned).routes] == ["no-seat"]


def test_after_the_last_initial_nobody_is_next() -> None:
    desk = released(forwarded(house()).tell())
    initialled = [
        each.event for each in desk.log
        if isinstance(each.event, NoticesPlanned) and each.event.event_kind == "approval.TierInitialled"
    ]  # fmt: skip
    assert [[route.why for route in each.routes] for each in initialled] == [[""], [""], ["nobody"]]


def test_a_unit_that_has_a_seat_hears_that_its_copy_is_on_its_way() -> None:
    seats = (UnitSeat(recipient_class="walikota", position="ajudan"),)
    desk = released(forwarded(house(rules=rules(units=seats))).tell())
    desk.when(AssignCourier(letter_id=LETTER, courier_id="caraka-1", courier_name="Caraka Satu"), KASI).tell()
    assert told(desk)[-1] == ("dispatch.CourierAssigned", "unit", "ajudan")
    assert notices(desk)[-1].values["office"] == "Walikota"


def test_who_registered_it_is_not_told_that_his_own_initial_is_wanted() -> None:
    desk = forwarded(house()).tell()
    assert {each.not_for for each in notices(desk)} == {"operator"}, "whoever stands in for him is asked for"


def test_words_that_have_no_value_are_not_sent() -> None:
    late = NotifyRoute(
        kind="approval.TierReminded", audience="tier", channels=("inbox",), template="turn-overdue-below"
    )
    refused = house().when(adopt(rules=rules(routes=(late,))))
    refused.refused("notifications.field-not-allowed")


@pytest.mark.parametrize(
    ("route", "code"),
    [
        (NotifyRoute(kind="intake.MessageCaptured", audience="tier", template="turn"), "kind-unknown"),
        (NotifyRoute(kind="approval.RoundOpened", audience="courier", template="turn"), "audience-unknown"),
        (
            NotifyRoute(kind="approval.RoundOpened", audience="tier", channels=("fax",), template="turn"),
            "channel-unknown",
        ),
        (NotifyRoute(kind="approval.RoundOpened", audience="tier", template="none"), "template-unknown"),
    ],
)
def test_a_route_that_nothing_could_be_made_of_is_refused(route: NotifyRoute, code: str) -> None:
    house().when(adopt(rules=rules(routes=(route,)))).refused(f"notifications.{code}")


@pytest.mark.parametrize(
    "text", ["{subject}", "{number.__class__}", "{number!r}", "{number:>9}", "{0}", "{", "{text}", "{link}"]
)
def test_a_template_reaches_nothing_but_the_plain_fields(text: str) -> None:
    words = NoticeTemplate(template="turn", language="id", subject="Surat", body=text)
    route = NotifyRoute(kind="approval.RoundOpened", audience="tier", channels=("email",), template="turn")
    house().when(adopt(rules=rules(routes=(route,), templates=(words,)))).refused("notifications.field-not-allowed")
    own = NotifyFile.model_validate({"notify": [route.model_dump(exclude={"channels"}) | {"channels": ["email"]}],
                                     "notify_templates": [words.model_dump()]})  # fmt: skip
    assert list(mistakes_in(together(NotifyFile(), own), frozenset()))


def test_what_comes_with_caraka_is_sound_and_in_both_languages() -> None:
    own = rules()
    assert list(mistakes_in(own, frozenset())) == []
    assert {(each.kind, each.audience) for each in own.routes} == {
        (kind, audience) for kind, known in ROUTABLE.items() for audience in known.audiences
    }
    languages = {
        route.template: {each.language for each in own.templates if each.template == route.template}
        for route in own.routes
    }
    assert set(map(frozenset, languages.values())) == {frozenset({"id", "en"})}


def test_whatever_a_route_may_name_is_heard_of() -> None:
    """But what notifications itself states of the machine: that it plans where it states it."""
    heard = {f"{kind.service()}.{kind.__name__}" for kind in REACTIONS}
    assert {kind for kind in ROUTABLE if not kind.startswith("notifications.")} - heard == set()


def test_an_agencys_own_row_stands_for_the_common_one() -> None:
    def file(*channels: str) -> NotifyFile:
        row = {"kind": "approval.RoundOpened", "audience": "tier", "channels": list(channels), "template": "turn"}
        return NotifyFile.model_validate({"notify": [row]})

    assert [each.channels for each in together(file("inbox", "email"), file()).routes] == [()]


def test_calendars_that_come_late_change_nothing_and_new_ones_move_quiet_hours() -> None:
    office = evolve(Office(), OfficeAdopted(number=1, **dict(adopt(closed=()))))
    thursday = datetime(2026, 3, 19, 3, 0, tzinfo=UTC)
    assert office.opens(thursday) == thursday
    office = evolve(Office(), OfficeAdopted(number=1, **dict(adopt())))
    assert office.opens(thursday) == datetime(2026, 3, 20, 0, 30, tzinfo=UTC)
    assert Office().opens(thursday) == thursday, "nobody has said when it works"


def test_only_a_service_plans() -> None:
    opened = next(each for each in forwarded(house()).tell().log if type(each.event).__name__ == "RoundOpened")
    asked = REACTIONS[type(opened.event)](opened)
    assert asked is not None
    for actor in (KASI, Actor(id="admin", roles=("admin",))):
        house().when(asked, actor).refused("notifications.not-permitted")


def test_what_later_facts_do_not_say_is_kept_once() -> None:
    desk = forwarded(house()).tell()
    noted = [each.event for each in desk.log if isinstance(each.event, CaseNoted)]
    assert {each.case_service for each in noted} == {"approval", "dispatch"}
    assert all(each.known.values["number"] == "0844/2026" for each in noted)
    assert isinstance(noted[0].case_id, UUID)


def test_a_letter_that_is_late_before_it_was_forwarded_is_named_by_its_number() -> None:
    desk = registered(desk=house()).tell()
    assert notices(desk) == []
    assert not [each for each in desk.log if each.service == "notifications" and "letter" in each.stream]
    desk.now = datetime(2026, 3, 13, 4, 0, tzinfo=UTC)
    desk.when(FlagOverdue(letter_id=LETTER, due_at=desk.now)).tell()
    late, above = notices(desk)
    assert (above.audience, above.position, above.template) == ("superior", "kabid-persandian", "overdue-below")
    assert (late.event_kind, late.position, late.values["number"]) == (
        "intake.LetterOverdue", "kasi-persandian", "0844/2026",
    )  # fmt: skip


def test_a_reminder_of_a_turn_that_is_over_tells_nobody() -> None:
    desk = forwarded(house()).tell()
    before = len(notices(desk))
    desk.when(RemindTier(letter_id=LETTER, revision=1, turn=3)).tell()
    assert len(notices(desk)) == before
