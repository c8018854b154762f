"""A change may ask for an additional address: held as every address is, given by who decides, gone with its account."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from contracts.account_provisioning import (
    AccountChanged,
    AccountClosed,
    AddressBound,
    AddressFreed,
    AddressQuarantined,
    AddressReleased,
    AddressReserved,
    Applicant,
    ApproveRequest,
    FreeAddress,
    ProvisioningProven,
    RequestApproved,
    RequestFiled,
    SkeletonFreed,
    SkeletonTaken,
)
from contracts.base import ERASED, Ask, Recorded, Refusal
from services.account_provisioning.adapters.completing import completing
from services.account_provisioning.adapters.holders import held
from services.account_provisioning.adapters.jobs import queues
from services.account_provisioning.adapters.passwd_file import PasswdFile
from services.account_provisioning.adapters.replies import aliased
from services.account_provisioning.domain.provisioning import jobs
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.ports import Directory, Refused
from services.account_provisioning.settings import AccountSettings, LdapRow, directories_of
from services.kit.service import WantedJob
from tests.unit.account_provisioning import desk as d
from tests.unit.account_provisioning.desk import CLERK, DOMAIN, STAFF, about, approval, done, file, form, request_id
from tests.unit.account_provisioning.test_sheet import sheet
from tests.unit.given_when_then import Desk

CODE = "account_provisioning."
OWN, NEW = f"siti.nuraini@{DOMAIN}", f"siti.aminah@{DOMAIN}"
AMINAH = d.SITI.model_copy(update={"name": "Siti Aminah"})
BUDI = Applicant(name="Budi Santoso", nip="198504102010012001", unit="Dinas Kesehatan", contact="0813")
REUSING = {**d.RULES, "accounts": {**d.RULES["accounts"], "reuse": True, "quarantine_days": 30}}


def renamed(alias: str = NEW, **changes: Any) -> Any:
    """She is called otherwise now, and wants to be reached under that too."""
    return about("change", applicant=AMINAH, alias=alias, **changes)


def agreed(number: int = 2, **changes: Any) -> ApproveRequest:
    """As the service completes it."""
    return approval(number, AMINAH, **{"wished": NEW, **changes})


def told(desk: Desk, number: int) -> Desk:
    return desk.when(d.TELL.model_copy(update={"request_id": request_id(number)}), CLERK)


def with_alias(desk: Desk | None = None) -> Desk:
    desk = file(desk or d.received(), 2, renamed()).when(agreed(), STAFF).when(done(2))
    return told(desk, 2)


def with_budi(desk: Desk) -> Desk:
    """Another account: it has number 3."""
    wanted = approval(3, BUDI)
    desk = file(desk, 3, form(BUDI)).when(wanted, STAFF)
    return told(desk.when(done(3, marker=d.account_id(3))), 3)


def budis(number: int, **changes: Any) -> Any:
    return form(BUDI, request_kind="change", address=f"budi.santoso@{DOMAIN}", **changes)


def reading(desk: Desk) -> Any:
    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    return history


async def payload(desk: Desk, number: int) -> Any:
    """What the worker of the job that waits now is given."""
    place = request_stream(request_id(number))
    (job,) = jobs(place, desk._states[d.ACCOUNTS.name, place])
    wanted = WantedJob(request_id(9), "purbalingga", place, job.name, job.queue, job.body, 0)
    return await queues(reading(desk), lambda sealed: sealed.plain, None)["ldap"].finish(wanted)  # type: ignore[arg-type]


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (about("suspend", alias=NEW), "alias-unasked"),
        (about("reset", cause="forgotten", alias_ends=NEW), "alias-unasked"),
        (form(BUDI, alias=NEW), "alias-unasked"),
        (renamed("siti.aminah"), "alias-pattern"),
        (renamed("siti.aminah@lain.go.id"), "alias-pattern"),
        (renamed(f"siti aminah@{DOMAIN}"), "alias-pattern"),
        (renamed(f"12345@{DOMAIN}"), "alias-pattern"),
        (renamed(f"bupati@{DOMAIN}"), "address-reserved"),
        (renamed(f"vvebmaster@{DOMAIN}"), "address-reserved"),
        (renamed(f" Siti.Nuraini@{DOMAIN.upper()} "), "alias-own"),
        (about("change", alias_ends=NEW), "alias-unknown"),
        (about("change", alias_ends=OWN), "alias-unknown"),
    ],
)
def test_what_cannot_be_one_is_refused_at_the_counter(wanted: Any, code: str) -> None:
    d.received().when(wanted, CLERK, command_id=d.key(2)).refused(CODE + code)


def test_whose_address_it_is_already_is_refused_before_anybody_reviews_it() -> None:
    desk = with_budi(with_alias())
    for number, taken in enumerate((OWN, NEW), 4):
        desk.when(budis(number, alias=taken), CLERK, command_id=d.key(number)).refused(CODE + "address-taken")


def test_the_wish_is_sealed_with_the_papers_until_somebody_agrees() -> None:
    desk = file(d.received(), 2, renamed(f" Siti.Aminah@{DOMAIN}"))
    fact = desk.fact(RequestFiled)
    assert fact.alias.subject_id == fact.papers_id
    desk.when(agreed(), STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)
    assert (desk.fact(RequestApproved).address, desk.fact(RequestApproved).alias) == (OWN, NEW)
    desk.when(agreed(), STAFF).then()
    desk.when(agreed(address=f"siti.lain@{DOMAIN}"), STAFF).refused(CODE + "already-decided")


async def test_a_directory_that_keeps_none_refuses_before_anybody_reviews_it(tmp_path: Any) -> None:
    desk, opened = d.received(), lambda sealed: sealed.plain

    def none(_agency: str, _connector: str) -> Directory:
        raise Refused("not-configured")

    def file_of(_agency: str, connector: str) -> Directory:
        assert connector == "ldap", "the one in which the account is"
        return PasswdFile(tmp_path / "users")

    async def before(command: Any, directory: Any) -> Any:
        made = completing(reading(desk), opened, lambda _: b"k" * 32, lambda _: b"k" * 32, None, directory)  # type: ignore[arg-type]
        ask = Ask(command_id=d.key(2), agency="purbalingga", kind=command.kind(), actor=CLERK, asked_at=desk.now,
                  correlation_id=d.key(2), body=command.model_dump(mode="json"))  # fmt: skip
        return await made[type(command)](ask)

    for directory in (file_of, none):
        no = await before(renamed(), directory)
        assert isinstance(no, Refusal)
        assert no.code == CODE + "alias-not-kept"
        assert isinstance(await before(about("change"), directory), Ask), "a change without one is nobody's trouble"
    nobodys = renamed().model_copy(update={"address": f"lain@{DOMAIN}"})
    stranger = await before(nobodys, file_of)
    assert isinstance(stranger, Ask), "of an account that is nobody's the decision speaks"


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_who_ask_for_one_at_once_the_first_who_is_agreed_to_has_it() -> None:
    desk = with_budi(d.received())
    file(desk, 2, renamed())
    file(desk, 4, budis(4, alias=NEW))
    desk.when(agreed(), STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)
    late = approval(4, BUDI, wished=NEW, reason="Diminta")
    desk.when(late, STAFF).refused(CODE + "address-taken", key=NEW)
    free = late.model_copy(update={"address": f"budi.santoso2@{DOMAIN}"})
    desk.when(free, STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)
    assert desk.fact(RequestApproved).alias == f"budi.santoso2@{DOMAIN}", "another free one is the reviewer's to choose"


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({"wished": f"siti.mawar@{DOMAIN}"}, "address-pattern"),
        ({"wished": f"sitinuraini@{DOMAIN}", "reason": ""}, "address-pattern"),
        ({"address": OWN}, "alias-own"),
        ({"address": "siti@lain.go.id", "reason": "ya"}, "address-pattern"),
        ({"address": f"postmaster@{DOMAIN}", "reason": "ya"}, "address-reserved"),
        ({"wished": ""}, "address-pattern"),
    ],
)
def test_the_rules_of_a_first_address_hold(chosen: dict[str, Any], code: str) -> None:
    file(d.received(), 2, renamed()).when(agreed(**chosen), STAFF).refused(CODE + code)


def test_one_that_looks_like_somebodys_or_that_no_pattern_gives_needs_a_reason() -> None:
    desk = with_budi(d.received())
    file(desk, 2, renamed(f"budi.sant0so@{DOMAIN}"))
    alike = agreed(wished=f"budi.sant0so@{DOMAIN}")
    desk.when(alike, STAFF).refused(CODE + "address-pattern")
    made = alike.model_copy(update={"candidates": (alike.wished,)})
    desk.when(made, STAFF).refused(CODE + "address-alike")
    desk.when(made.model_copy(update={"reason": "Nama panggung"}), STAFF)
    assert desk.fact(RequestApproved).alias == alike.wished


async def test_who_decides_sees_the_wish_first_and_what_the_patterns_give() -> None:
    found = await sheet(file(d.received(), 2, renamed()), which=request_id(2))
    assert found.alias == NEW
    assert (found.proposals[0].address, found.proposals[0].state) == (NEW, "free")
    assert [each.state for each in found.proposals] == ["free"] * 4
    other = await sheet(file(d.received(), 2, about("change", alias=f"mawar@{DOMAIN}")), which=request_id(2))
    assert [each.state for each in other.proposals[:1]] == ["unusual"]
    assert OWN not in [each.address for each in other.proposals]
    decided = await sheet(with_alias(), which=request_id(2))
    assert (decided.alias, decided.proposals) == (NEW, ())
    nameless = file(d.received(), 2, about("change", applicant=d.SITI.model_copy(update={"name": "李"}), alias=NEW))
    found = await sheet(nameless, which=request_id(2))
    assert [(each.address, each.state) for each in found.proposals] == [(NEW, "unusual")], "no pattern gives anything"
    erased = await sheet(file(d.received(), 2, renamed()), which=request_id(2), opened=lambda _: ERASED)
    assert (erased.alias, erased.proposals) == ("", ())


# ── in the directory ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_it_goes_to_the_directory_and_stands_with_the_account() -> None:
    desk = file(d.received(), 2, renamed()).when(agreed(), STAFF)
    given = await payload(desk, 2)
    assert (given["address"], given["alias"], given["unalias"]) == (OWN, NEW, [])
    desk.when(done(2)).then(ProvisioningProven, AccountChanged, AddressBound)
    assert desk.fact(AccountChanged).aliases == (NEW,)
    found = await held(reading(desk), "purbalingga", NEW)
    assert found is not None
    assert found.account.address == OWN, "whoever asks about it finds the account"
    told(desk, 2)
    file(desk, 3, about("suspend").model_copy(update={"address": NEW}))
    assert desk.fact(RequestFiled).address == OWN


async def test_a_change_without_one_leaves_what_is_there() -> None:
    desk = file(with_alias(), 3, about("change")).when(approval(3), STAFF)
    given = await payload(desk, 3)
    assert (given["alias"], given["unalias"]) == ("", [])
    desk.when(done(3))
    assert desk.fact(AccountChanged).aliases is None
    assert desk._states[d.ACCOUNTS.name, f"account:{d.account_id()}"].aliases == (NEW,)


async def test_what_is_given_up_is_nobodys_again() -> None:
    desk = file(d.received(), 2, renamed()).when(agreed(), STAFF)
    desk.when(d.not_done(reason="address-in-directory").model_copy(update={"request_id": request_id(2)}))
    desk.when(d.ABANDON.model_copy(update={"request_id": request_id(2)}), CLERK)
    given = await payload(desk, 2)
    assert (given["alias"], given["unalias"], given["remove"]) == ("", [NEW], False)
    desk.when(d.UNDONE.model_copy(update={"request_id": request_id(2)}))
    assert [desk.fact(kind) is not None for kind in (AddressReleased, SkeletonFreed)] == [True, True]
    told(desk, 2)
    desk = with_budi(desk)
    file(desk, 4, budis(4, alias=NEW)).when(approval(4, BUDI, wished=NEW, reason="Diminta"), STAFF)
    assert desk.fact(AddressReserved).owner == str(d.account_id(3))


async def test_it_ends_by_a_change_and_nobody_has_it_for_as_long_as_the_standard_says() -> None:
    desk = with_alias(d.received())
    file(desk, 3, about("change", alias_ends=NEW.upper())).when(approval(3), STAFF)
    given = await payload(desk, 3)
    assert (given["alias"], given["unalias"]) == ("", [NEW])
    desk.when(done(3)).then(ProvisioningProven, AccountChanged, AddressQuarantined)
    assert (desk.fact(AccountChanged).aliases, desk.fact(AddressQuarantined).until) == ((), None)
    told(desk, 3)
    again = about("reset", cause="forgotten").model_copy(update={"address": NEW})
    desk.when(again, CLERK, command_id=d.key(4)).refused(CODE + "account-unknown")
    desk.when(renamed(), CLERK, command_id=d.key(4)).refused(CODE + "address-taken", state="quarantined")


async def test_an_ending_that_comes_to_nothing_is_put_back() -> None:
    desk = file(with_alias(), 3, about("change", alias_ends=NEW)).when(approval(3), STAFF)
    desk.when(d.not_done().model_copy(update={"request_id": request_id(3)}))
    desk.when(d.ABANDON.model_copy(update={"request_id": request_id(3)}), CLERK)
    assert [(await payload(desk, 3))[name] for name in ("alias", "unalias")] == [NEW, []]
    desk.when(d.UNDONE.model_copy(update={"request_id": request_id(3)}))
    assert desk._states[d.ACCOUNTS.name, f"account:{d.account_id()}"].aliases == (NEW,)
    assert await held(reading(desk), "purbalingga", NEW) is not None


async def test_closed_the_account_takes_it_into_quarantine_and_then_it_is_free() -> None:
    desk = d.counter(REUSING)
    desk = d.provisioning(d.reviewed(desk=desk)).when(done()).when(d.TELL, CLERK)
    desk = with_alias(d.with_secret(desk))
    file(desk, 3, about("close")).when(approval(3), STAFF)
    given = await payload(desk, 3)
    assert (given["login"], given["receives"], given["unalias"]) == (False, False, [NEW])
    desk.when(done(3)).then(ProvisioningProven, AccountClosed, AddressQuarantined, AddressQuarantined)
    held_back = {each.event.key: each.event.until for each in desk.log if isinstance(each.event, AddressQuarantined)}
    assert held_back == dict.fromkeys((OWN, NEW), desk.now + timedelta(days=30))
    desk.later(days=30)
    desk.when(FreeAddress(key=NEW)).then(AddressFreed)


def test_the_reply_names_the_address_that_was_given_and_the_one_that_ended() -> None:
    desk = with_alias()
    file(desk, 3, about("change", alias_ends=NEW)).when(approval(3), STAFF).when(done(3))
    said = [aliased(desk._states[d.ACCOUNTS.name, request_stream(request_id(number))]) for number in (1, 2, 3)]
    assert said == [
        "",
        f" Surat ke {NEW} kini masuk ke kotak surat yang sama.",
        f" Alamat {NEW} tidak lagi menerima surat.",
    ]


@pytest.mark.parametrize("name", ["mail", "Maildrop", "mailRoutingAddress"])
def test_an_attribute_by_which_people_log_in_or_mail_goes_on_is_none_for_additional_addresses(name: str) -> None:
    row = {"agency": "purbalingga", "kind": "ldap", "host": "127.0.0.1", "bind_dn": "cn=a", "password_file": "/x",
           "base": "dc=x", "security": "plain"}  # fmt: skip
    [fine] = directories_of(AccountSettings(directories=json.dumps([row | {"alias_attribute": "mailLocalAddress"}])))
    assert isinstance(fine, LdapRow)
    assert fine.alias_attribute == "mailLocalAddress"
    with pytest.raises(ValueError, match="alias_attribute"):
        directories_of(AccountSettings(directories=json.dumps([row | {"alias_attribute": name}])))
