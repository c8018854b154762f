"""What a person should look at."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.cli.catalogue import SERVICES
from services.cli.clock import at_the_office, by_the_clock
from services.cli.folder import unwritable
from services.kit.bus.addresses import without_password
from services.kit.bus.connection import Bus, BusError
from services.kit.bus.rights import BACKUP
from services.kit.operations.health import HealthReport, ask_health
from services.kit.settings import Settings

SECONDS = 2.0


async def overview(settings: Settings) -> dict[str, Any]:
    reports, ground = await reports_of(settings), await asyncio.to_thread(ground_of, settings)
    spoken = {report.service for report in reports or []}
    missing = [name for name in SERVICES if name not in spoken]
    lines = [f"✗ {said}" for said in ground]
    if reports is None:
        lines.append(f"✗ bus            NATS di {without_password(settings.broker_url)} tidak menjawab")
    for report in reports or []:
        sign = "✗" if report.troubles or report.warnings else "✓"
        lines.append(f"{sign} {report.service:<14} {report.instance.split('/')[-3]}")
        lines += [f"    {said}" for said in (*report.troubles, *report.warnings)]
        lines += [
            f"    {name}: tertinggal {part['behind']} peristiwa"
            for name, part in report.parts.items()
            if part.get("behind")
        ]
        lines += [f"    {name}: {part['note']}" for name, part in report.parts.items() if part.get("note")]
        if report.service == BACKUP:
            lines.append(f"    {_backups(report.parts[BACKUP], settings)}")
    lines += [f"✗ {name:<14} tidak menjawab" for name in missing]
    return {
        "healthy": not missing
        and not ground
        and not any(report.troubles or report.warnings for report in reports or []),
        "report": by_the_clock("\n".join(lines), settings),
        "raw": {"services": [report.as_dict() for report in reports or []], "missing": missing},
    }


def _backups(told: Mapping[str, Any], settings: Settings) -> str:
    if told["state"] == "off":
        return "tidak dijadwalkan (CARAKA_BACKUP_TO)"
    newest, proven = (
        at_the_office(datetime.fromisoformat(told[name]), settings) if told[name] else never
        for name, never in (("newest_at", "belum ada"), ("proven_at", "belum pernah"))
    )
    return f"cadangan terakhir {newest}, terbukti dapat dipulihkan {proven}, di {told['place']}"


def ground_of(settings: Settings) -> list[str]:
    """What is wrong with the data folder, where one is used on this machine: whether it takes a file is tried."""
    folder = settings.data_dir
    unused = settings.nats_url and settings.database_url and settings.blob_url
    if unused or not folder.is_dir():
        return []
    why = unwritable(folder)
    return [f"folder data    {folder} tidak dapat ditulisi: {why}"] if why else []


async def reports_of(settings: Settings) -> list[HealthReport] | None:
    """None: there is no bus."""
    try:
        bus = await Bus.connect(settings.broker_url, service="doctor", patience=SECONDS)
    except BusError:
        return None
    try:
        return await ask_health(bus, seconds=SECONDS, enough=(*SERVICES, BACKUP))
    finally:
        await bus.close()
