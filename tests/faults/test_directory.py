"""F19: the directory is cut off, slow, full, or does it and loses the answer, at each step that an account can take.

Real slapd behind a wire of our own. After each step the entry is as it was wanted, once, and the facts say so once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.account_provisioning import (
    ApproveRequest,
    ConfirmClaimant,
    FileRequest,
    HandOverOpened,
    ProvisioningFailed,
    ProvisioningProven,
    RecordNotice,
    RetryProvisioning,
    SecretChanged,
    SecretChangeUnknown,
    SecretSet,
    SecretSetAnswer,
    SetSecret,
)
from services.account_provisioning.adapters import ldap
from services.account_provisioning.domain.state import HandOver
from services.account_provisioning.domain.tokens import link_of
from services.kit.bus.connection import Bus, QueryRefused
from services.kit.links import token_of
from tests.faults.wire import Wire
from tests.integration.test_accounts import ADDRESS, STAFF, directories, until
from tests.integration.test_own_secret import FIRST, NEXT, Holding
from tests.parts.accounts import AGENCY, do, quick, serving, settings_of, working
from tests.parts.nats import Nats
from tests.parts.slapd import start_slapd
from tests.unit.account_provisioning.desk import ADOPT, CLERK, DOMAIN, PERSONNEL, SITI, about, form

WRITTEN = {0x67, 0x69, 0x6B, 0x6D, 0x78}
"""LDAP's answers to modify, add, delete, rename, and to a new secret (RFC 4511, 3062)."""
ALIAS = f"siti.nuraini2@{DOMAIN}"
MOVED = SITI.model_copy(update={"unit": "Dinas Sosial"})
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("change", {"applicant": MOVED, "alias": ALIAS}), ("suspend", {}), ("resume", {}),
    ("reset", {"cause": "compromised"}), ("close", {}),
)  # fmt: skip
STATES = {"create": "active", "suspend": "suspended", "close": "closed"}


class Muffler:
    """While it is on, nobody hears that a write was done."""

    on = False

    def __call__(self) -> Callable[[bytes], bytes]:
        return lambda piece: b"" if self.on and operation(piece) in WRITTEN else piece


def operation(piece: bytes) -> int:
    """The tag of the first message's operation, behind the envelope and the message's number."""
    at = 2 + (piece[1] & 0x7F if len(piece) > 1 and piece[1] & 0x80 else 0)
    after = at + 2 + piece[at + 1] if len(piece) > at + 1 else len(piece)
    return piece[after] if after < len(piece) else 0


@dataclass
class Faulty(Holding):
    wire: Wire
    muffler: Muffler

    def fail(self, fault: str) -> None:
        if fault == "lost":
            self.muffler.on = True
        elif fault == "cut":
            self.wire.cut()
        else:
            self.wire.delay(0.1)

    def heal(self) -> None:
        self.muffler.on = False
        self.wire.heal()

    async def step(self, wanted: FileRequest, fault: str) -> UUID:
        """Approved while the fault lasts; what was tried in vain is tried again when it is over."""
        request_id = UUID((await do(self.kit, wanted, CLERK))["request_id"])
        failed, proven = len(self.facts(ProvisioningFailed)), len(self.facts(ProvisioningProven))
        self.fail(fault)
        try:
            await do(self.kit, ApproveRequest(request_id=request_id), STAFF)
            if fault != "slow":
                await until(lambda: len(self.facts(ProvisioningFailed)) > failed)
                assert {each.reason for each in self.facts(ProvisioningFailed)[failed:]} == {"away"}
                assert len(self.facts(ProvisioningProven)) == proven
        finally:
            if fault != "slow":
                self.heal()
        await until(lambda: len(self.facts(ProvisioningProven)) > proven)
        self.heal()
        assert len(self.facts(ProvisioningProven)) == proven + 1
        await do(self.kit, RecordNotice(request_id=request_id, how="phone"), CLERK)
        return request_id

    async def sets(self, request_id: UUID, secret: str) -> SecretSetAnswer:
        last = [each for each in self.facts(HandOverOpened) if each.request_id == request_id][-1]
        link = link_of(request_id, HandOver(last.generation, last.way, last.ends, link_length=last.link_length))
        token = token_of(self.kit.keys.purpose(AGENCY, "links"), link)
        asked = SetSecret(request_id=request_id, token=token, secret=secret)
        return await self.gateway.query(AGENCY, asked, SecretSetAnswer, timeout=60)


