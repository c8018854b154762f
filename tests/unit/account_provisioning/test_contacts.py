"""Whose contact hears of a secret besides the newest: who could have been pushed out of his own account."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.account_provisioning import SupplementRequest
from contracts.base import ERASED, Recorded, Sealed
from services.account_provisioning.adapters.contacts import alike, former_of
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import CLERK, SITI, STAFF, about, approval, done, file, request_id
from tests.unit.given_when_then import Desk


async def former(desk: Desk, number: int = 1, opened: Any = lambda sealed: sealed.plain) -> Any:
    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    def text(sealed: Sealed) -> str:
        return str(opened(sealed)) if opened(sealed) is not ERASED else ERASED

    return await former_of(history, text)("purbalingga", request_id(number))


def reset(contact: str) -> Desk:
    """Siti's account has a secret; now a reset is asked for."""
    desk = counters.with_secret(counters.notified())
    file(desk, 2, about("reset", cause="forgotten", applicant=SITI.model_copy(update={"contact": contact})))
    return desk.when(approval(2), STAFF).when(done(2))


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("orang.lain@contoh.id", request_id(1)),
        ("0899 9999 9999", request_id(1)),
        ("", request_id(1)),
        ("+62 812-0000-1111", None),
        ("0812 0000 1111", None),
    ],
)
async def test_the_contact_on_file_hears_unless_it_is_the_same_one(contact: str, told: object) -> None:
    assert await former(reset(contact), 2) == told


async def test_the_first_contact_of_a_new_account_hears_where_the_request_named_another_later() -> None:
    assert await former(counters.notified()) is None
    desk = counters.asked()
    desk.when(SupplementRequest(request_id=request_id(), contact="orang.lain@contoh.id"), CLERK)
    assert await former(desk) == request_id()


async def test_who_was_erased_is_not_sought() -> None:
    assert await former(reset("orang.lain@contoh.id"), 2, lambda _sealed: ERASED) is None
    assert await former(counters.counter(), 9) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0812-0000", "+62 812 0000", True),
        ("Siti@Contoh.id ", "siti@contoh.id", True),
        ("di loket", "Di Loket", True),
        ("0812", "0813", False),
    ],
)
def test_spellings_of_one_contact(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a row of a table
    assert (alike(one) == alike(other)) is same
