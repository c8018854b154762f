"""``caraka up``: everything in one process on embedded defaults. The agencies that come with it have demo people and
sample mail ready.
"""

import asyncio
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from services.cli import running
from services.cli.backup.keeping import kept
from services.cli.catalogue import SERVICES
from services.cli.running import say
from services.kit.backup.settings import BackupSettings
from services.kit.runtime.kit import Kit
from services.kit.runtime.supervise import asked_to_stop
from services.kit.settings import Settings
from services.organisation.adapters.access_seals import access_key
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import open_demonstration
from services.organisation.adapters.standards_files import AgencyFiles, load, own_standards

SAMPLED = "pekalongan"
"""Into whose mailbox the sample messages go."""


async def up(settings: Settings) -> None:
    """Until SIGINT or SIGTERM. A second start continues with its data."""
    began = datetime.now(UTC)
    with asked_to_stop() as asked:
        show(settings)
        async with running.broker(settings) as here:
            await running.migrate(here)
            agencies = await asyncio.to_thread(lambda: load(settings.standards_dir or own_standards())[1])
            fresh = await asyncio.to_thread(put_samples, settings, agencies)
            async with (
                running.stream_keeper(here),
                running.services(here, SERVICES) as kits,
                running.workers(here),
                kept(here, BackupSettings()),
            ):
                # Before the gateway says that it is ready: whoever comes then can log in.
                ways = await asyncio.to_thread(ways_in, settings, kits["organisation"], agencies)
                async with running.gateway(here):
                    seconds = (datetime.now(UTC) - began).total_seconds()
                    say(welcome(settings, ways, fresh=fresh, seconds=seconds))
                    await asked.wait()
                    say("\nMenghentikan layanan …")
    say("Selesai. Data tetap tersimpan di " + str(settings.data_dir))


def show(settings: Settings) -> None:
    """The effective settings, secrets masked."""
    for name, value in settings.effective().items():
        say(f"  CARAKA_{name.upper()} = {value}")


def put_samples(settings: Settings, agencies: Mapping[str, AgencyFiles]) -> int:
    """Sample mail into the demo mailbox, once per data folder; none where that agency has no demo people. Returns how
    many were put there now.
    """
    box = settings.data_dir / "mailbox" / SAMPLED
    new = box / "new"
    if (
        SAMPLED not in agencies
        or not agencies[SAMPLED].people.demo
        or box.exists()
        or settings.data_dir.joinpath("no-samples").exists()
    ):
        return 0
    for name in ("tmp", "cur", "new"):
        (box / name).mkdir(parents=True, exist_ok=True)
    samples = sorted(Path(str(files("contracts"))).joinpath("standards", SAMPLED, "samples").glob("*.eml"))
    for number, sample in enumerate(samples, start=1):
        name = f"{int(datetime.now(UTC).timestamp())}.{number:02d}{secrets.token_hex(4)}.caraka"
        shutil.copyfile(sample, box / "tmp" / name)
        (box / "tmp" / name).rename(new / name)
    return len(samples)


@dataclass(frozen=True, slots=True)
class WaysIn:
    """``password``, ``logins``: of the demo people, where there are any. ``nobody``: an agency with no way in yet."""

    password: str = ""
    logins: tuple[str, ...] = ()
    nobody: str = ""


def ways_in(settings: Settings, organisation: Kit, agencies: Mapping[str, AgencyFiles]) -> WaysIn:
    """The demo people's common password is made once per data folder and kept there (mode 0600)."""
    tables, now = AccessTables(organisation.engine, access_key(settings)), organisation.clock()
    password, logins = "", list[str]()
    if any(agency.people.demo for agency in agencies.values()):
        password, logins = open_demonstration(tables, agencies, settings.data_dir, now)
    nobody = next((agency for agency in agencies if not tables.access(agency, now)), "")
    return WaysIn(password, tuple(logins), nobody)


def welcome(settings: Settings, ways: WaysIn, *, fresh: int, seconds: float) -> str:
    lines = ["", f"Caraka siap dalam {seconds:.1f} detik:  {settings.base_url}", ""]
    if ways.logins:
        first = ways.logins[0].partition("@")[2]
        lines += ["Masuk sebagai (semua dengan kata sandi yang sama):"]
        lines += [f"  {login}" for login in ways.logins if login.endswith(f"@{first}")]
        others = [login for login in ways.logins if not login.endswith(f"@{first}")]
        lines += [*[f"  {login}, …" for login in others[:1]], f"Kata sandi demo:  {ways.password}", ""]
    if ways.nobody:
        lines += [f"Pada instansi {ways.nobody} belum ada yang dapat masuk. Buat administratornya di terminal lain:"]
        lines += [f'  caraka user add --agency {ways.nobody} --person admin --name "Nama Lengkap" --role admin', ""]
    if fresh:
        lines += [f"{fresh} pesan contoh menunggu di Kotak Masuk operator@{SAMPLED}."]
    return "\n".join([*lines, "Ctrl-C untuk berhenti.", ""])
