"""A contact is used once its owner has said the code that was sent there: few tries, a day, and never in the clear."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Actor, Ask, Command, Refusal, Sealed
from contracts.organisation import (
    AddUser,
    AskContactCode,
    ContactCodeIssued,
    ContactOf,
    ContactStated,
    StateContact,
    VerifyContact,
)
from contracts.organisation.contacts import ContactCodeFailed, ContactVerified, OwnContact
from services.kit.deciding import Accept, Decision, Given
from services.kit.secrets import sent_code
from services.organisation.adapters.contacts import before
from services.organisation.domain.contacts import CODE_LASTS
from services.organisation.domain.reach import MOST_CODES, MOST_TRIES
from services.organisation.handlers import COMMANDS, STREAMS
from services.organisation.views.contacts import contact_of, own
from services.organisation.views.directory import Directory, folded
from tests.unit.given_when_then import recorded_as

KEY = b"k" * 32
KASI, ADMIN = Actor(id="kasi", roles=("operator",)), Actor(id="admin", roles=("admin",))
STRANGER = Actor(id="kabid", roles=("operator",))


class Desk:
    """One person's stream, with what is done before a decision, and the directory behind it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
        self.state: Any = None
        self.directory = Directory()
        self.told: list[Any] = []
        self.plain: dict[str, str] = {}
        self.codes: list[UUID] = []
        self.do(AddUser(person_id="kasi", name="Nama"), Actor(id="x", roles=("system",)))
        self.told.clear()

    def do(self, command: Command, actor: Actor = KASI) -> Decision:
        ask = Ask(
            command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=actor, asked_at=self.now,
            correlation_id=uuid4(), body=command.model_dump(mode="json"),
        )  # fmt: skip
        if early := before(self._stated, self._key).get(type(command)):
            found = asyncio.run(early(ask))  # type: ignore[arg-type]  # a coroutine of ours
            if isinstance(found, Refusal):
                return found
            assert found is not None
            command = type(command).model_validate(found.body)
        if isinstance(command, StateContact):
            self.plain = {"email": command.email, "phone": command.phone}
        row = COMMANDS[type(command)]
        given = Given("pekalongan", actor, self.now, ask.command_id, None)  # type: ignore[arg-type]  # nothing is looked up
        decision = row.decision(command, self.state, given, STREAMS["person"])
        if isinstance(decision, Accept):
            for at, (stream, event) in enumerate(decision.events, len(self.told) + 1):
                self.told.append(event)
                self.state = STREAMS["person"].evolve(self.state, event)
                self.directory = folded(self.directory, [recorded_as(event, stream=stream, position=at)])
                if isinstance(event, ContactCodeIssued):
                    self.codes.append(ask.command_id)
        return decision

    def state_it(self, **said: str) -> Decision:
        return self.do(StateContact(person_id="kasi", **said))  # type: ignore[arg-type]

    def say(self, code: str, way: str = "email", actor: Actor = KASI) -> Decision:
        return self.do(VerifyContact(person_id="kasi", way=way, code=code), actor)  # type: ignore[arg-type]

    @property
    def code(self) -> str:
        """That was sent last."""
        return sent_code(KEY, "kasi", "email", str(self.codes[-1]))

    def used(self, **asked: Any) -> str:
        return contact_of(
            self.directory, lambda sealed: sealed.plain, "pekalongan", ContactOf(person_id="kasi", **asked), self.now
        ).email  # fmt: skip

    async def _stated(self, _agency: str, _person_id: str) -> dict[str, str]:
        return self.plain

    async def _key(self, _agency: str) -> bytes:
        return KEY


@pytest.fixture
def desk() -> Desk:
    return Desk()


def kinds(decision: Decision) -> list[type]:
    assert isinstance(decision, Accept), decision
    return [type(event) for _, event in decision.events]


def code(decision: Decision) -> str:
    assert isinstance(decision, Refusal), decision
    return decision.code


