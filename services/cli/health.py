"""What a person should look at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.cli.catalogue import SERVICES
from services.cli.clock import at_the_office, by_the_clock
from services.kit.bus.connection import Bus, BusError
from services.kit.bus.rights import BACKUP
from services.kit.operations.health import HealthReport, ask_health
from services.kit.settings import Settings

SECONDS = 2.0


async def overview(settings: Settings) -> dict[str, Any]:
    reports = await reports_of(settings)
    spoken = {report.service for report in reports}
    missing = [name for name in SERVICES if name not in spoken]
    lines = []
    for report in reports:
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
        "healthy": not missing and not any(report.troubles or report.warnings for report in reports),
        "report": by_the_clock("\n".join(lines), settings),
        "raw": {"services": [report.as_dict() for report in reports], "missing": missing},
    }


def _backups(told: Mapping[str, Any], settings: Settings) -> str:
    if told["state"] == "off":
        return "tidak dijadwalkan (CARAKA_BACKUP_TO)"
    newest, proven = (
        at_the_office(datetime.fromisoformat(told[name]), settings) if told[name] else never
        for name, never in (("newest_at", "belum ada"), ("proven_at", "belum pernah"))
    )
    return f"cadangan terakhir {newest}, terbukti dapat dipulihkan {proven}, di {told['place']}"


async def reports_of(settings: Settings) -> list[HealthReport]:
    try:
        bus = await Bus.connect(settings.broker_url, service="doctor", patience=SECONDS)
    except BusError:
        return []
    try:
        return await ask_health(bus, seconds=SECONDS, enough=(*SERVICES, BACKUP))
    finally:
        await bus.close()
