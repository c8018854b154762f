"""The whole service with its workers: an application becomes an account in a real directory, whatever stops."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from contracts.account_provisioning import (
    AbandonProvisioning,
    AccountProvisioned,
    AddressReleased,
    AddressReserved,
    ApplicationLetter,
    ApproveRequest,
    BeginClaim,
    FilesOfRequest,
    HandOverOpened,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningUndone,
    RecordNotice,
    RecordSecretSet,
    RequestApproved,
    RequestFiled,
    RetryProvisioning,
)
from contracts.base import Actor, Holding, Recorded, Refusal
from contracts.tracking import FilesOfAnswer
from services.account_provisioning.adapters.completing import person_by
from services.account_provisioning.adapters.effects import effect_of
from services.account_provisioning.adapters.ldap import LdapDirectory
from services.account_provisioning.ports import Away, Entry, Wanted
from services.account_provisioning.views.files import files
from services.kit.blobs import BlobLost
from services.kit.codec.envelope import decode
from services.kit.runtime.kit import Kit
from services.kit.settings import Settings
from tests.integration.test_directories import RECIPIENT, account, person
from tests.parts import accounts
from tests.parts.accounts import ask, do, quick, serving, settings_of, working
from tests.parts.nats import Nats
from tests.parts.slapd import Slapd, start_slapd
from tests.unit.account_provisioning.desk import ADOPT, CLERK, DOMAIN, NIP, RULES, SITI, about, form

STAFF = Actor(
    id="galih", name="Galih", nip="199510032020122912", roles=("operator",),
    holdings=(Holding(position="staf-informatika-1", title="Staf", role="operator"),),
)  # fmt: skip
OTHER = Actor(
    id="nurul", name="Nurul", nip="199003012019032005", roles=("operator",),
    holdings=(Holding(position="staf-informatika-2", title="Staf", role="operator"),),
)  # fmt: skip
ADDRESS = f"siti.nuraini@{DOMAIN}"


@dataclass
class Office:
    settings: Settings
    kit: Kit
    slapd: Slapd

    async def file(self, number: int = 1, **changes: Any) -> UUID:
        nip = f"1992061020180119{number:02d}"
        wanted = form(SITI.model_copy(update={"nip": nip}), **changes)
        told = await do(self.kit, wanted.model_copy(update={"subject_id": "forged"}), CLERK)
        return UUID(told["request_id"])

    async def approve(self, request_id: UUID, actor: Actor = STAFF) -> str:
        told = await do(self.kit, ApproveRequest(request_id=request_id), actor)
        return str(told["address"])

    def facts(self, *kinds: type) -> list[Any]:
        found: list[Recorded] = [decode(row.position, row.data) for row in self.kit.log.read(0, 100_000)]
        return [each.event for each in found if isinstance(each.event, kinds or object)]

    def entries(self) -> str:
        return self.slapd.read("(objectClass=inetOrgPerson)", "mail", "employeeNumber", "employeeType", "cn")


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = settings_of(tmp_path / "data", nats.url, url)
    slapd = start_slapd(tmp_path / "slapd")
    monkeypatch.setenv("CARAKA_DIRECTORIES", directories(slapd, tmp_path))
    try:
        with quick():
            async with serving(settings) as kit:
                await do(kit, ADOPT)
                yield Office(settings, kit, slapd)
    finally:
        slapd.kill()
    await asyncio.get_running_loop().shutdown_default_executor()


def directories(slapd: Slapd, folder: Path) -> str:
    secret = folder / "ldap-password"
    secret.write_text(slapd.password)
    row = {
        "agency": accounts.AGENCY, "kind": "ldap", "host": slapd.host, "port": slapd.port, "bind_dn": slapd.admin,
        "password_file": str(secret), "base": slapd.people, "tree": slapd.suffix, "security": "plain",
        "alias_attribute": "mailLocalAddress",
    }  # fmt: skip
    return json.dumps([row])


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what other threads and processes do is waited for
            await asyncio.sleep(0.05)


async def test_an_application_becomes_an_account_in_the_directory(office: Office) -> None:
    async with working(office.settings):
        request_id = await office.file()
        assert await office.approve(request_id) == ADDRESS
        await until(lambda: len(office.facts(ProvisioningProven)) == 1)
    made = office.facts(AccountProvisioned)[0]
    assert (made.address, made.connector) == (ADDRESS, "ldap")
    assert f"employeeNumber: {made.account_id}" in office.entries()
    assert "cn: dr. Hj. Siti Nur'aini, S.Kom." in office.entries()
    assert "userPassword" not in office.slapd.read("(objectClass=*)")


async def test_a_person_is_named_by_a_keyed_hash_and_reviews_not_his_own(office: Office) -> None:
    request_id = await office.file(11)
    filed = office.facts(RequestFiled)[0]
    assert filed.subject_id not in {"forged", ""}
    assert len(filed.subject_id) == 40
    himself = STAFF.model_copy(update={"nip": "19920610 201801 1 911"})
    refused = await ask(office.kit, ApproveRequest(request_id=request_id, asker_subject="someone"), himself)
    assert isinstance(refused, Refusal)
    assert refused.code == "account_provisioning.own-request"


async def test_nothing_personal_lies_open_in_the_store(office: Office, tmp_path: Path) -> None:
    request_id = await office.file()
    await office.approve(request_id)
    rows = [bytes(row.data) for row in office.kit.log.read(0, 1000)]
    for secret in (b"Nur'aini", NIP.encode(), b"0812", b"800/123"):
        assert not any(secret in row for row in rows), secret
    if office.settings.database_url is None:
        with sqlite3.connect(tmp_path / "data" / "account_provisioning.sqlite") as database:
            whole = "\n".join(database.iterdump())
        assert "Nur'aini" not in whole.replace("''", "'")


async def test_an_hour_without_the_server_is_waited_for(office: Office) -> None:
    office.slapd.kill()
    async with working(office.settings):
        await office.approve(await office.file())
        await until(lambda: len(office.facts(ProvisioningFailed)) >= 2)
        assert {fact.reason for fact in office.facts(ProvisioningFailed)} == {"away"}
        office.slapd.start()
        await until(lambda: len(office.facts(ProvisioningProven)) == 1)
    assert office.entries().count("employeeNumber") == 1


async def test_a_foreign_account_waits_for_a_person_who_gives_up_and_the_address_is_free(office: Office) -> None:
    office.slapd.add(person(office.slapd, ADDRESS))
    before = office.slapd.read("(objectClass=*)")
    async with working(office.settings):
        request_id = await office.file()
        await office.approve(request_id)
        await until(lambda: len(office.facts(ProvisioningFailed)) == 1)
        assert office.facts(ProvisioningFailed)[0].reason == "foreign-entry"
        await do(office.kit, RetryProvisioning(request_id=request_id), CLERK)
        await until(lambda: len(office.facts(ProvisioningFailed)) == 2)
        await do(office.kit, AbandonProvisioning(request_id=request_id, reason="Milik orang lain"), CLERK)
        await until(lambda: len(office.facts(ProvisioningUndone)) == 1)
    assert office.slapd.read("(objectClass=*)") == before
    assert [fact.key for fact in office.facts(AddressReleased)] == [ADDRESS]
    assert await office.approve(await office.file(2)) == ADDRESS, "no address is burnt"


async def test_an_additional_address_that_somebody_has_already_is_given_up_and_nothing_is_left_of_it(
    office: Office,
) -> None:
    alias = f"siti.nuraini2@{DOMAIN}"
    office.slapd.add(RECIPIENT.format(s=office.slapd.suffix, a=alias))
    async with working(office.settings):
        first = await office.file()
        await office.approve(first)
        await until(lambda: len(office.facts(ProvisioningProven)) == 1)
        await do(office.kit, RecordNotice(request_id=first, how="phone"), CLERK)
        before = office.slapd.read("(objectClass=*)")
        wanted = about("change", applicant=SITI.model_copy(update={"unit": "Dinas Sosial"}), alias=alias)
        request_id = UUID((await do(office.kit, wanted, CLERK))["request_id"])
        assert not any(alias.encode() in bytes(row.data) for row in office.kit.log.read(0, 1000)), "a wish is sealed"
        told = await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
        assert told == {"address": ADDRESS, "alias": alias}
        await until(lambda: len(office.facts(ProvisioningFailed)) == 1)
        assert office.facts(ProvisioningFailed)[0].reason == "address-in-directory"
        assert office.slapd.read("(objectClass=*)") == before, "and its unit is as it was"
        await do(office.kit, AbandonProvisioning(request_id=request_id, reason="Milik orang lain"), CLERK)
        await until(lambda: len(office.facts(ProvisioningUndone)) == 1)
    assert office.slapd.read("(objectClass=*)") == before
    assert [fact.key for fact in office.facts(AddressReleased)] == [alias]


async def test_forty_namesakes_at_once_have_an_address_each(office: Office) -> None:
    requests = [await office.file(number) for number in range(1, 41)]
    async with working(office.settings), working(office.settings):
        given = await asyncio.gather(*(office.approve(each) for each in requests))
        await until(lambda: len(office.facts(ProvisioningProven)) == len(requests), 60)
    assert len(set(given)) == len(requests)
    assert office.entries().count("employeeNumber") == len(requests)
    assert len({fact.address for fact in office.facts(RequestApproved)}) == len(requests)


async def test_two_reviewers_at_one_moment_decide_once(office: Office) -> None:
    wanted = await office.file()
    addresses = (ADDRESS, f"siti.nuraini2@{DOMAIN}")
    said = [ApproveRequest(request_id=wanted, address=each) for each in addresses]
    answers = await asyncio.gather(
        *(ask(office.kit, each, who) for each, who in zip(said, (STAFF, OTHER), strict=True))
    )
    [approved] = office.facts(RequestApproved)
    assert approved.address in addresses
    assert [fact.key for fact in office.facts(AddressReserved)] == [approved.address]
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert {each.code for each in refused} <= {
        "account_provisioning.being-provisioned",
        "account_provisioning.already-decided",
    }


async def test_two_requests_for_one_address_at_one_moment_give_it_to_one(office: Office) -> None:
    both = [await office.file(number) for number in (1, 2)]
    said = [ApproveRequest(request_id=each, address=ADDRESS) for each in both]
    answers = await asyncio.gather(
        *(ask(office.kit, each, who) for each, who in zip(said, (STAFF, OTHER), strict=True))
    )
    assert [each.code for each in answers if isinstance(each, Refusal)] == ["account_provisioning.address-taken"]
    assert [fact.address for fact in office.facts(RequestApproved)] == [ADDRESS]


async def test_fifty_resets_in_an_hour_are_one_open_request_and_one_way_in(office: Office) -> None:
    """Nobody is flooded: what is told of a reset is told of a request, and there is one."""
    async with working(office.settings):
        first = await office.file()
        await office.approve(first)
        await until(lambda: len(office.facts(ProvisioningProven)) == 1)
        await do(office.kit, RecordNotice(request_id=first, how="phone"), CLERK)
        gesture = {"request_id": first, "generation": 1, "opening": uuid4()}
        await do(office.kit, BeginClaim.model_validate({**gesture, "how": "slip"}))
        await do(office.kit, RecordSecretSet.model_validate(gesture))
        resets = [about("reset", cause="compromised") for _ in range(50)]
        answers = await asyncio.gather(*(ask(office.kit, each, CLERK) for each in resets))
        refused = [each.code for each in answers if isinstance(each, Refusal)]
        assert refused == ["account_provisioning.open-request-exists"] * 49
        [reset] = [fact for fact in office.facts(RequestFiled) if fact.request_kind == "reset"]
        await office.approve(reset.request_id)
        await until(lambda: len(office.facts(ProvisioningProven)) == 2)
        answers = await asyncio.gather(*(ask(office.kit, each, CLERK) for each in resets))
        assert all(isinstance(each, Refusal) for each in answers)
    assert [fact.request_id for fact in office.facts(HandOverOpened)] == [first, reset.request_id]


async def test_an_agency_without_its_directory_is_told_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARAKA_DIRECTORIES")
    async with working(office.settings):
        await office.approve(await office.file())
        await until(lambda: len(office.facts(ProvisioningFailed)) == 1)
    assert office.facts(ProvisioningFailed)[0].reason == "not-configured"


async def test_the_embedded_directory_needs_no_setting(office: Office) -> None:
    rules = {**RULES, "accounts": {**RULES["accounts"], "connector": "embedded"}}
    ref = ADOPT.standard.model_copy(update={"version": 2})
    await do(office.kit, ADOPT.model_copy(update={"standard": ref, "rules": rules}))
    async with working(office.settings):
        await office.approve(await office.file())
        await until(lambda: len(office.facts(ProvisioningProven)) == 1)
    assert office.facts(AccountProvisioned)[0].connector == "embedded"


class LosesTheAnswer(LdapDirectory):
    """Does it, and the answer is lost on the way: once."""

    lost = False

    def ensure(self, wanted: Wanted) -> Entry:
        entry = super().ensure(wanted)
        if not self.lost:
            self.lost = True
            raise Away("answer-lost")
        return entry


async def test_a_server_that_did_it_and_lost_the_answer_gives_no_second_account(tmp_path: Path) -> None:
    slapd = start_slapd(tmp_path / "slapd")
    try:
        directory = LosesTheAnswer(account(slapd))
        effect, mine = effect_of("ldap", lambda *_: directory), uuid4()
        wanted = {"account_id": str(mine), "address": ADDRESS, "name": "Siti", "unit": "Dinas", "login": True,
                  "receives": True, "create": True, "revoke": False, "remove": False}  # fmt: skip
        assert (await effect(uuid4(), accounts.AGENCY, wanted)).outcome == "temporary"
        again = await effect(uuid4(), accounts.AGENCY, wanted)
        assert (again.outcome, again.result["marker"]) == ("accepted", str(mine))
        assert slapd.read("(objectClass=inetOrgPerson)", "mail").count("mail:") == 1
    finally:
        slapd.kill()


async def test_the_scan_of_a_letter_lies_under_the_applicants_key_and_goes_with_him(office: Office) -> None:
    blobs, command_id = office.kit.person_blobs, uuid4()

    async def identity(agency: str, number: str) -> str:
        return await person_by(lambda of: office.kit.keys.purpose(of, "identity"), agency, number)

    answer = files(office.kit.history, identity)[FilesOfRequest]
    where = await answer(accounts.AGENCY, FilesOfRequest(command_id=command_id, nip="19920610 201801 1 911"))
    assert isinstance(where, FilesOfAnswer)
    scan = await blobs.put(
        accounts.AGENCY, where.seal_class, where.subject_id, str(where.case_id), b"%PDF surat", "application/pdf"
    )
    letter = ApplicationLetter(number="800/123", scans=(scan,))
    other = await ask(office.kit, form(SITI.model_copy(update={"nip": "199206102018011912"}), letter=letter), CLERK)
    assert isinstance(other, Refusal)
    assert other.code == "account_provisioning.file-gone", "it is not under this applicant's key"
    mine = form(SITI.model_copy(update={"nip": "199206102018011911"}), letter=letter)
    request_id = UUID((await do(office.kit, mine, CLERK, command_id))["request_id"])
    [filed] = office.facts(RequestFiled)
    assert (filed.papers_id, filed.scans[0].name, filed.missing) == (where.subject_id, scan.name, ())
    assert where.subject_id == f"{filed.subject_id}:{request_id.hex}", "goes with him, and may go before"
    again = await answer(accounts.AGENCY, FilesOfRequest(command_id=uuid4(), case_id=request_id))
    assert (again.case_id, again.subject_id) == (request_id, where.subject_id)
    stream = await blobs.stream(accounts.AGENCY, filed.scans[0])
    office.kit.keys.destroy(accounts.AGENCY, filed.subject_id)
    assert await anext(stream, b"") == b"%PDF surat"  # read before
    with pytest.raises(BlobLost):
        await blobs.stream(accounts.AGENCY, filed.scans[0])
