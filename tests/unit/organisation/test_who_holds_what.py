"""Who acts for a position at a moment, and what the register answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from contracts.base import Event, Recorded, Sealed
from contracts.organisation import (
    AgencyDescribed,
    DescribeAgency,
    HolderAppointed,
    People,
    PublishStandard,
    StandardPublished,
    Standards,
    TokenIssued,
    TokenRevoked,
    UserAdded,
)
from services.organisation.adapters.standards_files import own_standards, read
from services.organisation.views import LogRegister, standards


@dataclass
class Line:
    position: int
    data: bytes


class Book:
    """A log kept in memory: the port, by hand."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []
        self.reads = 0

    def write(self, *events: Event, agency: str = "pekalongan") -> None:
        self.events += [(agency, event) for event in events]

    def read(self, after: int, limit: int) -> Sequence[Line]:
        self.reads += 1
        return [Line(at + 1, b"") for at in range(after, min(after + limit, len(self.events)))]

    def decode(self, position: int, _data: bytes) -> Recorded:
        agency, event = self.events[position - 1]
        return Recorded(
            event_id=uuid4(), agency=agency, service="organisation", stream="x", version=1, position=position,
            at=datetime(2026, 7, 6, tzinfo=UTC), command_id=uuid4(), correlation_id=uuid4(), causation_id=None,
            kind=event.kind(), event=event,
        )  # fmt: skip


def _open(sealed: Sealed) -> str:
    return sealed.plain


def _register(book: Book) -> LogRegister:
    register = LogRegister(book, book.decode, _open)
    asyncio.run(register.fresh(now=True))
    return register


def _person(person_id: str, *roles: str) -> UserAdded:
    return UserAdded(person_id=person_id, name=Sealed.of(person_id.title()), nip=Sealed.of("1"), roles=roles)


def _kabid(person_id: str, capacity: str = "holder", from_on: str = "", until_on: str = "") -> HolderAppointed:
    return HolderAppointed.model_validate(
        {
            "position": "kabid", "title": "Kabid", "role": "kabid", "person_id": person_id, "capacity": capacity,
            "from_on": from_on, "until_on": until_on,
        }
    )  # fmt: skip


def _positions(register: LogRegister, person_id: str, at: datetime) -> list[str]:
    actor = register.person("pekalongan", person_id, at)
    assert actor is not None
    return [f"{held.capacity} {held.position}" for held in actor.holdings]


NOON = datetime(2026, 7, 8, 5, 0, tzinfo=UTC)


def test_a_plh_acts_while_the_holder_is_absent_and_then_no_more() -> None:
    book = Book()
    book.write(_person("kasi"), _person("kabid"), _kabid("kabid"), _kabid("kasi", "plh", "2026-07-08", "2026-07-09"))
    register = _register(book)
    assert _positions(register, "kasi", NOON) == ["plh kabid"]
    assert _positions(register, "kabid", NOON) == []
    assert _positions(register, "kabid", NOON.replace(day=10)) == ["holder kabid"]
    assert _positions(register, "kasi", NOON.replace(day=10)) == []


def test_the_day_of_an_appointment_begins_at_midnight_of_the_office() -> None:
    book = Book()
    book.write(_person("kabid"), _kabid("kabid", from_on="2026-07-08"))
    register = _register(book)
    assert _positions(register, "kabid", datetime(2026, 7, 7, 16, 59, tzinfo=UTC)) == []
    assert _positions(register, "kabid", datetime(2026, 7, 7, 17, 0, tzinfo=UTC)) == ["holder kabid"]


def test_roles_come_with_the_person_and_with_the_positions_that_he_holds() -> None:
    book = Book()
    book.write(_person("kasi", "leader"), _kabid("kasi", "plh", "2026-07-08", "2026-07-08"))
    register = _register(book)
    now, later = register.person("pekalongan", "kasi", NOON), register.person("pekalongan", "kasi", NOON.replace(day=9))
    assert now is not None
    assert later is not None
    assert (now.roles, now.name) == (("leader", "kabid"), "Kasi")
    assert later.roles == ("leader",)


def test_people_are_found_by_a_role_and_only_within_their_agency() -> None:
    book = Book()
    book.write(_person("caraka-2", "courier"), _person("caraka-1", "courier"), _person("kabid"), _kabid("kabid"))
    book.write(_person("caraka-1", "courier"), agency="purbalingga")
    register = _register(book)
    couriers = register.people("pekalongan", People(role="courier"), NOON).people
    assert [row.person_id for row in couriers] == ["caraka-1", "caraka-2"]
    assert [row.person_id for row in register.people("pekalongan", People(role="kabid"), NOON).people] == ["kabid"]
    assert len(register.people("purbalingga", People(), NOON).people) == 1
    assert register.person("purbalingga", "kabid", NOON) is None


def test_a_revoked_token_is_nobody() -> None:
    book = Book()
    book.write(TokenIssued(token_id="t-1", role="operator", label="Mesin"))
    register = _register(book)
    actor = register.token("pekalongan", "t-1")
    assert actor is not None
    assert (actor.id, actor.name, actor.roles) == ("machine-t-1", "Mesin", ("operator",))
    assert register.token("purbalingga", "t-1") is None
    book.write(TokenRevoked(token_id="t-1", reason="hilang"))
    asyncio.run(register.fresh(now=True))
    assert register.token("pekalongan", "t-1") is None


def test_the_newest_version_that_has_begun_is_in_force() -> None:
    found = next(each.command for each in read(own_standards()) if isinstance(each.command, PublishStandard))
    first = StandardPublished(**found.model_dump())
    second = first.model_copy(
        update={"standard": first.standard.model_copy(update={"version": 2}), "valid_from": "2026-07-09"}
    )
    revised = first.model_copy(update={"rules": {**first.rules, "decreed_years": [2026, 2027]}})
    book = Book()
    book.write(first, revised, second)
    register = _register(book)
    (before,) = register.standards("pekalongan", Standards(), NOON).standards
    (after,) = register.standards("pekalongan", Standards(), NOON.replace(day=9)).standards
    assert (before.standard.version, before.rules["decreed_years"]) == (1, [2026, 2027])
    assert after.standard.version == 2
    assert register.standards("purbalingga", Standards(), NOON).standards == ()


async def test_the_log_is_read_once_for_many_who_ask_at_the_same_time() -> None:
    book = Book()
    book.write(_person("kasi"))
    register = LogRegister(book, book.decode, _open)
    await asyncio.gather(*(register.fresh() for _ in range(50)))
    assert book.reads == 2, "what is new, and that there is no more"
    assert register.position == 1


def test_the_front_page_names_who_publishes_and_nobody_else() -> None:
    book = Book()
    for each in read(own_standards()):
        if isinstance(each.command, DescribeAgency):
            book.write(AgencyDescribed(facts=each.command.facts), agency=each.agency)
        if isinstance(each.command, PublishStandard) and each.agency == "pekalongan":
            fields = {name: getattr(each.command, name) for name in StandardPublished.model_fields if name != "by"}
            book.write(StandardPublished.model_validate(fields), agency=each.agency)
    told = standards.agencies(_register(book).directory, NOON).agencies
    assert [(row.agency, row.name, row.office) for row in told] == [
        ("pekalongan", "Pemerintah Kota Pekalongan", "Dinas Komunikasi dan Informatika")
    ]
