"""Whoever has no account asks for one by a form, sees how far it is by number and code, and adds to his own alone."""

from collections.abc import Sequence
from typing import Any

import pytest
from starlette.datastructures import FormData

from contracts.account_provisioning import (
    ConfirmReceipt,
    EndHandOver,
    FileRequest,
    LetterbookNumberTaken,
    RecordSecretSet,
    RequestApproved,
    RequestCompleted,
    RequestFiled,
    RequestNotified,
    RequestSupplemented,
    RequestWithdrawn,
    SupplementRequest,
    TrackRequest,
    WithdrawRequest,
)
from contracts.base import Actor, Recorded, Sealed
from contracts.organisation import StandardRow
from contracts.tracking import Tracked
from contracts.words import PUBLIC
from gateway.web.public.accounts import ACCOUNTS
from gateway.web.public.complaints import COMPLAINTS
from gateway.web.public.kinds import kind_of, read_number
from gateway.web.public.served import KINDS
from services.account_provisioning.views.tracking import tracking
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import CLERK, LETTER, REJECT, STAFF, counter, form, key, request_id
from tests.unit.given_when_then import Desk

STRANGER = Actor(id=PUBLIC, roles=(PUBLIC,))
MAC, OTHER = "ab" * 32, "cd" * 32


def filed(**changes: Any) -> Desk:
    return counter().when(form(channel="web", code_mac=MAC, **changes), STRANGER, command_id=key())


async def track(desk: Desk, code_mac: str = MAC, number: str = "0001/2026") -> Tracked | None:
    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    def opened(sealed: Sealed) -> str:
        return sealed.plain

    asked = TrackRequest(number=number, code_mac=code_mac)
    found: Any = await tracking(history, opened)[TrackRequest]("purbalingga", asked)
    return found.case


def test_a_stranger_gets_a_number_and_leaves_no_officers_name() -> None:
    desk = filed()
    assert desk.decision.result["number"] == "0001/2026"  # type: ignore[union-attr]
    assert "request_id" not in desk.decision.result  # type: ignore[union-attr]
    assert (desk.fact(RequestFiled).by, desk.fact(RequestFiled).code_mac) == (None, MAC)
    assert desk.fact(RequestFiled).channel == "web"


def test_who_stands_at_the_counter_gets_a_code_too_and_the_officer_what_his_strip_says() -> None:
    desk = counter().when(form(letter=None, code_mac=MAC), CLERK, command_id=key())
    filed_by = desk.fact(RequestFiled).by
    assert (desk.fact(RequestFiled).code_mac, filed_by.person_id if filed_by else "") == (MAC, CLERK.id)
    told = desk.decision.result  # type: ignore[union-attr]
    assert told == {
        "request_id": str(request_id()),
        "number": "0001/2026",
        "missing": ["letter"],
        "filed_at": desk.log[-1].at.isoformat(),
    }
    desk.when(SupplementRequest(request_id=request_id(), letter=LETTER, code_mac=OTHER), STRANGER)
    desk.refused("account_provisioning.wrong-code")
    desk.when(SupplementRequest(request_id=request_id(), letter=LETTER, code_mac=MAC), STRANGER)
    desk.then(RequestSupplemented, RequestCompleted)


@pytest.mark.parametrize("mac", [OTHER, None, "00" * 32])
def test_without_its_code_nothing_is_added_to_a_request(mac: str | None) -> None:
    for desk in (filed(letter=None), counters.file(counter(), 1, form(letter=None))):
        before = len(desk.log)
        for command in (
            SupplementRequest(request_id=request_id(), letter=LETTER, code_mac=mac),
            WithdrawRequest(request_id=request_id(), reason="x", code_mac=mac),
        ):
            desk.when(command, STRANGER).refused("account_provisioning.wrong-code")
        assert len(desk.log) == before


def test_with_it_he_completes_and_withdraws() -> None:
    desk = filed(letter=None)
    desk.when(SupplementRequest(request_id=request_id(), letter=LETTER, code_mac=MAC), STRANGER)
    desk.then(RequestSupplemented, RequestCompleted)
    desk.when(WithdrawRequest(request_id=request_id(), reason="Tidak jadi", code_mac=MAC), STRANGER)
    desk.then(RequestWithdrawn)


def test_a_stranger_decides_nothing() -> None:
    filed().when(REJECT, STRANGER).refused("account_provisioning.not-the-reviewer")
    filed().when(counters.TELL, STRANGER).refused("account_provisioning.not-permitted")
    filed().when(counters.CONFIRM, STRANGER).refused("account_provisioning.not-permitted")


async def test_he_sees_how_far_it_is_and_nobody_else_does() -> None:
    desk = filed()
    found = await track(desk)
    assert found is not None
    assert (found.stage, found.replies, found.paused) == ("reviewed", ("withdraw",), False)
    assert found.due_at == desk.fact(RequestCompleted).due_at
    assert await track(desk, OTHER) is None
    assert await track(desk, number="0002/2026") is None
    entered = await track(counter().when(form(code_mac=MAC), CLERK, command_id=key()))
    assert entered is not None, "what was entered at the counter is looked up with the strip"
    assert await track(counters.reviewed(), MAC) is None, "one that was entered before there were strips"


