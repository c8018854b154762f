"""Whatever happens, in whatever order: no address has two accounts, and none is burnt by what came to nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.account_provisioning import (
    AddressBound,
    AddressQuarantined,
    AddressReleased,
    AddressReserved,
    Applicant,
    RecordNotice,
    RequestApproved,
    RetryProvisioning,
    WithdrawRequest,
)
from services.account_provisioning.domain.state import Account
from services.account_provisioning.policy import addresses
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import CLERK, STAFF, account_id, approval, counter, done, file, form, not_done
from tests.unit.given_when_then import SERVICE, Desk

NAMES = ("Budi Santoso", "Budi. Santoso", "Siti Aminah", "Siti", "Rina Harum", "Rina Harurn", "Al Fatih", "A1 Fatih")
PEOPLE = st.integers(1, 5)
FIRST = 10
"""Requests above it are for an additional address of the account that is so far below them."""
WORDS = ("file", "approve", "done", "fail", "retry", "abandon", "undo", "withdraw", "tell")
STEPS = st.lists(st.tuples(st.sampled_from(WORDS), PEOPLE, st.sampled_from(NAMES)), max_size=60)
LATER = st.lists(
    st.tuples(st.sampled_from((*WORDS, *WORDS[:3], "close")), st.integers(11, 13), st.sampled_from(NAMES)),
    min_size=40, max_size=80,
)  # fmt: skip


def step(desk: Desk, word: str, number: int, name: str) -> None:
    person = Applicant(name=name, unit="Dinas Kesehatan", contact="0812")
    which, account = counters.request_id(number), account_id(number % 10)
    address = desk._states.get(("account_provisioning", f"account:{account}"), Account()).address
    wished = f"{'.'.join(addresses.words_of(name))}@{counters.DOMAIN}"
    attempt = {"attempt": 1 + sum(each.event.kind().endswith(("Retried.v1", "Abandoned.v1")) and
                                  each.event.request_id == which for each in desk.log)}  # type: ignore[attr-defined]  # fmt: skip
    deeds: dict[str, Any] = {
        "approve": (approval(number, person, wished=wished, reason="Diminta" if number > FIRST else ""), STAFF),
        "done": (done(number, marker=account, **attempt), SERVICE),
        "fail": (not_done(**attempt).model_copy(update={"request_id": which}), SERVICE),  # type: ignore[arg-type]
        "retry": (RetryProvisioning(request_id=which), CLERK),
        "abandon": (counters.ABANDON.model_copy(update={"request_id": which}), CLERK),
        "undo": (counters.UNDONE.model_copy(update={"request_id": which, **attempt}), SERVICE),
        "withdraw": (WithdrawRequest(request_id=which, reason="Batal"), CLERK),
        "tell": (RecordNotice(request_id=which, how="phone"), CLERK),
    }
    if word == "file" and number > FIRST:
        file(desk, number, form(person, holder="unit", subject_id="", request_kind="change", address=address or wished,
                                alias=wished))  # fmt: skip
    elif word == "close":
        file(desk, number, form(person, holder="unit", subject_id="", request_kind="close",
                                     address=address or wished))  # fmt: skip
    elif word == "file":
        file(desk, number, form(person, holder="unit", subject_id=""))
    else:
        desk.when(*deeds[word])


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_an_address_has_one_account_and_comes_back_when_nothing_came_of_it(steps: list[tuple[str, int, str]]) -> None:
    desk = counter()
    for each in steps:
        step(desk, *each)
    one_holder_each(desk)


@settings(max_examples=60, deadline=None)
@given(LATER)
def test_an_additional_address_is_held_in_the_same_way(steps: list[tuple[str, int, str]]) -> None:
    desk = counter()
    for number, name in ((1, NAMES[0]), (2, NAMES[2]), (3, NAMES[4])):
        for word in ("file", "approve", "done", "tell"):
            step(desk, word, number, name)
    for each in steps:
        step(desk, *each)
    one_holder_each(desk)


def one_holder_each(desk: Desk) -> None:
    holder: dict[str, Any] = {}
    looks: dict[str, str] = {}
    also: set[str] = set()
    for recorded in desk.log:
        match recorded.event:
            case AddressReserved() as fact:
                assert fact.key not in holder, "it has somebody"
                form_of = addresses.form_of(fact.key)
                alike = looks.setdefault(form_of, fact.key) != fact.key
                assert not alike or fact.owner in also, "it looks like somebody's, and nobody gave a reason"
                holder[fact.key] = fact.owner
            case AddressBound() as fact:
                assert holder[fact.key] == fact.owner
            case AddressReleased() as fact:
                assert holder.pop(fact.key) == fact.owner
                looks.pop(addresses.form_of(fact.key), None)
            case AddressQuarantined() as fact:
                assert holder[fact.key] == fact.owner
            case RequestApproved(alias=str(given)) as fact if given:
                also.add(str(fact.account_id))
    for address, account in holder.items():
        assert desk._states["account_provisioning", f"address:{address}"].owner == account
