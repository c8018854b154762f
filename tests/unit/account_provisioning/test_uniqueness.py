"""Whatever happens, in whatever order: no address has two accounts, and none is burnt by what came to nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.account_provisioning import (
    AddressBound,
    AddressReleased,
    AddressReserved,
    Applicant,
    RecordNotice,
    RetryProvisioning,
    WithdrawRequest,
)
from services.account_provisioning.policy import addresses
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import CLERK, STAFF, account_id, approval, counter, done, file, form, not_done
from tests.unit.given_when_then import SERVICE, Desk

NAMES = ("Budi Santoso", "Budi. Santoso", "Siti Aminah", "Siti", "Rina Harum", "Rina Harurn", "Al Fatih", "A1 Fatih")
PEOPLE = st.integers(1, 5)
STEPS = st.lists(
    st.tuples(st.sampled_from(("file", "approve", "done", "fail", "retry", "abandon", "undo", "withdraw", "tell")),
              PEOPLE, st.sampled_from(NAMES)),
    max_size=60,
)  # fmt: skip


def step(desk: Desk, word: str, number: int, name: str) -> None:
    person = Applicant(name=name, unit="Dinas Kesehatan", contact="0812")
    which = counters.request_id(number)
    attempt = {"attempt": 1 + sum(each.event.kind().endswith(("Retried.v1", "Abandoned.v1")) and
                                  each.event.request_id == which for each in desk.log)}  # type: ignore[attr-defined]  # fmt: skip
    deeds: dict[str, Any] = {
        "approve": (approval(number, person), STAFF),
        "done": (done(number, marker=account_id(number), **attempt), SERVICE),
        "fail": (not_done(**attempt).model_copy(update={"request_id": which}), SERVICE),  # type: ignore[arg-type]
        "retry": (RetryProvisioning(request_id=which), CLERK),
        "abandon": (counters.ABANDON.model_copy(update={"request_id": which}), CLERK),
        "undo": (counters.UNDONE.model_copy(update={"request_id": which, **attempt}), SERVICE),
        "withdraw": (WithdrawRequest(request_id=which, reason="Batal"), CLERK),
        "tell": (RecordNotice(request_id=which, how="phone"), CLERK),
    }
    if word == "file":
        file(desk, number, form(person, holder="unit", subject_id=""))
    else:
        desk.when(*deeds[word])


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_an_address_has_one_account_and_comes_back_when_nothing_came_of_it(steps: list[tuple[str, int, str]]) -> None:
    desk = counter()
    for each in steps:
        step(desk, *each)
    holder: dict[str, Any] = {}
    looks: dict[str, str] = {}
    for recorded in desk.log:
        match recorded.event:
            case AddressReserved() as fact:
                assert fact.key not in holder, "it has somebody"
                form_of = addresses.form_of(fact.key)
                assert looks.setdefault(form_of, fact.key) == fact.key, "it looks like somebody's"
                holder[fact.key] = fact.owner
            case AddressBound() as fact:
                assert holder[fact.key] == fact.owner
            case AddressReleased() as fact:
                assert holder.pop(fact.key) == fact.owner
                looks.pop(addresses.form_of(fact.key))
    for address, account in holder.items():
        assert desk._states["account_provisioning", f"address:{address}"].owner == account
