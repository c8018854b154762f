"""What is told of a request to who handles it, and to nobody else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.account_provisioning import RequestSheet, RequestSheetAnswer, SupplementRequest
from contracts.base import ERASED, NOBODY, Reader, Recorded, Refusal, Sealed
from services.account_provisioning.ports import Away
from services.account_provisioning.views.sheets import sheets
from tests.unit.account_provisioning import desk as counter
from tests.unit.account_provisioning.desk import CLERK, DOMAIN, SITI, form, request_id
from tests.unit.given_when_then import Desk

COUNTER = Reader(person_id="loket", roles=("operator",))
REVIEWER = Reader(person_id="galih", positions=("staf-informatika-1",), roles=("kasi",))


def plain(sealed: Sealed) -> str:
    return sealed.plain


def leads_nowhere(_agency: str, _connector: str, _address: str) -> tuple[str, ...]:
    return ()


async def sheet(
    desk: Desk,
    reader: Reader = COUNTER,
    which: UUID | None = None,
    opened: Any = plain,
    leading: Any = leads_nowhere,
) -> Any:
    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    asked = RequestSheet(request_id=which or request_id(), reader=reader)
    return await sheets(history, opened, leading)[RequestSheet]("purbalingga", asked)


@pytest.mark.parametrize("reader", [COUNTER, REVIEWER], ids=["counter", "reviewer"])
async def test_who_handles_it_reads_number_contact_and_wishes(reader: Reader) -> None:
    found = await sheet(counter.reviewed(wanted=form(wishes=("siti.mawar", "siti"))), reader)
    assert isinstance(found, RequestSheetAnswer)
    assert (found.nip, found.contact, found.letter_number) == (SITI.nip, SITI.contact, "800/123")
    assert found.wishes == ("siti.mawar", "siti")
    assert [(each.address, each.state) for each in found.proposals] == [
        (f"siti.nuraini@{DOMAIN}", "free"), (f"siti.nuraini2@{DOMAIN}", "free"), (f"siti.nuraini3@{DOMAIN}", "free"),
    ]  # fmt: skip
    assert ([each.reason for each in found.reject], [each.reason for each in found.pauses]) == (
        ["bukan-pns"],
        ["menunggu-pemohon"],
    )


@pytest.mark.parametrize(
    "reader",
    [
        NOBODY,
        Reader(person_id="kadis", positions=("kadis",), roles=("kadis",)),
        Reader(person_id="pengawas", roles=("inspector",)),
        Reader(person_id="admin", roles=("admin",)),
        Reader(person_id="x", positions=("staf-lain",), roles=("courier", "leader")),
    ],
    ids=lambda each: each.person_id or "nobody",
)
async def test_nobody_else_does(reader: Reader) -> None:
    found = await sheet(counter.reviewed(), reader)
    assert isinstance(found, Refusal)
    assert found.code == "account_provisioning.not-the-reviewer"
    assert SITI.nip not in found.model_dump_json()


async def test_an_unknown_request_has_no_sheet() -> None:
    found = await sheet(counter.counter(), which=uuid4())
    assert found.code == "account_provisioning.unknown-request"


async def test_a_taken_address_and_one_that_looks_like_it_are_said_to_be() -> None:
    desk = counter.provisioning()
    alike = SITI.model_copy(update={"name": "Siti Nura'ini", "nip": "198504102010012001"})
    counter.file(desk, 2, form(alike))
    found = await sheet(desk, which=request_id(2))
    assert [each.state for each in found.proposals] == ["taken", "free", "free", "free"]
    imitating = SITI.model_copy(update={"name": "Sitin Uraini", "nip": "198504102010012001"})
    desk = counter.provisioning()
    counter.file(desk, 2, form(imitating))
    assert [each.state for each in (await sheet(desk, which=request_id(2))).proposals][:1] == ["alike"]


async def test_what_was_supplemented_stands_above_what_was_filed_and_words_stand_by_their_fact() -> None:
    desk = counter.asked()
    more = SupplementRequest(request_id=request_id(), contact="0899", note="Ini nomor saya")
    found = await sheet(desk.when(more, CLERK))
    assert (found.contact, found.letter_number) == ("0899", "800/123")
    assert sorted(found.words.values()) == ["Ini nomor saya", "NIP?"]
    assert set(found.words) <= {str(each.event_id) for each in desk.log}


async def test_what_is_decided_asks_for_no_address() -> None:
    for desk in (counter.provisioning(), counter.rejected(), counter.withdrawn()):
        assert (await sheet(desk)).proposals == ()


async def test_an_erased_applicant_reads_as_erased() -> None:
    found = await sheet(counter.reviewed(), opened=lambda _: ERASED)
    assert (found.nip, found.contact) == (ERASED, ERASED)
    assert found.proposals == ()


async def test_who_decides_sees_what_leads_to_an_account_that_is_to_end() -> None:
    asked: list[tuple[str, ...]] = []

    def leading(*where: str) -> tuple[str, ...]:
        asked.append(where)
        return ("forward", "group")

    def away(*_: str) -> tuple[str, ...]:
        raise Away("away")

    for number, kind in ((2, "suspend"), (3, "close")):
        desk = counter.file(counter.received(), number, counter.about(kind))
        found = await sheet(desk, REVIEWER, request_id(number), leading=leading)
        assert found.leads == ("forward", "group")
        assert (await sheet(desk, REVIEWER, request_id(number), leading=away)).leads is None
        desk.when(counter.approval(number), counter.STAFF)
        assert (await sheet(desk, REVIEWER, request_id(number), leading=leading)).leads is None, "it is no question now"
    assert asked == [("purbalingga", "ldap", f"siti.nuraini@{DOMAIN}")] * 2
    assert (await sheet(counter.reviewed(), leading=leading)).leads is None
