"""An explanation as an Indonesian sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.worktime.explanation import Explanation, Interval

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ZONES = {
    "Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT",
}  # fmt: skip
KINDS = {"working_days": "hari kerja", "service_minutes": "menit layanan"}
SKIPPED = {
    "national": "hari libur nasional",
    "joint-leave": "cuti bersama",
    "local": "libur setempat",
    "paused": "jam dihentikan",
}


def in_words(explained: Explanation) -> str:
    """When it came, how much is counted, what is left out and why, when it is due; clocks in the calendar's zone."""
    zone = ZoneInfo(explained.zone)
    parts = [f"Diterima {moment(explained.received_at, zone)}"]
    if explained.starts_at != explained.received_at:
        parts.append(f"di luar jam layanan, dianggap diterima {moment(explained.starts_at, zone)}")
    parts.append(f"tenggat {explained.amount} {KINDS[explained.kind]}")
    if explained.kind == "working_days":
        parts.append("hari penerimaan tidak dihitung")
    skipped = list(_skipped(explained, zone))
    if skipped:
        parts.append("tidak dihitung: " + "; ".join(skipped))
    sentence = f"{', '.join(parts)}. Jatuh tempo {moment(explained.due_at, zone)}."
    if explained.undecreed:
        years = ", ".join(str(year) for year in explained.undecreed)
        sentence += f" Hari libur tahun {years} belum ditetapkan; tenggat ini dapat bergeser."
    return sentence


def moment(at: datetime, zone: ZoneInfo) -> str:
    """``Jumat, 13 Maret 2026 pukul 10.30 WIB``."""
    local = at.astimezone(zone)
    return f"{DAYS[local.weekday()]}, {_day(local)} pukul {local:%H.%M} {ZONES.get(zone.key, zone.key)}"


def moment_in_words(at: datetime, zone: str, language: str) -> str:
    """In the zone's clock, Indonesian (``id``) or English (``en``)."""
    if language == "id":
        return moment(at, ZoneInfo(zone))
    local = at.astimezone(ZoneInfo(zone))
    day = f"{WEEKDAYS[local.weekday()]}, {local.day} {ENGLISH_MONTHS[local.month - 1]} {local.year}"
    return f"{day} at {local:%H:%M} {ZONES.get(zone, zone)}"


def _skipped(explained: Explanation, zone: ZoneInfo) -> Iterator[str]:
    counted = list(accumulate(int(each.counted) for each in explained.intervals))
    left_out = [
        (each, so_far)
        for each, so_far in zip(explained.intervals, counted, strict=True)
        if not each.counted and each.why in SKIPPED
    ]
    for (why, note, _), group in groupby(left_out, key=lambda found: (found[0].why, found[0].note, found[1])):
        stretches = [each for each, _ in group]
        name = f"{SKIPPED[why]} {note}".strip() if note.casefold() not in SKIPPED[why] else SKIPPED[why]
        if why == "joint-leave" and note.casefold().startswith("cuti bersama"):
            name = note
        yield f"{_span(stretches[0], stretches[-1], zone)} ({name})"


def _span(first: Interval, last: Interval, zone: ZoneInfo) -> str:
    begins = first.from_at.astimezone(zone)
    ends = (last.until_at - timedelta(microseconds=1)).astimezone(zone)
    if begins.date() == ends.date():
        return _day(begins)
    same_month = (begins.year, begins.month) == (ends.year, ends.month)
    return f"{begins.day if same_month else _day(begins)}–{_day(ends)}"


def _day(local: datetime) -> str:
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def as_answer(explained: Explanation) -> dict[str, Any]:
    """Everything that an explanation says, as plain values with its sentence: for whoever answers with it."""
    told = ("kind", "amount", "received_at", "starts_at", "due_at", "calendar", "zone", "undecreed")
    interval = ("from_at", "until_at", "counted", "why", "note", "day")
    return {
        **{name: getattr(explained, name) for name in told},
        "intervals": tuple({name: getattr(each, name) for name in interval} for each in explained.intervals),
        "sentence": in_words(explained),
    }
