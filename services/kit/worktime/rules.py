"""Reads a calendar's rules. Every complaint names its place, as ``hours[1].close``, and its reason in Indonesian."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from services.kit.worktime.frames import ClosedDay, Frame

KEYS = ("zone", "hours", "seasons", "holidays", "joint_leave_works", "calendar", "decreed_years")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED_KINDS = ("national", "joint-leave", "local")
_FRAME_KEYS = {"days", "open", "close", "breaks", "valid_from", "season", "season_from", "season_until"}
_MOST = {"hours": 400, "seasons": 400, "holidays": 80_000}
"""Far beyond what may be published (`bounds`): so much can be read without anybody waiting."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


Read = tuple[str, tuple[Frame, ...], Mapping[date, ClosedDay], str, bool, frozenset[int]]
"""Of a `Calendar`, in its order: zone, frames, closed days, version, joint leave works, decreed years."""


def read_rules(rules: Mapping[str, Any]) -> Read:
    """``hours``: [{days, open, close, breaks, valid_from | season, season_from, season_until}]; ``holidays``: dates or
    [{on, kind, reason}]. ``seasons``: seasonal frames that were decreed later; they go before those of ``hours``.
    """
    frames = tuple(_frame(f"hours[{at}]", entry) for at, entry in enumerate(_entries(rules, "hours")))
    if not frames:
        _refuse("hours", "belum ada jam layanan")
    if all(frame.season for frame in frames):
        _refuse("hours", "hanya ada jam musiman; jam layanan biasa belum ada")
    _no_overlap(frames)
    seasons = tuple(_frame(f"seasons[{at}]", entry) for at, entry in enumerate(_entries(rules, "seasons")))
    for at, frame in enumerate(seasons):
        if not frame.season:
            _refuse(f"seasons[{at}].season", "harus nama musim")
    _no_overlap(seasons, "seasons")
    closed: dict[date, ClosedDay] = {}
    for at, entry in enumerate(_entries(rules, "holidays")):
        day = _closed_day(f"holidays[{at}]", entry)
        if day.on in closed:
            _refuse(f"holidays[{at}]", f"tanggal {day.on} tertulis dua kali")
        closed[day.on] = day
    works = rules.get("joint_leave_works", False)
    if not isinstance(works, bool):
        _refuse("joint_leave_works", "harus true atau false")
    years = rules.get("decreed_years") or sorted({day.year for day in closed})
    if not isinstance(years, list) or not all(isinstance(year, int) for year in years):
        _refuse("decreed_years", "harus daftar tahun")
    return _zone(rules), (*seasons, *frames), closed, _version(rules), works, frozenset(years)


def _version(rules: Mapping[str, Any]) -> str:
    label = rules.get("calendar", "kalender")
    if not isinstance(label, str) or not label:
        _refuse("calendar", "harus nama kalender")
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
    return f"{label}#{digest[:12]}"


def _zone(rules: Mapping[str, Any]) -> str:
    zone = rules.get("zone")
    if not isinstance(zone, str) or not zone:
        _refuse("zone", "zona waktu belum ada, misalnya Asia/Jakarta")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):  # the names are checked by looking for a file of that name
        _refuse("zone", f"zona waktu {zone!r} tidak dikenal")
    return zone


def _entries(rules: Mapping[str, Any], key: str) -> list[Any]:
    entries = rules.get(key, [])
    if not isinstance(entries, list):
        _refuse(key, "harus daftar")
    if len(entries) > _MOST[key]:
        _refuse(key, f"lebih dari {_MOST[key]} baris")
    return entries