@pytest.mark.parametrize(
    ("steps", "stage", "replies", "reached"),
    [
        ([], "reviewed", ("withdraw",), 2),
        ([(counters.approval(), STAFF)], "making", (), 3),
        ([(counters.approval(), STAFF), (counters.done(), None)], "ready", (), 3),
        ([(counters.approval(), STAFF), (counters.done(), None), (counters.TELL, CLERK)], "sent", (), 3),
        ([(REJECT, STAFF)], "refused", (), 2),
        ([(counters.WITHDRAW, CLERK)], "withdrawn", (), 2),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_the_stages_in_his_words_and_when_each_was_reached(
    steps: list[Any], stage: str, replies: tuple[str, ...], reached: int
) -> None:
    desk = filed()
    for command, actor in steps:
        desk = desk.when(command, actor) if actor else desk.when(command)
    found = await track(desk)
    assert found is not None
    assert (found.stage, found.replies) == (stage, replies)
    at = {type(each.event): each.at for each in reversed(desk.log)}
    road = (("filed", RequestFiled), ("reviewed", RequestCompleted), ("making", RequestApproved))
    told = [(step, at[fact]) for step, fact in (*road, ("done", RequestNotified))[:reached]]
    assert [(each.step, each.at) for each in found.steps] == told
    assert found.note == ("Bukan PNS Pemkab Purbalingga\nMaaf" if stage == "refused" else "")


async def test_a_link_that_was_sent_is_not_one_that_was_opened_and_done_is_whose_secret_is_set() -> None:
    desk = filed().when(counters.approval(), STAFF).when(counters.done()).when(counters.TELL, CLERK)
    ends = desk.fact(RequestNotified).hand_over_ends
    assert ends is not None
    seen = [await track(desk)]
    seen.append(await track(counters.begun(desk)))
    late = filed().when(counters.approval(), STAFF).when(counters.done()).when(counters.TELL, CLERK)
    late.now = ends
    seen.append(await track(late.when(EndHandOver(request_id=request_id(), generation=1))))
    desk.when(RecordSecretSet(request_id=request_id(), generation=1, opening=counters.OPENING))
    seen.append(await track(desk))
    told = [(each.stage, each.replies, each.steps[-1].step) for each in seen if each]
    assert told == [
        ("sent", (), "making"), ("opened", (), "making"), ("lapsed", (), "making"), ("done", ("receive",), "done"),
    ]  # fmt: skip
    kind = {each.stage for each in seen if each}
    assert kind <= set(ACCOUNTS.stages)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [("{number:03d}/{year}", "001/2026"), ("{number}/SE/{year}", "1/SE/2026"), ("No. {number} (é)", "NO.1")],
)
async def test_a_number_is_found_as_the_standard_writes_it(pattern: str, number: str) -> None:
    rules = {**counters.RULES, "accounts": {**counters.RULES["accounts"], "number": pattern}}
    desk = counter(rules).when(form(channel="web", code_mac=MAC), STRANGER, command_id=key())
    typed = read_number(f" {number.lower()} ")
    assert kind_of(KINDS, typed) is ACCOUNTS
    found = await track(desk, number=typed)
    assert found is not None
    assert found.number == pattern.format(number=1, year=2026)


def test_a_number_of_another_kind_stays_with_its_kind_and_nonsense_is_nobodys() -> None:
    assert kind_of(KINDS, read_number("adu-7k3qm-9xtb2")) is COMPLAINTS
    assert [kind_of(KINDS, read_number(each)) for each in ("", " ", "abc", "/", "1" * 101)] == [None] * 5


def test_the_public_form_offers_what_the_standard_serves_and_promises_what_it_says() -> None:
    rules = {"deadline": {"working_days": 2}, "accounts": {"kinds": ["create", "reset"], "holders": ["pppk", "unit"]}}
    row = StandardRow(standard=counters.STANDARD, name="Surel", valid_from="2022-01-01", components={}, rules=rules)
    form_here = ACCOUNTS.here([row]).form
    offers = {each.name: [choice.value for choice in each.choices] for each in form_here.asked if each.choices}
    assert (offers["jenis"], offers["pemilik"]) == (["create", "reset"], ["pppk", "unit"])
    assert form_here.limit == {"working_days": 2}
    said = {"jenis": "close", "pemilik": "pns"}
    assert {"jenis", "pemilik"} <= set(form_here.read(FormData(said))[1])


def test_he_says_himself_that_he_has_it() -> None:
    desk = filed().when(counters.approval(), STAFF).when(counters.done()).when(counters.TELL, CLERK)
    counters.with_secret(desk)
    desk.when(ConfirmReceipt(request_id=request_id(), code_mac=OTHER), STRANGER)
    desk.refused("account_provisioning.wrong-code")
    desk.when(ConfirmReceipt(request_id=request_id(), code_mac=MAC), STRANGER)
    assert not hasattr(desk.decision, "code")


def test_the_numbers_of_strangers_and_of_the_counter_are_one_row() -> None:
    desk = filed()
    other = counters.SITI.model_copy(update={"nip": "198501012010011001"})
    desk.when(form(other), CLERK, command_id=key(2))
    taken = [each.event.number for each in desk.log if isinstance(each.event, LetterbookNumberTaken)]
    assert taken == [1, 2]
    assert FileRequest.filled == {"subject_id", "code_mac"}
