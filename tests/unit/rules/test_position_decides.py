"""What somebody may knock for follows from the positions that he acts for today, whatever his own role is."""

from datetime import timedelta

import pytest

from contracts.base import Actor, Refusal
from contracts.organisation import AddUser, AppointHolder, EnterAbsence, IssueToken, NameSubstitute, People
from services.organisation.views import people
from tests.unit.given_when_then import Desk
from tests.unit.rules.house import directory, house, opened, person
from tests.unit.rules.test_office_rules import ADMIN, KABID, KASI

SEAT = "pengganti"
CONSOLE = Actor(id="console", roles=("system",))  # no leader has to confirm


@pytest.fixture
def desk() -> Desk:
    return house()


def appoint(desk: Desk, position: str, person_id: str, capacity: str = "holder", role: str = "courier") -> None:
    day = desk.now.date()
    days = {} if capacity == "holder" else {"from_on": f"{day}", "until_on": f"{day + timedelta(days=1)}"}
    command = {"position": position, "title": "Jabatan", "role": role, "person_id": person_id, "capacity": capacity}
    desk.when(AppointHolder.model_validate({**command, **days}), CONSOLE)
    assert not isinstance(desk.decision, Refusal), desk.decision


def test_who_acts_for_a_tier_is_an_examiner_and_the_kasi_assigns(desk: Desk) -> None:
    assert set(person(desk, "kasi").roles) == {"kasi", "examiner", "assigner"}
    assert set(person(desk, "kadis").roles) == {"kadis", "leader", "examiner", "stand-in"}, "upward"
    assert set(person(desk, "operator").roles) == {"operator"}
    assert set(person(desk, "sekretaris").roles) == {"secretary"}


def test_a_secretary_who_is_plh_kabid_is_an_examiner_until_the_kabid_is_back(desk: Desk) -> None:
    appoint(desk, KABID, "sekretaris", "plh", role="kabid")
    assert {"examiner", "kabid", "secretary"} <= set(person(desk, "sekretaris").roles)
    assert "examiner" not in person(desk, "kabid").roles, "he is away"
    desk.later(seconds=3 * 86400)
    assert set(person(desk, "sekretaris").roles) == {"secretary"}
    assert "examiner" in person(desk, "kabid").roles


def test_who_would_act_for_a_barred_kasi_is_a_stand_in_and_an_examiner_when_he_is_away(desk: Desk) -> None:
    appoint(desk, SEAT, "caraka-1")
    desk.when(NameSubstitute(position=KASI, substitute=SEAT), CONSOLE)
    assert set(person(desk, "caraka-1").roles) == {"courier", "stand-in"}
    day = f"{desk.now.date()}"
    desk.when(EnterAbsence(person_id="kasi", from_on=day, until_on=day, reason="Dinas luar"), ADMIN)
    assert {"courier", "kasi", "examiner", "assigner"} <= set(person(desk, "caraka-1").roles)
    assert not {"examiner", "assigner"} & set(person(desk, "kasi").roles)


def test_a_tier_that_only_a_former_version_names_is_still_a_tier_of_its_running_cases(desk: Desk) -> None:
    book = directory(desk)
    ((_, (published,)),) = book.of(book.standards, "pekalongan")
    newer = published.event.model_copy(
        update={
            "standard": published.event.standard.model_copy(update={"version": 2}),
            "rules": {**published.event.rules, "tiers": published.event.rules["tiers"][:1]},
        }
    )
    desk.tell()
    fresh = type(published)(newer, published.at)
    wider = type(book)(**{
        **{name: getattr(book, name) for name in type(book).__dataclass_fields__},
        "standards": {("pekalongan", newer.standard.standard): (published, fresh)},
    })  # fmt: skip
    found = people.actor(wider, opened, "pekalongan", "kabid", desk.now)
    assert found is not None
    assert "examiner" in found.roles


@pytest.mark.parametrize("role", ["examiner", "assigner", "stand-in"])
def test_nobody_is_given_what_follows_from_a_position(desk: Desk, role: str) -> None:
    desk.when(AddUser(person_id="baru", name="Orang Baru", roles=(role,)), ADMIN)
    assert isinstance(desk.decision, Refusal)
    assert desk.decision.code == "organisation.role-unknown"
    desk.when(IssueToken(token_id="mesin", role=role, label="Mesin"), ADMIN)
    assert isinstance(desk.decision, Refusal)
    assert desk.decision.code == "organisation.role-unknown"


def test_the_list_of_people_shows_what_was_given_not_what_follows(desk: Desk) -> None:
    rows = people.listed(directory(desk), opened, "pekalongan", People(), desk.now).people
    assert {row.person_id: row.roles for row in rows}["kasi"] == ("kasi",)
    examiners = people.listed(directory(desk), opened, "pekalongan", People(role="examiner"), desk.now).people
    assert [row.person_id for row in examiners] == ["kabid", "kadis", "kasi"]
