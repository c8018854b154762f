"""``caraka calendar explain|draft``: why a deadline falls when it falls; a year's probable closed days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts import offices, organisation
from services.cli.asking import asking
from services.kit.settings import Settings
from services.kit.worktime.wording import moment
from services.organisation.adapters.holiday_drafts import proposed
from services.organisation.adapters.standards_files import load, own_standards

WHY = {
    "window": "dihitung",
    "break": "istirahat",
    "outside-hours": "di luar jam layanan",
    "weekday-without-hours": "tidak ada jam layanan",
    "national": "libur nasional",
    "joint-leave": "cuti bersama",
    "local": "libur setempat",
    "paused": "jam dihentikan",
    "day-of-receipt": "hari penerimaan",
}


async def explain(settings: Settings, standard: str, received: str, agency: str) -> Mapping[str, Any]:
    """``received``: ``2026-03-13 10:30`` by the agency's clock, or with an offset. Raises LookupError, ValueError."""
    agency = agency or agency_of(settings, standard)
    async with asking(settings, agency) as ask:
        words = (await ask(organisation.AgencyFacts(), offices.AgencyFactsAnswer)).facts
        if words is None:
            raise LookupError(f"instansi {agency!r} tidak dikenal")
        zone = ZoneInfo(words.zone)
        at = datetime.fromisoformat(received)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        query = organisation.StandardDeadline(standard=standard, received_at=at)
        found = (await ask(query, offices.StandardDeadlineAnswer)).deadline
    if found is None:
        raise LookupError(f"standar {standard!r} tidak ada di {agency}")
    return {"zone": words.zone, "deadline": found.model_dump(mode="json")}


def in_words(told: Mapping[str, Any]) -> str:
    zone, found = ZoneInfo(told["zone"]), offices.StandardDeadlineAnswer.model_validate(told).deadline
    assert found is not None  # noqa: S101 - `explain` has looked
    lines = [found.sentence, ""]
    for each in found.intervals:
        note = f" {each.note}" if each.note else ""
        day = f" (hari kerja ke-{each.day})" if each.day else ""
        counted = "+" if each.counted else " "
        begins, ends = moment(each.from_at, zone), moment(each.until_at, zone)
        lines.append(f"{counted} {begins} – {ends}: {WHY.get(each.why, each.why)}{note}{day}")
    lines.append(f"\n{found.standard.standard} versi {found.standard.version}, kalender {found.calendar}")
    return "\n".join(lines)


def agency_of(settings: Settings, standard: str) -> str:
    """The agency that has a standard of this name. Raises LookupError when none or several have."""
    _, agencies = load(settings.standards_dir or own_standards())
    owners = [
        slug for slug, files in agencies.items() if any(each.standard == standard for each in files.standards.values())
    ]
    if len(owners) != 1:
        raise LookupError(f"sebutkan --agency: {standard!r} ada di {', '.join(owners) or 'tidak satu pun instansi'}")
    return owners[0]


def draft(year: int) -> str:
    """A decree for calendar.toml, to be checked against the joint decree and given its number."""
    lines = [
        "# Usulan dari paket holidays: periksa dengan Keputusan Bersama, isi nomornya, lalu hapus `check`.",
        "[[decrees]]",
        f"year = {year}",
        'number = "belum ditetapkan"',
        "check = true",
        "closed = [",
        *(f'  {{ on = {day.on}, kind = "{day.kind}", reason = "{day.reason}" }},' for day in proposed(year)),
        "]",
    ]
    return "\n".join(lines)
