"""Workers die at every step between the directory and the fact: one account, one fact, nothing half done."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.account_provisioning import (
    AccountProvisioned,
    ChangeOwnSecret,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningUndone,
    SecretChangeBegun,
    SecretChanged,
    SecretChangeUnknown,
    SecretSetAnswer,
)
from services.kit.bus.connection import Bus
from services.kit.bus.errors import BusTimeout
from tests.integration.test_accounts import ADDRESS, Office, directories, until
from tests.integration.test_directories import person
from tests.integration.test_own_secret import FIRST, NEXT, Holding
from tests.parts.accounts import AGENCY, do, quick, serving, settings_of, working
from tests.parts.nats import Nats
from tests.parts.slapd import start_slapd
from tests.unit.account_provisioning.desk import ABANDON, ADOPT, CLERK, DOMAIN

POINTS = ("worker.after-take", "worker.after-effect", "worker.after-settle", "worker.before-ack")


def worker(folder: Path, nats: Nats, configured: str, crash: str = "", mode: str = "work") -> subprocess.Popen[bytes]:
    told = {"NATS": nats.url, "CARAKA_CRASH": crash, "CARAKA_DIRECTORIES": configured}
    command = [sys.executable, "-m", "tests.parts.accounts", mode, str(folder)]
    begun = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert begun.stdout is not None
    while begun.stdout.readline() not in {b"up\n", b""}:  # what it logs before
        pass
    return begun


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_dies_leaves_one_account_and_one_fact(point: str, tmp_path: Path, nats: Nats) -> None:
    """First on the way there, then on the way back."""
    settings = settings_of(tmp_path / "data", nats.url)
    slapd = start_slapd(tmp_path / "slapd")
    configured = directories(slapd, tmp_path)
    running: list[subprocess.Popen[bytes]] = []

    async def killed_and_replaced() -> None:
        first = await asyncio.to_thread(worker, tmp_path / "data", nats, configured, point)
        running.append(first)
        await until(lambda: first.poll() is not None)
        end(first)
        running.remove(first)
        running.append(await asyncio.to_thread(worker, tmp_path / "data", nats, configured))

    try:
        with quick():
            async with serving(settings) as kit:
                office = Office(settings, kit, slapd)
                await do(kit, ADOPT)
                await office.approve(await office.file())
                await killed_and_replaced()
                await until(lambda: len(office.facts(ProvisioningProven)) == 1, 60)
                assert office.entries().count("employeeNumber") == len(office.facts(AccountProvisioned)) == 1
                end(running.pop())

                before = sorted(office.entries().split("\n\n"))
                slapd.add(person(slapd, f"siti.nuraini2@{DOMAIN}"))
                second = await office.file(2)
                assert await office.approve(second) == f"siti.nuraini2@{DOMAIN}"
                running.append(await asyncio.to_thread(worker, tmp_path / "data", nats, configured))
                await until(lambda: len(office.facts(ProvisioningFailed)) == 1, 60)
                end(running.pop())
                await do(kit, ABANDON.model_copy(update={"request_id": second}), CLERK)
                await killed_and_replaced()
                await until(lambda: len(office.facts(ProvisioningUndone)) == 1, 60)
                slapd.change(f"dn: mail=siti.nuraini2@{DOMAIN},{slapd.people}\nchangetype: delete\n")
                assert sorted(office.entries().split("\n\n")) == before
    finally:
        for each in running:
            end(each)
        slapd.kill()


async def test_who_dies_after_the_directory_was_written_leaves_that_a_change_was_begun(
    tmp_path: Path, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new secret works, so somebody has to hear that there may be one; and the holder goes on by it."""
    settings = settings_of(tmp_path / "data", nats.url)
    slapd = start_slapd(tmp_path / "slapd")
    configured = directories(slapd, tmp_path)
    monkeypatch.setenv("CARAKA_DIRECTORIES", configured)
    gateway = await Bus.connect(settings.broker_url, service="gateway", patience=10)
    killed: list[subprocess.Popen[bytes]] = []
    try:
        with quick():
            async with serving(settings) as kit, working(settings):
                await do(kit, ADOPT)
                await Holding(settings, kit, slapd, gateway, None).made()
            killed.append(
                await asyncio.to_thread(worker, tmp_path / "data", nats, configured, "own-secret.after-write", "serve")
            )
            asked = ChangeOwnSecret(address=ADDRESS, present=FIRST, secret=NEXT)
            with pytest.raises(BusTimeout):
                await gateway.query(AGENCY, asked, SecretSetAnswer, timeout=8)
            await until(lambda: killed[0].poll() is not None)
            async with serving(settings) as kit:
                office = Holding(settings, kit, slapd, gateway, None)
                assert (len(office.facts(SecretChangeBegun)), office.facts(SecretChanged)) == (1, [])
                await until(lambda: len(office.facts(SecretChangeUnknown)) == 1)
                assert await office.refused(FIRST, "batu karang di tengah laut") == "present-secret-wrong"
                assert (await office.changes(NEXT, "batu karang di tengah laut")).address == ADDRESS
                assert (len(office.facts(SecretChangeUnknown)), len(office.facts(SecretChanged))) == (1, 1)
    finally:
        for each in killed:
            end(each)
        await gateway.close()
        slapd.kill()
