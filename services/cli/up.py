"""``caraka up``: everything in one process on embedded defaults, with both agencies, demo people and sample mail
ready.
"""

import asyncio
import secrets
import shutil
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
from services.organisation.adapters.standards_files import load, own_standards


async def up(settings: Settings) -> None:
    """Until SIGINT or SIGTERM. A second start continues with its data."""
    began = datetime.now(UTC)
    with asked_to_stop() as asked:
        show(settings)
        async with running.broker(settings) as here:
            await running.migrate(here)
            fresh = await asyncio.to_thread(put_samples, settings)
            async with (
                running.stream_keeper(here),
                running.services(here, SERVICES) as kits,
                running.workers(here),
                kept(here, BackupSettings()),
            ):
                # Before the gateway says that it is ready: whoever comes then can log in.
                password = await asyncio.to_thread(demo_password, settings, kits["organisation"])
                async with running.gateway(here):
                    seconds = (datetime.now(UTC) - began).total_seconds()
                    say(welcome(settings, password, fresh=fresh, seconds=seconds))
                    await asked.wait()
                    say("\nMenghentikan layanan …")
    say("Selesai. Data tetap tersimpan di " + str(settings.data_dir))


def show(settings: Settings) -> None:
    """The effective settings, secrets masked."""
    for name, value in settings.effective().items():
        say(f"  CARAKA_{name.upper()} = {value}")


def put_samples(settings: Settings) -> int:
    """Sample mail into the demo mailbox, once per data folder. Returns how many were put there now."""
    box = settings.data_dir / "mailbox" / "pekalongan"
    new = box / "new"
    if box.exists() or settings.data_dir.joinpath("no-samples").exists():
        return 0
    for name in ("tmp", "cur", "new"):
        (box / name).mkdir(parents=True, exist_ok=True)
    samples = sorted(Path(str(files("contracts"))).joinpath("standards", "pekalongan", "samples").glob("*.eml"))
    for number, sample in enumerate(samples, start=1):
        name = f"{int(datetime.now(UTC).timestamp())}.{number:02d}{secrets.token_hex(4)}.caraka"
        shutil.copyfile(sample, box / "tmp" / name)
        (box / "tmp" / name).rename(new / name)
    return len(samples)


def demo_password(settings: Settings, organisation: Kit) -> str | None:
    """The demo people's common password, made once per data folder and kept there (mode 0600); None without demo
    people.
    """
    _, agencies = load(settings.standards_dir or own_standards())
    if not any(agency.people.demo for agency in agencies.values()):
        return None
    password, _ = open_demonstration(
        AccessTables(organisation.engine, access_key(settings)), agencies, settings.data_dir, organisation.clock()
    )
    return password


def welcome(settings: Settings, password: str | None, *, fresh: int, seconds: float) -> str:
    lines = ["", f"Caraka siap dalam {seconds:.1f} detik:  {settings.base_url}", ""]
    if password is not None:
        heads, others = ("kasi", "kabid", "kadis"), ("caraka-1", "caraka-2", "pengaduan", "admin", "inspektorat")
        people = ("operator", "operator-2", *heads, *others)
        lines += ["Masuk sebagai (semua dengan kata sandi yang sama):"]
        lines += [f"  {person}@pekalongan" for person in people]
        lines += ["  operator@purbalingga, …", f"Kata sandi demo:  {password}", ""]
    if fresh:
        lines += [f"{fresh} pesan contoh menunggu di Kotak Masuk operator@pekalongan."]
    return "\n".join([*lines, "Ctrl-C untuk berhenti.", ""])
