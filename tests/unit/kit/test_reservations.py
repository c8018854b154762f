"""Names that are held and given back, by a service made for this test: addresses of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from contracts import reservations as fields
from contracts.base import Command, Event, Refusal
from services.kit.deciding import Accept, Decision, Given, Handles, StreamKind
from services.kit.lookalikes import skeleton
from services.kit.policy import Refusals, roles
from services.kit.reservations import FREE, Bound, Free, Quarantined, ReservationFacts, Reservations, Reserved
from tests.unit.given_when_then import SERVICE, Desk, Tables

NAME = "test_reservations"
BUDI = "budi@purbalingga.example"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
Deed = Literal["reserve", "bind", "release", "quarantine"]


class AddressReserved(fields.HeldFields, Event): ...


class AddressBound(fields.HeldFields, Event): ...


class AddressReleased(fields.HeldFields, Event): ...


class AddressQuarantined(fields.QuarantinedFields, Event): ...


class AddressFreed(fields.FreedFields, Event): ...


class FreeAddress(fields.FreedFields, Command): ...


class Approve(Command):
    """Takes the address, and its skeleton so that nobody else gets one that looks like it."""

    request: str
    address: str
    deed: Deed = "reserve"
    until: datetime | None = None


FACTS = ReservationFacts(AddressReserved, AddressBound, AddressReleased, AddressQuarantined, AddressFreed, FreeAddress)
REFUSE = Refusals(NAME, {"address-taken": 409, "address-alike": 409})
ADDRESSES = Reservations("address", FACTS, REFUSE, "address-taken")
SKELETONS = Reservations("skeleton", FACTS, REFUSE, "address-alike")


def _approve(command: Approve, _state: Any, given: Given) -> Decision:
    facts: tuple[tuple[str, Event], ...] = ()
    for names, key in ((ADDRESSES, command.address), (SKELETONS, skeleton(command.address))):
        match command.deed:
            case "reserve" | "bind":
                stated = getattr(names, command.deed)(key, command.request, given)
            case "release":
                stated = names.release(key, command.request, given)
            case "quarantine":
                stated = names.quarantine(key, command.request, command.until, given)
        if isinstance(stated, Refusal):
            return stated
        facts += stated
    return Accept(facts)


ALL = (AddressReserved, AddressBound, AddressReleased, AddressQuarantined, AddressFreed)
TABLES = Tables(
    NAME,
    {
        Approve: Handles(
            lambda command, _g: f"request:{command.request}", _approve, facts=ALL, askers=roles("service")
        ),
        FreeAddress: Handles(
            lambda command, _g: ADDRESSES.stream(command.key), ADDRESSES.free, facts=ALL, askers=roles("service")
        ),
    },
    {
        "request": StreamKind(None, lambda state, _event: state),
        "address": StreamKind(FREE, ADDRESSES.evolve, timers=ADDRESSES.timers),
        "skeleton": StreamKind(FREE, SKELETONS.evolve, timers=SKELETONS.timers),
    },
    {},
)


@pytest.fixture
def desk() -> Desk:
    return Desk("purbalingga", (TABLES,), now=NOW)


def ask(desk: Desk, request: str, deed: Deed = "reserve", address: str = BUDI, until: datetime | None = None) -> Desk:
    return desk.when(Approve(request=request, address=address, deed=deed, until=until), SERVICE)


def held(desk: Desk, key: str = BUDI) -> object:
    return desk._states.get((NAME, f"address:{key}"), FREE)


def test_two_streams_are_taken_in_one_commit_and_the_second_asker_is_refused(desk: Desk) -> None:
    ask(desk, "1").then(AddressReserved, AddressReserved)
    assert held(desk) == Reserved("1")
    ask(desk, "2").refused(f"{NAME}.address-taken")
    assert isinstance(desk.decision, Refusal)
    assert desk.decision.detail == {"key": BUDI, "state": "reserved"}


def test_asked_again_by_its_owner_it_is_his_already(desk: Desk) -> None:
    ask(desk, "1").then(AddressReserved, AddressReserved)
    ask(desk, "1").then()
    ask(desk, "1", "bind").then(AddressBound, AddressBound)
    ask(desk, "1", "bind").then()
    ask(desk, "1").then()
    assert held(desk) == Bound("1")


def test_what_exists_already_is_bound_without_being_reserved(desk: Desk) -> None:
    ask(desk, "1", "bind").then(AddressBound, AddressBound)
    ask(desk, "2", "bind").refused(f"{NAME}.address-taken")


def test_a_rejected_request_gives_its_address_back_and_another_may_have_it(desk: Desk) -> None:
    ask(ask(desk, "1"), "1", "release").then(AddressReleased, AddressReleased)
    assert held(desk) == FREE
    ask(desk, "2").then(AddressReserved, AddressReserved)


def test_who_does_not_hold_it_gives_nothing_back(desk: Desk) -> None:
    """A compensation that comes late, or twice, must not take a name from who has it now."""
    ask(desk, "1", "release").then()
    ask(desk, "2")
    ask(desk, "1", "release").then()
    ask(desk, "1", "quarantine").then()
    assert held(desk) == Reserved("2")


def test_a_quarantine_holds_everybody_off_until_its_moment_and_a_timer_ends_it(desk: Desk) -> None:
    ends = NOW + timedelta(days=90)
    ask(ask(desk, "1", "bind"), "1", "quarantine", until=ends).then(AddressQuarantined, AddressQuarantined)
    assert held(desk) == Quarantined("1", ends)
    ask(desk, "1").refused(f"{NAME}.address-taken")
    (timer,) = ADDRESSES.timers(f"address:{BUDI}", Quarantined("1", ends))
    assert (timer.due_at, timer.command) == (ends, FreeAddress(key=BUDI))
    desk.when(timer.command, SERVICE).then()
    desk.now = ends
    desk.when(timer.command, SERVICE).then(AddressFreed).when(timer.command, SERVICE).then()
    assert held(desk) == FREE
    assert ADDRESSES.timers(f"address:{BUDI}", FREE) == ()


def test_a_quarantine_that_is_over_holds_nobody_off_although_its_timer_is_late(desk: Desk) -> None:
    ask(ask(desk, "1", "bind"), "1", "quarantine", until=NOW + timedelta(days=1))
    ask(desk.later(days=2), "2").then(AddressReserved, AddressReserved)
    desk.when(FreeAddress(key=BUDI), SERVICE).then()
    assert held(desk) == Reserved("2")


def test_a_quarantine_for_ever_has_no_timer_and_no_end(desk: Desk) -> None:
    ask(ask(desk, "1", "bind"), "1", "quarantine").then(AddressQuarantined, AddressQuarantined)
    assert ADDRESSES.timers(f"address:{BUDI}", Quarantined("1", None)) == ()
    ask(desk.later(days=20_000), "2").refused(f"{NAME}.address-taken")
    desk.when(FreeAddress(key=BUDI), SERVICE).then()


def test_an_address_that_looks_like_another_is_refused_until_that_is_given_back(desk: Desk) -> None:
    ask(desk, "1", address="budi0@purbalingga.example")
    ask(desk, "2", address="budio@purbalingga.example").refused(f"{NAME}.address-alike")
    ask(desk, "1", "release", address="budi0@purbalingga.example")
    ask(desk, "2", address="budio@purbalingga.example").then(AddressReserved, AddressReserved)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("budi0", "budio"), ("admin1", "adminl"), ("rnaria", "maria"), ("аdmin", "admin"), ("ｂｕｄｉ", "budi"),
        ("BUDI", "budi"), ("bu\u200bdi", "budi"), ("𝐛udi", "budi"), ("e\u0301va", "\u00e9va"), ("ﬁrman", "firman"),
    ],
)  # fmt: skip
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("budi", "badi"), ("sri.w", "sri.v"), ("dewi1", "dewi2"), ("éva", "eva")])
def test_names_that_do_not_look_alike_have_two(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_a_skeleton_is_its_own_skeleton() -> None:
    for text in ("maria0", "Іван", "ﬁrman", "𝓫udi|1l", "", "صالح"):
        assert skeleton(skeleton(text)) == skeleton(text)


def test_what_is_free_stays_free_of_facts_that_say_nothing_to_it() -> None:
    assert ADDRESSES.evolve(Free(), fields_of_another()) == FREE


def fields_of_another() -> Event:
    class SomethingElse(Event):
        key: str = BUDI

    return SomethingElse()
