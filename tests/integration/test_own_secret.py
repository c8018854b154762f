"""Who knows his present secret changes it himself: in each kind of directory, with a real Dovecot behind two."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.account_provisioning import (
    AccountChanged,
    AccountClosed,
    ApproveRequest,
    ChangeOwnSecret,
    ConfirmClaimant,
    HandOverOpened,
    RecordNotice,
    SecretChanged,
    SecretSetAnswer,
    SetSecret,
)
from contracts.base import Refusal
from services.account_provisioning.adapters import own_secret
from services.account_provisioning.domain.state import HandOver
from services.account_provisioning.domain.tokens import link_of
from services.kit.bus.connection import Bus, QueryRefused
from services.kit.links import token_of
from tests.integration.test_accounts import ADDRESS, STAFF, Office, directories, until
from tests.parts.accounts import AGENCY, ask, do, quick, serving, settings_of, working
from tests.parts.mail_server import MailServer, start_mail_server
from tests.parts.nats import Nats
from tests.parts.slapd import Slapd, start_slapd
from tests.unit.account_provisioning.desk import ADOPT, CLERK, DOMAIN, PERSONNEL, RULES, about

FIRST, NEXT = "kuda laut biru sekali", "gajah duduk di atap rumah"
CODE = "account_provisioning."


@pytest.fixture(autouse=True)
def _no_is_said_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the test of how slowly it is said."""
    if "slowly" not in request.node.name:
        monkeypatch.setattr(own_secret, "SLOWEST_TO_SAY_NO", 0.0)


