"""Who may be added, appointed, given a token; which standards may be published; what may be erased."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Actor, Ask, Command, Holding, Refusal
from contracts.organisation import (
    AddUser,
    AppointHolder,
    AskContactCode,
    CloseOffice,
    ConfirmAccess,
    ConfirmCalendar,
    ConfirmSeason,
    DescribeAgency,
    DraftCalendar,
    EndAccess,
    EndHolding,
    EnterAbsence,
    EraseSubject,
    EstablishPosition,
    GrantQualification,
    IssueFirstPassword,
    IssueToken,
    NameSubstitute,
    NoteOperation,
    PublishStandard,
    RefuseAccess,
    ReleaseAccess,
    RenewToken,
    ReopenOffice,
    RevokeToken,
    StandardPublished,
    StateContact,
    UserAdded,
    VerifyContact,
    WithdrawAbsence,
    WithdrawQualification,
    WithdrawSeason,
)
from services.kit.deciding import Accept, Decision, Given
from services.kit.policy import barred
from services.organisation.adapters.holiday_drafts import propose
from services.organisation.adapters.standards_files import own_standards, read
from services.organisation.handlers import COMMANDS, STREAMS, before
from tests.unit.contracts.specimens import specimen

IMPORTER = Actor(id="standards-import", roles=("system",))
NOW = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
ADMIN = Actor(id="admin", name="Dimas", roles=("admin",))


@dataclass
class Office:
    """The streams of one agency, folded as facts come in."""

    states: dict[str, Any] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)

    def load(self, stream: str) -> Any:
        return self.states.get(stream, STREAMS[stream.partition(":")[0]].initial)

    def claimed(self, _kind: str, _key: str) -> str | None:
        return None

    def ask(self, command: Command, actor: Actor = ADMIN) -> Decision:
        given = Given("pekalongan", actor, NOW, uuid4(), self)
        handles = COMMANDS[type(command)]
        main = handles.stream(command, given)
        decision = handles.decision(command, self.load(main), given, STREAMS[main.partition(":")[0]])
        if isinstance(decision, Accept):
            for stream, event in decision.events:
                self.states[stream] = STREAMS[stream.partition(":")[0]].evolve(self.load(stream), event)
                self.told.append(event)
        return decision


GRANT = UUID("6a0e3c56-40f5-5b1c-9d3e-5a3f2f6c1e03")
BACKWARDS = [{"days": ["mon"], "open": "15:45", "close": "08:00"}]
KASI = AppointHolder(position="kasi-persandian", title="Kasi", role="kasi", person_id="kasi")


def _described() -> Office:
    """The agency and its positions as the files state them; nothing published yet."""
    office = Office()
    for each in read(own_standards()):
        if each.agency == "pekalongan" and isinstance(each.command, DescribeAgency | EstablishPosition):
            office.ask(each.command, IMPORTER)
    office.told.clear()
    return office


def _office(*people: str) -> Office:
    office = Office()
    for person in people:
        office.ask(AddUser(person_id=person, name="Nama", roles=("operator",)), IMPORTER)
    return office


def _code(decision: Decision) -> str:
    assert isinstance(decision, Refusal), decision
    return decision.code.removeprefix("organisation.")


def _standard(**changed: Any) -> PublishStandard:
    found = next(each.command for each in read(own_standards()) if isinstance(each.command, PublishStandard))
    return found.model_copy(update=changed)


def _version(number: int, valid_from: str, **changed: Any) -> PublishStandard:
    base = _standard()
    return base.model_copy(
        update={"standard": base.standard.model_copy(update={"version": number}), "valid_from": valid_from, **changed}
    )


ASKED: list[Command] = [
    AddUser(person_id="baru", name="Baru"),
    KASI,
    IssueToken(token_id="t-1", role="operator", label="Mesin"),
    RenewToken(token_id="t-1"),
    RevokeToken(token_id="t-1", reason="hilang"),
    ConfirmAccess(grant_id=GRANT),
    RefuseAccess(grant_id=GRANT, reason="tidak dikenal"),
    ReleaseAccess(grant_id=GRANT),
    NoteOperation(operation="replay", of_service="dispatch", parked="pekalongan/surat"),
    IssueFirstPassword(person_id="kasi"),
    EndAccess(person_id="kasi", reason="pensiun"),
    StateContact(person_id="kasi", email="kasi@kota.example"),
    AskContactCode(person_id="kasi", way="email"),
    VerifyContact(person_id="kasi", way="email", code="K7QM-3XWD"),
    _standard(),
    EraseSubject(subject_id="pelapor-1", reason="permintaan"),
    next(each.command for each in read(own_standards()) if isinstance(each.command, DescribeAgency)),
    GrantQualification(person_id="kasi", qualification="sandi", from_on="2026-01-01"),
    WithdrawQualification(person_id="kasi", qualification="sandi", on="2026-07-01", reason="pindah"),
    EnterAbsence(person_id="kasi", from_on="2026-07-06", until_on="2026-07-08", reason="cuti"),
    WithdrawAbsence(person_id="kasi", from_on="2026-07-06"),
    EstablishPosition(position="kasi-persandian", title="Kasi", role="kasi"),
    NameSubstitute(position="kasi-persandian", substitute=None),
    EndHolding(position="kasi-persandian", on="2026-07-06", reason="pensiun"),
    DraftCalendar(year=2027),
    ConfirmCalendar(year=2027, number="SKB 1", decreed_on="2026-09-01"),
    CloseOffice(on="2026-07-07", reason="Hari jadi"),
    ReopenOffice(on="2026-07-07", reason="batal"),
    ConfirmSeason(season=specimen(ConfirmSeason).season),
    WithdrawSeason(season="ramadan", reason="batal"),
]


def test_every_command_has_its_row_in_the_table_of_who_may() -> None:
    assert {type(command) for command in ASKED} == set(COMMANDS)


@pytest.mark.parametrize("command", ASKED, ids=lambda command: command.kebab())
@pytest.mark.parametrize("role", ["operator", "kasi", "kabid", "courier", "inspector", "leader"])
def test_who_is_not_named_in_the_table_is_refused(command: Command, role: str) -> None:
    if role in COMMANDS[type(command)].askers.roles:
        return  # a leader has his own row
    office = _office("kasi")
    office.told.clear()
    by_position = Actor(id="x", holdings=(Holding(position="p", title="P", role=role),))
    for actor in (Actor(id="x", roles=(role,)), by_position, Actor(id="x")):
        decision = office.ask(command, actor)
        assert isinstance(decision, Refusal)
        his_own = isinstance(command, StateContact | AskContactCode | VerifyContact)
        own = "not-your-contact" if his_own else "not-permitted"
        assert (decision.code, decision.status) == (f"organisation.{own}", 403)
    assert office.told == []


def test_the_head_of_the_office_publishes_a_standard_by_his_position() -> None:
    head = Actor(id="kadis", holdings=(Holding(position="kadis", title="Kepala Dinas", role="kadis"),))
    decision = _described().ask(_standard(), head)
    assert isinstance(decision, Accept)
    ((_, event),) = decision.events
    assert isinstance(event, StandardPublished)
    assert event.by is not None
    assert event.by.person_id == "kadis"


def test_a_person_is_added_once_and_a_changed_role_is_a_new_fact() -> None:
    office = _office("kasi")
    assert office.ask(AddUser(person_id="kasi", name="Nama", roles=("operator",))) == Accept()
    office.ask(AddUser(person_id="kasi", name="Nama", roles=("operator", "admin")))
    assert [event.roles for event in office.told] == [("operator",), ("admin", "operator")]
    assert office.told[1].by.person_id == "admin", "who did it stays known"


@pytest.mark.parametrize(
    "command",
    [
        AddUser(person_id="x", name="X", roles=("system",)),
        AddUser(person_id="x", name="X", roles=("raja",)),
        KASI.model_copy(update={"role": "system"}),
        IssueToken(token_id="t-2", role="system", label="Mesin"),
    ],
)
def test_nobody_gets_a_role_that_does_not_exist_or_that_of_the_house(command: Command) -> None:
    assert _code(_office("kasi").ask(command)) == "role-unknown"


def test_a_name_is_sealed_in_the_fact() -> None:
    office = _office("kasi")
    (added,) = office.told
    assert isinstance(added, UserAdded)
    assert "Nama" not in added.model_dump_json()


def test_a_position_is_given_to_a_person_who_exists_and_only_once() -> None:
    office = _office("kasi")
    assert _code(office.ask(KASI.model_copy(update={"person_id": "tidak-ada"}))) == "person-unknown"
    assert len(office.ask(KASI).events) == 1  # type: ignore[union-attr]  # an Accept
    assert office.ask(KASI) == Accept()


@pytest.mark.parametrize(
    ("term", "code"),
    [
        ({"capacity": "plh"}, "acting-without-first-day"),
        ({"capacity": "plt"}, "acting-without-first-day"),
        ({"capacity": "plh", "from_on": "2026-07-06"}, "absence-without-last-day"),
        ({"from_on": "6 Juli 2026"}, "date-unreadable"),
        ({"from_on": "2026-02-30"}, "date-unreadable"),
        ({"from_on": "2026-07-06", "until_on": "2026-07-05"}, "term-ends-before-it-begins"),
    ],
)
def test_an_appointment_needs_sensible_dates(term: dict[str, str], code: str) -> None:
    assert _code(_office("kasi").ask(KASI.model_copy(update=term))) == code


def test_a_token_is_issued_once_and_revoked_once() -> None:
    office = _office()
    issue, revoke = (
        IssueToken(token_id="t-1", role="courier", label="Mesin"),
        RevokeToken(token_id="t-1", reason="hilang"),
    )
    assert _code(office.ask(revoke)) == _code(office.ask(RenewToken(token_id="t-1"))) == "token-unknown"
    office.ask(issue)
    assert _code(office.ask(issue)) == "token-known", "no second secret under a name"
    assert _code(office.ask(issue.model_copy(update={"role": "admin"}))) == "token-known"
    office.ask(RenewToken(token_id="t-1"))
    office.ask(revoke)
    assert office.ask(revoke) == Accept()
    assert _code(office.ask(issue)) == "token-known"
    assert _code(office.ask(RenewToken(token_id="t-1"))) == "token-revoked"
    assert [type(event).__name__ for event in office.told] == ["TokenIssued", "TokenRenewed", "TokenRevoked"]
    assert {event.by.person_id for event in office.told} == {"admin"}


def test_a_published_version_never_changes_under_its_number() -> None:
    office = _described()
    office.ask(_version(1, "2022-03-01"))
    assert office.ask(_version(1, "2022-03-01")) == Accept()
    longer = {**_standard().rules, "deadline": {"working_days": 2}}
    assert _code(office.ask(_version(1, "2022-03-01", rules=longer))) == "version-published"
    assert _code(office.ask(_version(1, "2022-03-02"))) == "version-published"
    assert len(office.told) == 1


def test_versions_follow_each_other_in_number_and_time() -> None:
    office = _described()
    office.ask(_version(2, "2026-01-01"))
    assert _code(office.ask(_version(1, "2022-03-01"))) == "version-outdated"
    assert _code(office.ask(_version(3, "2026-01-01"))) == "versions-overlap"
    assert isinstance(office.ask(_version(3, "2026-07-01")), Accept)


def test_a_new_decree_on_holidays_is_told_again_under_the_newest_version() -> None:
    office = _described()
    office.ask(_version(1, "2022-03-01"))
    moved = {**_standard().rules, "holidays": ["2026-03-20"], "decreed_years": [2026]}
    office.ask(_version(1, "2022-03-01", rules=moved), IMPORTER)
    office.ask(_version(1, "2022-03-01", rules=moved), IMPORTER)
    assert [len(event.rules["holidays"]) for event in office.told] == [25, 1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"components": {"fee": {"text": "Gratis"}}}, "component-missing"),
        ({"valid_from": "besok"}, "date-unreadable"),
        ({"rules": {**_standard().rules, "hours": BACKWARDS}}, "rules-unsound"),
        ({"rules": {**_standard().rules, "tiers": [{"position": "kasi", "title": "Kasi"}]}}, "rules-unsound"),
        ({"rules": {**_standard().rules, "deadline": {"hari": 1}}}, "rules-unsound"),
        ({"rules": {**_standard().rules, "deadline": None}}, "rules-unsound"),
        ({"rules": {}}, "rules-unsound"),
    ],
)
def test_an_unsound_standard_is_refused_and_the_old_one_runs_on(change: dict[str, Any], code: str) -> None:
    office = _described()
    office.ask(_version(1, "2022-03-01"))
    assert _code(office.ask(_version(2, "2026-07-01").model_copy(update=change))) == code
    assert len(office.told) == 1


def test_the_archive_itself_cannot_be_erased() -> None:
    assert _code(Office().ask(EraseSubject(subject_id="agency", reason="coba"))) == "subject-kept"


def test_an_erased_subject_is_told_once_and_again_only_for_later_keys() -> None:
    office = Office()
    erase = EraseSubject(subject_id="pelapor-1", reason="permintaan", key_ids=("k1",))
    office.ask(erase)
    assert office.ask(erase) == Accept()
    office.ask(erase.model_copy(update={"key_ids": ("k1", "k2")}))
    assert [event.key_ids for event in office.told] == [("k1",), ("k1", "k2")]


@pytest.mark.parametrize(
    ("actor", "subject", "destroyed"),
    [
        (ADMIN, "pelapor-1", ["pelapor-1"]),
        (ADMIN, "agency", []),
        (Actor(id="x", roles=("operator",)), "pelapor-1", []),
    ],
)
async def test_the_key_goes_first_but_only_for_who_may_ask(actor: Actor, subject: str, destroyed: list[str]) -> None:
    gone: list[str] = []

    async def destroy(_agency: str, subject_id: str) -> tuple[str, ...]:
        gone.append(subject_id)
        return ("k1",)

    async def nowhere(_agency: str, _person_id: str) -> tuple[str, ...]:
        return ()

    command = EraseSubject(subject_id=subject, reason="permintaan", key_ids=("a-client-says",))
    ask = Ask(
        command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=actor, asked_at=NOW,
        correlation_id=uuid4(), body=command.model_dump(mode="json"),
    )  # fmt: skip
    barring = barred(EraseSubject, COMMANDS[EraseSubject].askers, actor)  # as the kit does it
    answer = barring or await before(destroy, propose, nowhere, {})[EraseSubject](ask)
    assert gone == destroyed
    assert isinstance(answer, Refusal) is not bool(destroyed)
    if isinstance(answer, Ask):
        assert answer.body["key_ids"] == ["k1"], "what a client says about keys is not believed"


def test_who_has_left_has_nothing_any_more_and_comes_back_as_somebody_new() -> None:
    office = _office("budi", "admin")
    left = EndAccess(person_id="budi", reason="pindah ke dinas lain")
    assert isinstance(office.ask(left), Accept)
    person = office.load("person:budi")
    assert (person.roles, person.gone, person.ended_at, person.absent("2026-07-06")) == ((), True, NOW, True)
    told = len(office.told)
    assert isinstance(office.ask(left), Accept)  # a second time: nothing
    assert len(office.told) == told
    assert _code(office.ask(IssueFirstPassword(person_id="budi"))) == "person-gone"
    assert _code(office.ask(EndAccess(person_id="admin", reason="coba"))) == "own-access"
    assert _code(office.ask(EndAccess(person_id="siapa", reason="coba"))) == "person-unknown"
    assert isinstance(office.ask(AddUser(person_id="budi", name="Budi", roles=("courier",)), IMPORTER), Accept)
    back = office.load("person:budi")
    assert (back.roles, back.gone, back.ended_at) == (("courier",), False, NOW)
