"""Invitations (iCalendar) in the office's words: what, when, where."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

_MOST_EVENTS = 10
_HEADS = {"CANCEL": "Pembatalan undangan", "REPLY": "Jawaban undangan", "COUNTER": "Usul waktu lain"}
_ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def told(content: bytes, zone: str, warnings: set[str]) -> str:
    """A few lines per event; empty (and a warning) where nothing can be read. UTC is told in ``zone``."""
    try:
        calendar = Calendar.from_ical(content)
        head = _HEADS.get(str(calendar.get("METHOD", "")).upper(), "Undangan kalender")
        return "\n\n".join("\n".join(_lines(head, event, ZoneInfo(zone))) for event in _events(calendar))
    except Exception:  # noqa: BLE001 - the library raises many kinds on nonsense
        warnings.add("undecodable-part")
        return ""


def _events(calendar: Any) -> Iterator[Any]:
    found = [each for each in calendar.walk() if each.name in {"VEVENT", "VTODO"}]
    yield from found[:_MOST_EVENTS]


def _lines(head: str, event: Any, zone: ZoneInfo) -> Iterator[str]:
    yield f"{head}: {event.get('SUMMARY', '-')}"
    begun, ended = (_moment(event.get(name), zone) for name in ("DTSTART", "DTEND"))
    if begun:
        day, _, clock = begun.partition(", ")
        yield f"Waktu: {begun}" + (f" sampai {ended.removeprefix(f'{day}, ') if clock else ended}" if ended else "")
    if event.get("RRULE"):
        yield f"Berulang: {event['RRULE'].to_ical().decode('utf-8', 'replace')}"
    for name, word in (("LOCATION", "Tempat"), ("ORGANIZER", "Penyelenggara"), ("URL", "Tautan")):
        if event.get(name):
            yield f"{word}: {str(event[name]).removeprefix('mailto:').removeprefix('MAILTO:')}"
    if event.get("DESCRIPTION"):
        yield str(event["DESCRIPTION"])


def _moment(said: Any, zone: ZoneInfo) -> str:
    when = getattr(said, "dt", None)
    if isinstance(when, datetime):
        if when.tzinfo in {UTC, ZoneInfo("UTC")}:
            when = when.astimezone(zone)
        name = str(when.tzinfo) if when.tzinfo else ""
        return f"{when:%d-%m-%Y, %H.%M} {_ZONE_NAMES.get(name, name)}".rstrip()
    return f"{when:%d-%m-%Y}" if isinstance(when, date) else ""
