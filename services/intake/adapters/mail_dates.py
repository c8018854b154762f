"""When a message says that it was sent: as people's programs write it, not only as the standard does."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

_YEARS = range(1980, 2101)
_MONTHS = {"mei": "may", "agu": "aug", "agt": "aug", "okt": "oct", "des": "dec", "peb": "feb", "nop": "nov"}
"""Indonesian months whose first letters are others than the English."""
_ZONES = {
    "wib": 7,
    "wita": 8,
    "wit": 9,
    "sgt": 8,
    "myt": 8,
    "ict": 7,
    "jst": 9,
    "kst": 9,
    "hkt": 8,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "bst": 1,
    "wet": 0,
    "west": 1,
    "msk": 3,
    "aest": 10,
    "aedt": 11,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
}
"""Hours ahead of UTC; IST and the like, which several countries use, are not among them."""
_A_DAY = timedelta(days=1)
_COMMENT = re.compile(r"\([^()]{0,80}\)")
_MONTH = re.compile(r"\b(mei|agu|agt|okt|des|peb|nop)[a-z]*\b", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_DOTTED = re.compile(r"(?<=[\s,])(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?=\s|$)")
_NOON = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)\s*([AaPp])\.?[Mm]\.?(?![A-Za-z])")
_OFFSET = re.compile(r"(?:\b(?:GMT|UTC|UT)\s*)?([+-])(\d{1,2}):?(\d{2})?\s*$", re.IGNORECASE)
_OFFSET_NAMED = re.compile(r"\b(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_NUMBERS = re.compile(r"^(?:[A-Za-z.]{2,9},?\s+)?(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?!\d)")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FRACTION = re.compile(r"(\d{1,2}:\d{2}:\d{2})[.,]\d{1,9}")
_HYPHENS = re.compile(r"\b(\d{1,2})-([A-Za-z]{3,9})-(\d{2,4})\b")
_NAMED = re.compile(r"\b([A-Za-z]{1,5})\s*$")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def moment(value: str, warnings: set[str]) -> datetime | None:
    """In UTC; None with a warning where it is missing, unreadable or outside 1980 to 2100.

    A date without a zone, or with one that nobody knows, is taken as UTC; one in numbers has its day first. Warnings
    say so.
    """
    value = value[:200].strip()
    if not value:
        warnings.add("date-missing")
        return None
    try:
        read = datetime.fromisoformat(value) if _ISO.match(value) else _written(_in_words(value, warnings))
        if read is not None and read.year in _YEARS:
            if read.tzinfo is None:
                warnings.add("zone-unknown")
                read = read.replace(tzinfo=UTC)
            when = read.astimezone(UTC)
            if when.year in _YEARS:
                return when
    except Exception:  # noqa: BLE001, S110 - the library raises many kinds on nonsense; all of them mean "unreadable"
        pass
    warnings.add("date-impossible")
    return None


def _in_words(value: str, warnings: set[str]) -> str:
    """A date in numbers as the library reads it: the year where it has four digits, else the day first if it can."""
    found = _NUMBERS.match(value)
    if found is None:
        return value
    first, month, last = found.group(1), int(found.group(3)), found.group(4)
    day, year = int(first), last
    if len(first) == 4:  # noqa: PLR2004 - a year's digits
        day, year = int(last), first
    elif month > len(_NAMES):
        day, month = month, day
    if not 1 <= month <= len(_NAMES):
        return value
    if year == last:
        warnings.add("date-guessed")
    full = year if len(year) > 2 else f"20{year}"  # noqa: PLR2004 - a century
    return f"{day} {_NAMES[month - 1]} {full}{value[found.end() :]}"


def _written(value: str) -> datetime | None:
    """Naive where no zone is known. The library reads day, month, year and clock; zone and noon are read here."""
    plain = _COMMENT.sub(" ", value).strip()
    plain = _MONTH.sub(lambda found: _MONTHS[found.group(1).lower()], plain)
    plain = _FRACTION.sub(r"\1", _HYPHENS.sub(r"\1 \2 \3", plain))
    plain = _DOTTED.sub(lambda found: ":".join(part for part in found.groups() if part), plain)
    plain, noon = _without_noon(plain)
    plain, ahead = _without_zone(plain)
    read = parsedate_tz(plain)
    if read is None:
        return None
    if ahead is None:
        ahead = _zone_anywhere(value)
    if ahead is None and read[9]:  # 0 is also what the library says of none
        ahead = timedelta(seconds=read[9])
    when = datetime(*read[:6]) + noon  # noqa: DTZ001 - the zone follows, or there is none
    if ahead is None:
        return when
    return when.replace(tzinfo=UTC) - ahead if abs(ahead) < _A_DAY else None


def _without_noon(plain: str) -> tuple[str, timedelta]:
    found = _NOON.search(plain)
    if found is None:
        return plain, timedelta(0)
    hour, late = int(found.group(1)), found.group(3) in "Pp"
    kept = plain[: found.start()] + found.group(1) + found.group(2) + " " + plain[found.end() :]
    more = 12 if late and hour < 12 else -12 if not late and hour == 12 else 0  # noqa: PLR2004 - the clock's
    return kept, timedelta(hours=more)


def _zone_anywhere(value: str) -> timedelta | None:
    """In brackets, in quotes, before the year: where nothing stands in its place."""
    offset = _OFFSET_NAMED.search(value)
    if offset is not None:
        ahead = timedelta(hours=int(offset.group(2)), minutes=int(offset.group(3) or 0))
        return -ahead if offset.group(1) == "-" else ahead
    named = next((word for word in re.findall(r"\b[A-Za-z]{3,4}\b", value) if word.lower() in _ZONES), None)
    return None if named is None else timedelta(hours=_ZONES[named.lower()])


def _without_zone(plain: str) -> tuple[str, timedelta | None]:
    clock = _CLOCK.search(plain)
    offset = _OFFSET.search(plain, clock.end() if clock else 0)
    if offset is not None and clock is not None:
        ahead = timedelta(hours=int(offset.group(2)), minutes=int(offset.group(3) or 0))
        return plain[: offset.start()], -ahead if offset.group(1) == "-" else ahead
    named = _NAMED.search(plain)
    if named is not None and clock is not None and named.start() > clock.start():
        hours = _ZONES.get(named.group(1).lower())
        return plain[: named.start()], None if hours is None else timedelta(hours=hours)
    return plain, None
