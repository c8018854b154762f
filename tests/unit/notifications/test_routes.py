"""Routes that an officer publishes hold until the files say others; before, he sees who would have been told."""

from typing import Any
from uuid import uuid4

from contracts.base import Actor, Holding
from contracts.notices import NoticeRules, NotifyRoute
from contracts.notifications import (
    CaseKnown,
    NoticesPlanned,
    OfficeAdopted,
    PlanNotices,
    PublishRoutes,
    RoutesPublished,
)
from services.notifications.domain.office import Office, evolve
from services.notifications.views.foreseen import foreseen
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import adopt, house, notices, rules
from tests.unit.office import KASI, OPERATOR

KADIS = Actor(id="kadis", holdings=(Holding(position="kadis", title="Kepala Dinas", role="kadis"),))
KIND = "intake.LetterOverdue"


def other(**says: Any) -> NoticeRules:
    said = {"kind": KIND, "audience": "assigner", "channels": ("inbox",), "template": "overdue", **says}
    return rules(routes=(NotifyRoute.model_validate(said),))


def late(desk: Desk, **more: Any) -> None:
    said = {"positions": {"assigner": "kasi-persandian"}, "values": {"number": "1/2026", "due": desk.now.isoformat()}}
    desk.when(PlanNotices.model_validate({
        "event_id": uuid4(), "event_kind": KIND, "happened_at": desk.now, "case_service": "intake",
        "case_kind": "letters", "case_id": uuid4(), **said, **more,
    }))  # fmt: skip


def office(desk: Desk) -> Office:
    found = Office()
    for each in desk.log:
        if each.stream == "office:agency":
            found = evolve(found, each.event)
    return found


def facts(desk: Desk) -> list[NoticesPlanned]:
    return [each.event for each in desk.log if isinstance(each.event, NoticesPlanned)]


def test_an_officer_publishes_and_the_next_notices_follow() -> None:
    desk = house()
    desk.when(PublishRoutes(rules=other(channels=()), label="tidak perlu"), KADIS).then(RoutesPublished)
    fact = desk.fact(RoutesPublished)
    assert (fact.by.person_id, fact.label, fact.number) == ("kadis", "tidak perlu", 2)
    late(desk)
    assert notices(desk) == []
    desk.when(PublishRoutes(rules=other(channels=()), label="lagi"), KADIS).then()
    for actor in (KASI, OPERATOR):
        desk.when(PublishRoutes(rules=other(), label="mau"), actor).refused("notifications.not-permitted")
    desk.when(PublishRoutes(rules=other(template="tidak-ada"), label="x"), KADIS).refused(
        "notifications.template-unknown", place="routes[0]"
    )  # fmt: skip


def test_a_start_with_the_same_files_leaves_them_and_other_files_replace_them() -> None:
    desk = house()
    desk.when(PublishRoutes(rules=other(), label="uji"), KADIS)
    desk.when(adopt()).then()
    assert office(desk).rules == other()
    desk.when(adopt(zone="Asia/Makassar")).then(OfficeAdopted)
    assert office(desk).rules == other(), "what else the files say is no word on routes"
    desk.when(adopt(rules=other(urgent=True))).then(OfficeAdopted)
    assert office(desk).rules == other(urgent=True)
    assert office(desk).published is None


def test_an_update_that_only_says_more_leaves_what_an_officer_has_published_and_adds_to_it() -> None:
    """A version of the product that tells more people must not take an office's own routes away."""
    new = rules()
    added = tuple(each for each in new.routes if (each.kind, each.audience) == (KIND, "superior"))
    old = new.model_copy(
        update={
            "routes": tuple(each for each in new.routes if each not in added),
            "templates": tuple(each for each in new.templates if each.template != added[0].template),
        }
    )
    own = NotifyRoute(kind=KIND, audience="assigner", channels=(), template="overdue")
    desk = house(rules=old)
    desk.when(PublishRoutes(rules=old.model_copy(update={"routes": (own,)}), label="tidak perlu"), KADIS)
    desk.when(adopt()).then(OfficeAdopted)
    assert office(desk).rules.routes == (own, *added), "what he has taken out stays out"
    assert {each.template for each in office(desk).rules.templates} == {each.template for each in new.templates}
    assert (office(desk).published is not None, office(desk).filed) == (True, new)
    desk.when(adopt()).then()
    late(desk, positions={"assigner": "kasi-persandian", "superior": "kabid-persandian"})
    assert [each.position for each in notices(desk)] == ["kabid-persandian"]
    assert office(house(rules=old).when(adopt())).rules == new, "where nobody has published, the files hold"


def test_the_preview_plans_last_months_facts_anew() -> None:
    desk = house()
    for _ in range(3):
        late(desk)
    late(desk, positions={})
    told = facts(desk)
    assert len(told) == 4
    draft = other(channels=())
    seen = foreseen(told, {}, office(desk), draft)
    row = next(each for each in seen.routes if (each.kind, each.audience) == (KIND, "assigner"))
    assert (row.facts, row.told_now, row.told_then, row.changed) == (4, 3, 0, True)
    assert (row.channels_now, row.channels_then) == (("inbox", "email"), ())
    back = foreseen(told, {}, office(desk), office(desk).rules)
    assert all(each.told_now == each.told_then and not each.changed for each in back.routes)
    assert next(each for each in back.routes if each.facts).whom_then == ("kasi-persandian",)


def test_what_a_case_has_said_before_counts_too_and_a_wrong_draft_is_told() -> None:
    desk = house()
    late(desk, positions={})
    (fact,) = facts(desk)
    known = {("intake", str(fact.case_id)): CaseKnown(positions={"assigner": "kabid-aplikasi-persandian"})}
    seen = foreseen([fact], known, office(desk), office(desk).rules)
    assert next(each for each in seen.routes if each.facts).told_then == 1
    wrong = foreseen([fact], known, office(desk), other(audience="siapa"))
    assert [(each.place, each.reason) for each in wrong.mistakes] == [("routes[0]", "audience-unknown")]
    assert wrong.routes == ()