def _frame(place: str, entry: object) -> Frame:
    if not isinstance(entry, dict):
        _refuse(place, "harus tabel dengan days, open dan close")
    for key in sorted(entry.keys() - _FRAME_KEYS):
        _refuse(f"{place}.{key}", "kunci tidak dikenal")
    days = entry.get("days")
    if not isinstance(days, list) or not days or not all(day in WEEKDAYS for day in days):
        _refuse(f"{place}.days", f"daftar hari dari {', '.join(WEEKDAYS)}")
    windows = tuple(_windows(place, entry))
    weekdays = frozenset(WEEKDAYS.index(day) for day in days)
    if "season" not in entry:
        for key in ("season_from", "season_until"):
            if key in entry:
                _refuse(f"{place}.{key}", "hanya untuk jam musiman (season)")
        begins = _date(f"{place}.valid_from", entry["valid_from"]) if "valid_from" in entry else date.min
        return Frame(weekdays, windows, begins)
    if "valid_from" in entry:
        _refuse(f"{place}.valid_from", "jam musiman memakai season_from dan season_until")
    season = entry["season"]
    if not isinstance(season, str) or not season:
        _refuse(f"{place}.season", "harus nama musim")
    begins, ends = (_date(f"{place}.{key}", entry.get(key)) for key in ("season_from", "season_until"))
    if ends < begins:
        _refuse(f"{place}.season_until", "musim berakhir sebelum dimulai")
    return Frame(weekdays, windows, season=season, season_from=begins, season_until=ends)


def _windows(place: str, entry: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    opens, closes = _minute(f"{place}.open", entry.get("open")), _minute(f"{place}.close", entry.get("close"))
    if closes <= opens:
        _refuse(f"{place}.close", "jam tutup harus setelah jam buka")
    breaks = entry.get("breaks", [])
    if not isinstance(breaks, list):
        _refuse(f"{place}.breaks", 'harus daftar istirahat, misalnya [["12:00", "13:00"]]')
    for at, pair in enumerate(breaks):
        where = f"{place}.breaks[{at}]"
        if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - a break has a beginning and an end
            _refuse(where, "harus pasangan mulai dan selesai")
        begins, ends = (_minute(where, clock) for clock in pair)
        if not opens < begins < ends < closes:
            _refuse(where, "istirahat harus berurutan, di dalam jam buka dan tidak menyentuh tepinya")
        yield opens, begins
        opens = ends
    yield opens, closes


def _no_overlap(frames: tuple[Frame, ...], key: str = "hours") -> None:
    for (one, a), (other, b) in combinations(enumerate(frames), 2):
        if not a.weekdays & b.weekdays or bool(a.season) != bool(b.season):
            continue
        if (a.season and a.season_from <= b.season_until and b.season_from <= a.season_until) or (
            not a.season and a.valid_from == b.valid_from
        ):
            _refuse(f"{key}[{other}].days", f"hari yang sama sudah diatur di {key}[{one}]")


def _closed_day(place: str, entry: object) -> ClosedDay:
    if isinstance(entry, str):
        return ClosedDay(_date(place, entry), "national", "")
    if not isinstance(entry, dict):
        _refuse(place, "harus tanggal, atau tabel dengan on, kind dan reason")
    kind, reason = entry.get("kind", "national"), entry.get("reason", "")
    if kind not in CLOSED_KINDS:
        _refuse(f"{place}.kind", f"harus salah satu dari {', '.join(CLOSED_KINDS)}")
    if not isinstance(reason, str):
        _refuse(f"{place}.reason", "harus teks")
    for key in sorted(entry.keys() - {"on", "kind", "reason"}):
        _refuse(f"{place}.{key}", "kunci tidak dikenal")
    return ClosedDay(_date(f"{place}.on", entry.get("on")), kind, reason)


def _date(place: str, value: object) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        _refuse(place, "tanggal harus berbentuk TTTT-BB-HH")
    try:
        return date.fromisoformat(value)
    except ValueError:
        _refuse(place, f"tanggal {value} tidak ada")


def _minute(place: str, value: object) -> int:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        _refuse(place, "jam harus berbentuk JJ:MM, dari 00:00 sampai 24:00")
    return int(value[:2]) * 60 + int(value[3:])


def _refuse(place: str, reason: str) -> NoReturn:
    raise ValueError(f"{place}: {reason}")