@pytest_asyncio.fixture
async def office(tmp_path: Path, nats: Nats, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Faulty]:
    settings, muffler = settings_of(tmp_path / "data", nats.url), Muffler()
    slapd = start_slapd(tmp_path / "slapd")
    wire = Wire(slapd.port, changing=muffler)
    wire.start()
    (row,) = json.loads(directories(slapd, tmp_path))
    monkeypatch.setenv("CARAKA_DIRECTORIES", json.dumps([{**row, "port": wire.port}]))
    monkeypatch.setattr(ldap, "SECONDS", 2)
    try:
        with quick():
            async with serving(settings) as kit, working(settings):
                await do(kit, ADOPT)
                gateway = await Bus.connect(settings.broker_url, service="gateway", patience=10)
                yield Faulty(settings, kit, slapd, gateway, None, wire, muffler)
                await gateway.close()
    finally:
        wire.close()
        slapd.kill()
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.mark.parametrize("fault", ["lost", "cut", "slow"])
async def test_each_step_of_an_account_is_done_once_whatever_the_directory_does(office: Faulty, fault: str) -> None:
    first = await office.step(form(), fault)
    await do(office.kit, ConfirmClaimant(request_id=first), PERSONNEL)
    assert (await office.sets(first, FIRST)).address == ADDRESS
    for kind, said in STEPS:
        await office.step(about(kind, **said), fault)
        entries = office.slapd.read("(objectClass=inetOrgPerson)", "mail", "employeeType", "userPassword")
        assert entries.count("mail: ") == 1
        assert f"employeeType: {STATES.get(kind, 'active')}" in entries, kind
        assert ("userPassword" in entries) == (kind not in {"reset", "close"}), kind
        named = office.slapd.read("(objectClass=inetOrgPerson)", "mailLocalAddress", "labeledURI").count(ALIAS)
        assert named == (0 if kind == "close" else 2), "given once with its mark, and gone with its account"
    assert len(office.facts(ProvisioningProven)) == 1 + len(STEPS)


async def test_a_secret_whose_answer_was_lost_can_be_set_again_by_its_holder(office: Faulty) -> None:
    first = await office.step(form(), "slow")
    await do(office.kit, ConfirmClaimant(request_id=first), PERSONNEL)
    office.fail("lost")
    with pytest.raises(QueryRefused, match="connector-away"):
        await office.sets(first, FIRST)
    office.heal()
    assert office.facts(SecretSet) == []
    assert (await office.sets(first, FIRST)).address == ADDRESS
    assert len(office.facts(SecretSet)) == 1

    office.fail("lost")
    assert await office.refused(FIRST) == "connector-away"
    office.heal()
    assert (len(office.facts(SecretChangeUnknown)), office.facts(SecretChanged)) == (1, [])
    assert (await office.changes(NEXT, "batu karang di tengah laut")).address == ADDRESS
    assert len(office.facts(SecretChanged)) == 1


async def test_a_directory_that_is_full_waits_for_a_person_and_goes_on(office: Faulty) -> None:
    office.slapd.bound(4096 * 26)
    request_id = UUID((await do(office.kit, form(), CLERK))["request_id"])
    filled = office.slapd.fill()
    assert filled > 0
    await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
    await until(lambda: bool(office.facts(ProvisioningFailed)))
    assert office.facts(ProvisioningFailed)[-1].outcome == "permanent"
    office.slapd.bound(1 << 30)
    await do(office.kit, RetryProvisioning(request_id=request_id), CLERK)
    await until(lambda: len(office.facts(ProvisioningProven)) == 1)
    assert office.entries().count("employeeNumber") == 1