@dataclass
class Holding(Office):
    gateway: Bus
    mail: MailServer | None

    async def made(self) -> UUID:
        """An account whose holder has set his first secret."""
        request_id = await self.file()
        await self.approve(request_id)
        await until(lambda: len(self.facts(HandOverOpened)) == 1)
        await do(self.kit, RecordNotice(request_id=request_id, how="phone"), CLERK)
        await do(self.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
        way = self.facts(HandOverOpened)[-1]
        link = link_of(request_id, HandOver(way.generation, way.way, way.ends, link_length=way.link_length))
        token = token_of(self.kit.keys.purpose(AGENCY, "links"), link)
        asked = SetSecret(request_id=request_id, token=token, secret=FIRST)
        await self.gateway.query(AGENCY, asked, SecretSetAnswer, timeout=60)
        return request_id

    async def changes(self, present: str, secret: str = NEXT, address: str = ADDRESS) -> SecretSetAnswer:
        asked = ChangeOwnSecret(address=address, present=present, secret=secret)
        return await self.gateway.query(AGENCY, asked, SecretSetAnswer, timeout=60)

    async def refused(self, present: str, secret: str = NEXT, address: str = ADDRESS) -> str:
        with pytest.raises(QueryRefused) as refused:
            await self.changes(present, secret, address)
        return refused.value.refusal.code.removeprefix(CODE)


def reached(kind: str, folder: Path, slapd: Slapd | None, mail: MailServer | None) -> str:
    """The directories as an administrator writes them down."""
    if mail is None:
        return "[]"
    key = folder / "doveadm-key"
    key.write_text(mail.key)
    door = {"doveadm": {"url": mail.administration, "key_file": str(key)}}
    if slapd is not None:
        (row,) = json.loads(directories(slapd, folder))
        return json.dumps([{**row, **door}])
    return json.dumps([{"agency": AGENCY, "kind": kind, "path": str(mail.users), **door}])


@pytest_asyncio.fixture(params=["embedded", "passwd-file", "ldap"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Holding]:
    settings = settings_of(tmp_path / "data", nats.url)
    slapd = start_slapd(tmp_path / "slapd") if request.param == "ldap" else None
    mail = start_mail_server(tmp_path / "mail", slapd) if request.param != "embedded" else None
    monkeypatch.setenv("CARAKA_DIRECTORIES", reached(request.param, tmp_path, slapd, mail))
    rules = {**RULES, "accounts": {**RULES["accounts"], "connector": request.param}}
    try:
        with quick():
            async with serving(settings) as kit, working(settings):
                await do(kit, ADOPT.model_copy(update={"rules": rules}))
                gateway = await Bus.connect(settings.broker_url, service="gateway", patience=10)
                yield Holding(settings, kit, slapd, gateway, mail)  # type: ignore[arg-type]  # embedded has no slapd
                await gateway.close()
    finally:
        if mail is not None:
            mail.discard()
        if slapd is not None:
            slapd.kill()
    await asyncio.get_running_loop().shutdown_default_executor()


async def test_by_the_present_one_a_next_one_is_set_and_nothing_else_opens_it(office: Holding) -> None:
    await office.made()
    for wrong in ("", "salah", NEXT, "*", FIRST.upper(), FIRST + " "):
        assert await office.refused(wrong) == "present-secret-wrong", wrong
    assert office.facts(SecretChanged) == []
    answer = await office.changes(FIRST, address=f" {ADDRESS.upper()} ")
    assert (answer.address, answer.secret) == (ADDRESS, "")
    assert await office.refused(FIRST, "batu karang di tengah laut") == "present-secret-wrong"
    proposed = (await office.changes(NEXT, "")).secret
    assert len(proposed.split("-")) == 6
    if office.mail is not None:
        assert office.mail.logs_in(ADDRESS, proposed) == {"imap": True, "pop": True, "smtp": True}
        assert not any(office.mail.logs_in(ADDRESS, NEXT).values()), "although Dovecot remembered it"
    assert [fact.address for fact in office.facts(SecretChanged)] == [ADDRESS, ADDRESS]


async def test_who_has_an_additional_address_may_say_that_one_and_who_may_have_none_hears_so_at_once(
    office: Holding,
) -> None:
    await office.made()
    alias = f"siti.nuraini2@{DOMAIN}"
    wanted = about("change", alias=alias)
    if isinstance(office.mail, MailServer) and office.slapd is None:
        refused = await ask(office.kit, wanted, CLERK)
        assert isinstance(refused, Refusal)
        assert refused.code == f"{CODE}alias-not-kept"
        return
    request_id = UUID((await do(office.kit, wanted, CLERK))["request_id"])
    told = await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
    assert told == {"address": ADDRESS, "alias": alias}
    await until(lambda: len(office.facts(AccountChanged)) == 1)
    assert office.facts(AccountChanged)[0].aliases == (alias,)
    answer = await office.changes(FIRST, address=alias)
    assert answer.address == ADDRESS, "by which he logs in"
    if office.mail is not None:
        assert office.mail.deliver(alias)
        assert office.mail.letters(ADDRESS, NEXT) == 1


async def test_what_would_be_guessed_is_refused_only_to_who_knows_the_present_one(office: Holding) -> None:
    await office.made()
    reasons = {"Rahasia123": "secret-too-plain", "siti.nuraini": "secret-personal", "Kesehatan1!": "secret-personal"}
    for plain, reason in reasons.items():
        assert await office.refused(FIRST, plain) == reason, plain
        assert await office.refused("salah", plain) == "present-secret-wrong"
    assert await office.refused(FIRST, FIRST) == "secret-not-new"
    for odd in ("a\nb", "   ", "x" * 73):
        assert await office.refused(FIRST, odd) == "secret-form"
    assert office.facts(SecretChanged) == []


async def test_nobody_s_address_and_a_wrong_secret_are_told_alike_and_as_slowly(office: Holding) -> None:
    await office.made()
    for address in (ADDRESS, "siapa@purbalinggakab.go.id", "*", "bukan alamat", "a" * 254, ADDRESS + "\x00"):
        began = time.monotonic()
        said = await office.refused("salah", address=address)
        assert said == "present-secret-wrong", address
        assert time.monotonic() - began >= own_secret.SLOWEST_TO_SAY_NO - 0.1


async def test_a_closed_account_is_changed_by_nobody(office: Holding) -> None:
    await office.made()
    request_id = UUID((await do(office.kit, about("close"), CLERK))["request_id"])
    await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
    await until(lambda: len(office.facts(AccountClosed)) == 1)
    assert await office.refused(FIRST) == "present-secret-wrong"


async def test_neither_secret_is_in_any_file_of_ours(office: Holding, tmp_path: Path) -> None:
    await office.made()
    await office.changes(FIRST)
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(b"SecretChanged" in each for each in files)
    for secret in (FIRST, NEXT):
        assert not any(secret.encode() in each for each in files), secret


@pytest.mark.parametrize("office", ["ldap"], indirect=True)
async def test_a_directory_that_is_away_says_so_and_changes_nothing(office: Holding) -> None:
    await office.made()
    office.slapd.kill()
    assert await office.refused(FIRST) == "connector-away"
    office.slapd.start()
    assert (await office.changes(FIRST)).address == ADDRESS