def test_what_was_stated_is_used_when_its_code_was_said_and_not_before(desk: Desk) -> None:
    assert kinds(desk.state_it(email="kasi@kota.example")) == [ContactStated, ContactCodeIssued]
    assert (desk.used(), desk.used(unverified=True)) == ("", "kasi@kota.example"), "for the code alone"
    shown = own(desk.directory, lambda sealed: sealed.plain, "pekalongan", OwnContact(person_id="kasi"), desk.now)
    assert (shown.email, shown.to_verify) == ("kasi@kota.example", ("email",))
    assert shown.codes["email"] == desk.now + CODE_LASTS
    assert kinds(desk.say(f" {desk.code.lower()} ")) == [ContactVerified]
    assert desk.used() == "kasi@kota.example"
    assert kinds(desk.say(desk.code)) == [], "a second time it is verified already"


def test_the_code_is_in_no_fact(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    desk.say("AAAA-AAAA")
    stored = "".join(event.model_dump_json() for event in desk.told)
    assert desk.code not in stored
    assert desk.code.replace("-", "") not in stored
    assert "AAAA" not in stored
    assert len(desk.code.replace("-", "")) == 8


def test_few_tries_and_then_the_right_code_is_none(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    for left in range(MOST_TRIES - 1, -1, -1):
        decision = desk.say("0000-0000")
        assert kinds(decision) == [ContactCodeFailed]
        assert isinstance(decision, Accept)
        assert decision.result == {"verified": False, "left": left}
    assert code(desk.say(desk.code)) == "organisation.no-code"
    assert kinds(desk.do(AskContactCode(person_id="kasi", way="email"))) == [ContactCodeIssued]
    assert kinds(desk.say(desk.code)) == [ContactVerified]


def test_a_code_ends_and_the_one_before_it_is_good_no_more(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    first = desk.code
    desk.do(AskContactCode(person_id="kasi", way="email"))
    assert kinds(desk.say(first)) == [ContactCodeFailed]
    desk.now += CODE_LASTS
    assert code(desk.say(desk.code)) == "organisation.no-code"


def test_nobody_is_sent_more_codes_than_a_few_a_day(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    for _ in range(MOST_CODES - 1):
        desk.do(AskContactCode(person_id="kasi", way="email"))
    assert code(desk.do(AskContactCode(person_id="kasi", way="email"))) == "organisation.codes-too-often"
    assert kinds(desk.state_it(email="lain@kota.example")) == [ContactStated], "stated, and nothing is sent there"
    desk.now += timedelta(days=1)
    assert kinds(desk.do(AskContactCode(person_id="kasi", way="email"))) == [ContactCodeIssued]


def test_what_is_the_same_stays_verified_and_what_changed_does_not(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    desk.say(desk.code)
    assert kinds(desk.state_it(email="kasi@kota.example", phone="0812 3456 7890")) == [ContactStated, ContactCodeIssued]
    assert desk.told[-1].way == "phone"
    assert desk.used() == "kasi@kota.example"
    desk.state_it(email="lain@kota.example")
    assert desk.used() == ""
    assert code(desk.say("K7QM-3XWD", "phone")) == "organisation.no-code"


def test_a_code_of_the_address_before_it_does_not_verify_another(desk: Desk) -> None:
    desk.state_it(email="kasi@kota.example")
    first = desk.code
    desk.state_it(email="orang-lain@kota.example")
    assert kinds(desk.say(first)) == [ContactCodeFailed]
    assert desk.used() == ""


def test_an_administrator_states_it_and_the_person_alone_says_the_code(desk: Desk) -> None:
    assert kinds(desk.do(StateContact(person_id="kasi", email="kasi@kota.example"), ADMIN)) == [
        ContactStated, ContactCodeIssued
    ]  # fmt: skip
    for actor in (ADMIN, STRANGER):
        assert code(desk.say(desk.code, actor=actor)) == "organisation.not-your-contact"
    assert code(desk.do(AskContactCode(person_id="kasi", way="email"), STRANGER)) == "organisation.not-your-contact"
    assert kinds(desk.say(desk.code)) == [ContactVerified]


def test_what_was_stated_before_there_were_codes_is_used_as_it_was(desk: Desk) -> None:
    address = Sealed.of("kasi@kota.example", "contact", "contact-kasi")
    old = ContactStated(person_id="kasi", subject_id="contact-kasi", email=address, phone=Sealed.of(""))
    desk.directory = folded(desk.directory, [recorded_as(old)])
    assert desk.used() == "kasi@kota.example"
    assert code(desk.do(AskContactCode(person_id="kasi", way="phone"))) == "organisation.way-not-stated"
