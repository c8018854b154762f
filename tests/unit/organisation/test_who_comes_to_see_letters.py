"""Whoever sees no letter does not make himself, quietly, somebody who does: a leader confirms, or 24 hours pass."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Actor, Command, Event, Holding, Refusal
from contracts.organisation import (
    AccessAsked,
    AccessConfirmed,
    AccessGiven,
    AccessLapsed,
    AccessReleased,
    AccessUsed,
    AddUser,
    AppointHolder,
    ConfirmAccess,
    EndHolding,
    EstablishPosition,
    FirstPasswordIssued,
    HolderAppointed,
    IssueFirstPassword,
    IssueToken,
    NameSubstitute,
    PositionEstablished,
    PublishStandard,
    RefuseAccess,
    ReleaseAccess,
    RenewToken,
    RevokeToken,
    RolesGranted,
    SubstituteNamed,
    TokenIssued,
    TokenRenewed,
    UserAdded,
)
from contracts.words import LETTER_ROLES
from services.kit.deciding import Accept, Decision, Given
from services.organisation.handlers import COMMANDS, STREAMS
from tests.unit.organisation.test_decisions import ADMIN, IMPORTER, NOW, _described, _standard, _version

CONSOLE = Actor(id="console", roles=("system",))
KADIS = Actor(id="kadis", name="Suryo", holdings=(Holding(position="kadis", title="Kadis", role="kadis"),))
TIMER = Actor(id="organisation", roles=("service",))
MACHINE = Actor(id="machine-t-9", name="Hendra Wicaksana", roles=("leader",))
SERVER_ROOM = {"position": "ruang-mesin", "title": "Pengelola ruang mesin", "role": "courier"}


class House:
    """The streams of one agency; the kasi holds a position that reads letters, the administrator none."""

    def __init__(self) -> None:
        self.states = _described().states
        self.now: datetime = NOW
        self.told: list[Event] = []
        for person, roles in (("admin", ("admin",)), ("kasi", ()), ("kadis", ("leader",)), ("budi", ())):
            self.ask(AddUser(person_id=person, name="Nama", roles=roles), IMPORTER)
        self.ask(AppointHolder(position="kasi-persandian", title="Kasi", role="kasi", person_id="kasi"), IMPORTER)
        self.told.clear()

    def load(self, stream: str) -> Any:
        return self.states.get(stream, STREAMS[stream.partition(":")[0]].initial)

    def claimed(self, _kind: str, _key: str) -> str | None:
        return None

    def ask(self, command: Command, actor: Actor = ADMIN, agency: str = "pekalongan") -> Decision:
        given = Given(agency, actor, self.now, uuid4(), self)
        row = COMMANDS[type(command)]
        main = row.stream(command, given)
        decision = row.decision(command, self.load(main), given, STREAMS[main.partition(":")[0]])
        if isinstance(decision, Accept):
            for stream, event in decision.events:
                self.states[stream] = STREAMS[stream.partition(":")[0]].evolve(self.load(stream), event)
                self.told.append(event)
        return decision

    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self.told]

    @property
    def waiting(self) -> list[UUID]:
        return [event.grant_id for event in self.told if isinstance(event, AccessAsked)]

    def timers(self) -> Iterator[tuple[datetime, Command]]:
        for stream, state in self.states.items():
            kind = STREAMS[stream.partition(":")[0]]
            yield from ((timer.due_at, timer.command) for timer in (kind.timers(stream, state) if kind.timers else ()))

    def later(self, **span: float) -> None:
        """What comes due is asked, as the timekeeper does."""
        self.now += timedelta(**span)
        for due_at, command in list(self.timers()):
            if due_at <= self.now:
                self.ask(command, TIMER)


@pytest.fixture
def house() -> House:
    return House()


def code(decision: Decision) -> str:
    assert isinstance(decision, Refusal), decision
    return decision.code.removeprefix("organisation.")


def appoint(person: str, **changed: Any) -> AppointHolder:
    said = {"position": "operator-transmisi-sandi", "title": "Operator", "role": "operator", "person_id": person}
    return AppointHolder.model_validate({**said, **changed})


# What an administrator asks for himself, or by another's name, to come to letters; and the fact that it would be.
QUIET_WAYS: list[tuple[Command, type[Event]]] = [
    *((AddUser(person_id="admin", name="Nama", roles=("admin", role)), RolesGranted) for role in sorted(LETTER_ROLES)),
    (AddUser(person_id="hantu", name="Orang Baru", roles=("operator",)), RolesGranted),
    (appoint("admin"), HolderAppointed),
    (appoint("admin", capacity="plt", from_on="2026-07-01"), HolderAppointed),
    (appoint("admin", position="seksi-baru", title="Seksi", role="courier"), HolderAppointed),
    (appoint("admin", seats=("kasi-persandian",)), HolderAppointed),
]


@pytest.mark.parametrize(("command", "fact"), QUIET_WAYS)
def test_it_waits_and_nothing_of_it_holds_until_a_leader_confirms(
    house: House, command: Command, fact: type[Event]
) -> None:
    decision = house.ask(command)
    assert isinstance(decision, Accept)
    assert decision.result["waits_until"] == (NOW + timedelta(hours=24)).isoformat()
    assert fact not in house.kinds()
    assert isinstance(house.told[-1], AccessAsked)
    assert house.told[-1].by is not None
    assert house.told[-1].by.person_id == "admin"
    house.ask(command)
    assert len(house.waiting) == 1, "asked again it waits once"
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert house.kinds()[-2:] == [AccessConfirmed, fact]
    assert house.told[-1].by.person_id == "kadis"  # type: ignore[attr-defined]  # each of these facts says so
    assert list(house.timers()) == []


@pytest.mark.parametrize(("command", "fact"), QUIET_WAYS)
def test_after_twenty_four_hours_it_takes_effect_by_itself_and_not_before(
    house: House, command: Command, fact: type[Event]
) -> None:
    house.ask(command)
    house.later(hours=23, minutes=59)
    assert fact not in house.kinds()
    assert code(house.ask(ReleaseAccess(grant_id=house.waiting[0]), TIMER)) == "not-due"
    house.later(minutes=1)
    assert house.kinds()[-2:] == [AccessReleased, fact]
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert house.kinds()[-1] is AccessConfirmed, "a leader has seen it since"
    assert house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS) == Accept()


@pytest.mark.parametrize(("command", "fact"), QUIET_WAYS)
def test_what_a_leader_refuses_never_takes_effect(house: House, command: Command, fact: type[Event]) -> None:
    house.ask(command)
    house.ask(RefuseAccess(grant_id=house.waiting[0], reason="tidak dikenal"), KADIS)
    house.later(days=30)
    assert fact not in house.kinds()
    assert code(house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)) == "access-over"


@pytest.mark.parametrize(("command", "fact"), QUIET_WAYS)
def test_at_the_console_it_takes_one_step_and_the_leaders_are_shown(
    house: House, command: Command, fact: type[Event]
) -> None:
    house.ask(command, CONSOLE)
    told = {RolesGranted: UserAdded}.get(fact, fact)  # type: ignore[arg-type]  # a role comes with the person there
    assert [told, AccessGiven] == house.kinds()
    assert {event.by.person_id for event in house.told} == {"console"}  # type: ignore[attr-defined]  # each says so
    house.ask(ConfirmAccess(grant_id=house.told[-1].grant_id), KADIS)  # type: ignore[attr-defined]  # as above
    assert house.kinds()[-1] is AccessConfirmed


def test_nobody_but_a_leader_confirms_and_no_machine_does(house: House) -> None:
    house.ask(appoint("admin"))
    (grant,) = house.waiting
    for actor in (ADMIN, TIMER, Actor(id="kasi", roles=("kasi", "inspector", "operator")), CONSOLE):
        assert code(house.ask(ConfirmAccess(grant_id=grant), actor)) == "not-permitted"
    assert code(house.ask(ConfirmAccess(grant_id=grant), MACHINE)) == "people-only"
    assert code(house.ask(ConfirmAccess(grant_id=uuid4()), KADIS)) == "access-unknown"


def test_a_machine_that_is_called_a_leader_does_not_grant_at_once(house: House) -> None:
    both = MACHINE.model_copy(update={"roles": ("admin", "leader")})
    house.ask(appoint("admin"), both)
    assert house.kinds() == [AccessAsked]
    leader = KADIS.model_copy(update={"roles": ("admin",)})
    house.ask(appoint("admin"), leader)
    assert house.kinds() == [AccessAsked, HolderAppointed, AccessConfirmed], "and settles what waits"


def test_who_sees_letters_by_his_position_is_appointed_at_once(house: House) -> None:
    plh = appoint("kasi", capacity="plh", from_on="2026-07-06", until_on="2026-07-08", seats=("kasi-persandian",))
    house.ask(plh)
    assert house.kinds() == [HolderAppointed]
    house.ask(EndHolding(position="kasi-persandian", on="2026-07-05", reason="mutasi"))
    house.ask(appoint("kasi", capacity="plt", from_on="2026-07-06", seats=("kasi-persandian",)))
    assert house.kinds()[-1] is AccessAsked, "what has ended opens nothing"


def test_other_roles_hold_at_once_while_the_one_that_reads_letters_waits(house: House) -> None:
    house.ask(AddUser(person_id="budi", name="Budi", roles=("courier", "operator", "inspector")))
    assert house.kinds() == [UserAdded, AccessAsked, AccessAsked]
    assert house.told[0].roles == ("courier",)  # type: ignore[attr-defined]  # UserAdded
    for grant in house.waiting:
        house.ask(ConfirmAccess(grant_id=grant), KADIS)
    assert house.load("person:budi").roles == ("courier", "inspector", "operator")
    house.ask(AddUser(person_id="budi", name="Budi", roles=("courier",)))
    house.ask(AddUser(person_id="budi", name="Budi", roles=("courier", "operator")))
    assert house.kinds()[-1] is AccessAsked, "what was taken away is not given back quietly"


def test_a_position_that_comes_to_read_letters_waits_for_its_holders_sake(house: House) -> None:
    house.ask(EstablishPosition.model_validate(SERVER_ROOM))
    house.ask(appoint("admin", **SERVER_ROOM), CONSOLE)
    house.told.clear()
    opening = EstablishPosition.model_validate({**SERVER_ROOM, "role": "operator"})
    house.ask(opening)
    assert house.kinds() == [AccessAsked]
    house.told.clear()
    by_another = appoint("kasi", **{**SERVER_ROOM, "role": "kasi"}, capacity="plt", from_on="2026-07-06")
    house.ask(by_another.model_copy(update={"seats": ("kasi-persandian",)}))
    assert house.kinds() == [AccessAsked], "an appointment that changes the role opens it to the others too"
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert house.kinds()[-1] is HolderAppointed
    house.ask(EstablishPosition(position="kasi-persandian", title="Kasi", role="kabid"))
    assert house.kinds()[-1] is PositionEstablished, "who sees letters there goes on"


def test_a_substitute_who_sees_no_letter_waits_wherever_he_stands_in_the_chain(house: House) -> None:
    for name in ("ruang-mesin", "perantara"):
        house.ask(EstablishPosition(position=name, title="Jabatan", role="courier"))
    house.ask(NameSubstitute(position="kadis", substitute="kasi-persandian"))
    assert house.kinds()[-1] is SubstituteNamed, "he sees letters by his position"
    house.ask(NameSubstitute(position="kasi-persandian", substitute="perantara"))
    assert house.kinds()[-1] is SubstituteNamed, "nobody is appointed there"
    house.ask(appoint("admin", **SERVER_ROOM), CONSOLE)
    house.told.clear()
    house.ask(NameSubstitute(position="perantara", substitute="ruang-mesin"))
    assert house.kinds() == [AccessAsked]
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert house.kinds()[-1] is SubstituteNamed
    house.told.clear()
    house.ask(NameSubstitute(position="kabid-aplikasi-persandian", substitute="kasi-persandian"))
    assert house.kinds() == [AccessAsked], "behind one who sees letters stands one who does not"


def test_a_standard_does_not_make_readers_without_a_leader(house: House) -> None:
    house.ask(appoint("admin", position="kabid-aplikasi-persandian", title="Kabid", role="courier"), CONSOLE)
    house.ask(_version(1, "2022-03-01"), IMPORTER)
    newer: PublishStandard = _version(2, "2026-08-01", rules=_standard().rules)
    assert code(house.ask(newer)) == "leader-needed"
    assert isinstance(house.ask(newer, KADIS), Accept)


def test_a_token_that_reads_letters_is_issued_by_name_once_it_was_agreed_to(house: House) -> None:
    issue = IssueToken(token_id="pemindai", role="operator", label="Pemindai loket")
    assert "issued" not in house.ask(issue).result  # type: ignore[union-attr]  # an Accept
    assert house.kinds() == [AccessAsked]
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert TokenIssued not in house.kinds(), "its secret is not made before it is handed over"
    assert house.ask(issue.model_copy(update={"role": "inspector"})).result.get("issued") is None  # type: ignore[union-attr]  # an Accept
    house.ask(RefuseAccess(grant_id=house.waiting[-1], reason="bukan itu"), ADMIN)
    house.ask(issue)
    house.ask(ConfirmAccess(grant_id=house.waiting[-1]), KADIS)
    assert house.ask(issue).result == {"issued": True}  # type: ignore[union-attr]  # an Accept
    assert house.kinds()[-2:] == [TokenIssued, AccessUsed]
    assert house.told[-2].by.person_id == "admin"  # type: ignore[attr-defined]  # TokenIssued
    assert code(house.ask(issue)) == "token-known"


def test_a_new_secret_is_a_new_way_in_and_waits_too(house: House) -> None:
    house.ask(IssueToken(token_id="pemindai", role="operator", label="Pemindai loket"), CONSOLE)
    assert house.kinds() == [TokenIssued, AccessGiven]
    renew = RenewToken(token_id="pemindai")
    house.ask(renew)
    assert house.kinds()[-1] is AccessAsked
    house.later(hours=24)
    assert house.kinds()[-1] is AccessReleased
    assert house.ask(renew).result == {"issued": True}  # type: ignore[union-attr]  # an Accept
    assert house.kinds()[-2:] == [TokenRenewed, AccessUsed]
    house.ask(renew)
    assert house.kinds()[-1] is AccessAsked, "agreed to once is handed over once"
    house.ask(RevokeToken(token_id="pemindai", reason="hilang"))
    assert code(house.ask(renew)) == "token-revoked"


def test_a_token_that_reads_no_letters_is_issued_at_once(house: House) -> None:
    for role in ("courier", "admin", "secretary"):
        decision = house.ask(IssueToken(token_id=f"t-{role}", role=role, label="Mesin"))
        assert decision.result == {"issued": True}  # type: ignore[union-attr]  # an Accept
    assert set(house.kinds()) == {TokenIssued}


@pytest.mark.parametrize(
    ("person", "seats"), [("kadis", ()), ("kasi", ("kasi-persandian",))], ids=["by role", "by position"]
)
def test_a_first_password_for_who_sees_letters_waits_and_is_handed_over_once(
    house: House, person: str, seats: tuple[str, ...]
) -> None:
    issue = IssueFirstPassword(person_id=person, seats=seats)
    house.ask(issue)
    assert house.kinds() == [AccessAsked]
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    assert FirstPasswordIssued not in house.kinds()
    house.ask(issue)
    assert house.kinds()[-2:] == [FirstPasswordIssued, AccessUsed]
    house.ask(issue)
    assert house.kinds()[-1] is AccessAsked


def test_what_was_agreed_to_and_not_fetched_for_three_days_is_asked_for_anew(house: House) -> None:
    issue = IssueFirstPassword(person_id="kadis")
    house.ask(issue)
    house.ask(ConfirmAccess(grant_id=house.waiting[0]), KADIS)
    house.later(days=3, seconds=1)
    house.ask(issue)
    assert house.kinds()[-1] is AccessAsked


def test_a_first_password_for_who_sees_no_letter_is_handed_over_at_once(house: House) -> None:
    house.ask(IssueFirstPassword(person_id="budi"))
    assert house.kinds() == [FirstPasswordIssued]
    house.ask(appoint("budi", from_on="2027-01-01"), CONSOLE)
    house.ask(IssueFirstPassword(person_id="budi", seats=("operator-transmisi-sandi",)))
    assert house.kinds()[-1] is AccessAsked, "also who is appointed from a later day on"


def test_what_can_no_longer_take_effect_ends_by_itself(house: House) -> None:
    for name in ("a", "b"):
        house.ask(EstablishPosition(position=name, title="Jabatan", role="courier"))
        house.ask(appoint("admin", position=name, title="Jabatan", role="courier"), CONSOLE)
    house.told.clear()
    house.ask(NameSubstitute(position="a", substitute="b"))
    house.ask(NameSubstitute(position="b", substitute="a"))
    first, second = house.waiting
    house.ask(ConfirmAccess(grant_id=first), KADIS)
    assert code(house.ask(ConfirmAccess(grant_id=second), KADIS)) == "substitute-cycle"
    house.later(hours=24)
    assert house.kinds()[-1] is AccessLapsed
    assert list(house.timers()) == []


def test_asked_with_other_words_the_wait_begins_anew(house: House) -> None:
    house.ask(appoint("admin"))
    house.later(hours=23)
    house.ask(appoint("admin", until_on="2030-01-01"))
    house.later(hours=2)
    assert HolderAppointed not in house.kinds()
    house.later(hours=22)
    assert house.kinds()[-1] is HolderAppointed


@pytest.mark.parametrize(
    "name", ["machine-1", "machine-", "console", "standards-import", "system", "service", "intake", "organisation"]
)
def test_nobody_is_called_like_a_machine_or_like_the_house_itself(house: House, name: str) -> None:
    for actor in (ADMIN, CONSOLE, IMPORTER):
        assert code(house.ask(AddUser(person_id=name, name="Nama", roles=()), actor)) == "name-reserved"


def test_a_token_fits_behind_the_mark_of_the_machines(house: House) -> None:
    assert code(house.ask(IssueToken(token_id="a" * 57, role="courier", label="M"))) == "name-reserved"
    assert code(house.ask(IssueToken(token_id="console", role="courier", label="M"))) == "name-reserved"
    assert isinstance(house.ask(IssueToken(token_id="a" * 56, role="courier", label="M")), Accept)


def test_nobody_is_given_the_name_or_the_role_of_all_strangers(house: House) -> None:
    assert code(house.ask(AddUser(person_id="public", name="X"), ADMIN)) == "name-reserved"
    assert code(house.ask(AddUser(person_id="x", name="X", roles=("public",)), ADMIN)) == "role-unknown"
    assert code(house.ask(IssueToken(token_id="x", role="public", label="X"), ADMIN)) == "role-unknown"


def test_the_agency_of_the_installation_has_no_letters(house: House) -> None:
    for command in (
        AddUser(person_id="x", name="X", roles=("operator",)),
        IssueToken(token_id="x", role="leader", label="X"),
        EstablishPosition(position="x", title="X", role="kadis"),
        appoint("admin"),
    ):
        assert code(house.ask(command, CONSOLE, "deployment")) == "role-not-here", command
    for command in (_standard(), next(each for each in _described_words())):
        for agency in ("deployment", "unreadable", "masuk", "static"):
            assert code(house.ask(command, IMPORTER, agency)) == "agency-reserved"
    house.told.clear()
    for role in ("admin", "inspector"):
        house.ask(AddUser(person_id=f"x-{role}", name="X", roles=(role,)), ADMIN, "deployment")
        house.ask(IssueToken(token_id=f"x-{role}", role=role, label="X"), CONSOLE, "deployment")
    assert house.kinds() == [UserAdded, TokenIssued] * 2, "and nobody there waits to see any"


def _described_words() -> Iterator[Command]:
    from services.organisation.adapters.standards_files import own_standards, read

    yield from (each.command for each in read(own_standards()) if type(each.command).__name__ == "DescribeAgency")
