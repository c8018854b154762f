"""Proposes the fields of a letter from what its message says. Pure; the operator confirms every word."""

import re
from dataclasses import dataclass
from datetime import date

from contracts.projections import Letter
from contracts.words import RecipientEntry

MONTHS = {
    name: number
    for number, names in enumerate(
        ("januari jan", "februari pebruari feb", "maret mar", "april apr", "mei", "juni jun", "juli jul",
         "agustus agu agt", "september sep sept", "oktober okt", "november nopember nov nop", "desember des"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
URGENCY = (("sangat segera", "sangat-segera"), ("kilat", "sangat-segera"), ("segera", "segera"), ("penting", "penting"))
CLASSES = (
    (re.compile(r"\bsekretaris daerah\b|\bsekda\b", re.IGNORECASE), "sekda"),
    (re.compile(r"\bwali ?kota\b|\bbupati\b", re.IGNORECASE), "walikota"),
    (re.compile(r"\basisten\b", re.IGNORECASE), "asisten"),
    (
        re.compile(r"\b(kepala|camat|lurah|direktur|inspektur|dinas|badan|kantor|bagian|rsud|satpol)\b", re.IGNORECASE),
        "kepala-opd",
    ),
)
LABEL = r"^[ \t>*]*(?:{names})[ \t]*[:：][ \t]*(\S.*)$"
NUMBER = re.compile(LABEL.format(names="nomor(?: surat)?|no(?:mor)?\\.?(?: surat)?"), re.IGNORECASE | re.MULTILINE)
SUBJECT = re.compile(LABEL.format(names="perihal|hal"), re.IGNORECASE | re.MULTILINE)
NATURE = re.compile(LABEL.format(names="sifat|derajat"), re.IGNORECASE | re.MULTILINE)
DATED = re.compile(LABEL.format(names="tanggal(?: surat)?|tgl\\.?"), re.IGNORECASE | re.MULTILINE)
PLACED = re.compile(
    r"^[ \t]*[A-Z][A-Za-z .]{2,30},[ \t]*(\d{1,2}[ \t./-]{1,8}(?:[A-Za-z]+|\d{1,2})[ \t./-]{1,8}\d{2,4})[ \t]*$",
    re.MULTILINE,
)
DAY = re.compile(r"(?<![\d./-])(\d{1,2})[ \t./-]{1,8}([A-Za-z]{1,12}|\d{1,2})[ \t./-]{1,8}'?(\d{4}|\d{2})(?![\d/])")
YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?![\d/])")
PREFIX = re.compile(r"^\s*(?:(?:fw|fwd|re|bls|trs)\s*:\s*|\[[^\]]{1,30}\]\s*)+", re.IGNORECASE)
TO = re.compile(r"^[ \t>*-]*(?:kepada\b[ \t:]*)?(?:yth\.?|yang terhormat)[ \t:.]*(.*)$", re.IGNORECASE)
COPY_TO = re.compile(r"^[ \t>*]*tembusan\b", re.IGNORECASE)
ITEM = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-•*])[ \t]*(\S.*)$")
ASIDE = re.compile(r"^(?:sdr\.?|bapak|ibu|di|di\s*-?\s*(?:tempat|pekalongan|purbalingga))$", re.IGNORECASE)
MOST_LINES = 400
MOST_RECIPIENTS = 20
LONGEST = 200
CENTURY = 100
MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Proposal:
    sender: str = ""
    letter_number: str = ""
    letter_on: str = ""
    dated_from: str = ""  # the letter's words, where its date is a guess: a month in numbers, a year of two digits
    subject: str = ""
    summary: str = ""
    urgency: str = "biasa"
    recipients: tuple[RecipientEntry, ...] = ()


def propose(letter: Letter) -> Proposal:
    text = letter.text[:20_000]
    title = PREFIX.sub("", letter.message_subject).strip()
    letter_on, dated_from = dated(text)
    return Proposal(
        sender=(letter.from_name or letter.from_address or letter.row.sender)[:LONGEST],
        letter_number=_clean(_found(NUMBER, text))[:100],
        letter_on=letter_on,
        dated_from=dated_from,
        subject=(_clean(_found(SUBJECT, text)) or title)[:LONGEST],
        urgency=urgency(f"{_found(NATURE, text)} {title}"),
        recipients=recipients(text),
    )


def dated(text: str) -> tuple[str, str]:
    """The first date that stands where a letter has its own: behind its heading, or behind the place."""
    places = [found for pattern in (DATED, PLACED) if (found := pattern.search(text))]
    read = (_day(found.group(1)) for found in sorted(places, key=lambda found: found.start()))
    return next((each for each in read if each[0]), ("", ""))


def urgency(text: str) -> str:
    plain = text.lower()
    return next((slug for words, slug in URGENCY if re.search(rf"\b{words}\b", plain)), "biasa")


def recipients(text: str) -> tuple[RecipientEntry, ...]:
    """Lines after "Yth." are originals, lines after "Tembusan" copies; each only if its class can be told."""
    kind = ""
    found: dict[tuple[str, str], RecipientEntry] = {}
    for line in text.splitlines()[:MOST_LINES]:
        if COPY_TO.match(line):
            kind = "tembusan"
            continue
        addressed = TO.match(line)
        if addressed:
            kind = kind or "asli"
            named = addressed.group(1)
            first = ITEM.match(named)
            named = first.group(1) if first else named
        elif kind and (item := ITEM.match(line)):
            named = item.group(1)
            inner = TO.match(named)
            named = inner.group(1) if inner else named
        else:
            if line.strip() and kind == "asli" and not ASIDE.match(line.strip()) and found:
                kind = ""
            continue
        office = _office(named)
        which = _class(office)
        if office and which and len(found) < MOST_RECIPIENTS:
            found.setdefault(
                (which, office.casefold()), RecipientEntry(recipient_class=which, office=office, copy_kind=kind)
            )
    return tuple(found.values())


def _office(text: str) -> str:
    plain = re.sub(r"^(?:sdr\.?|bapak|ibu)[ \t/]+", "", _clean(text), flags=re.IGNORECASE)
    return re.sub(r" ?(?:[;,.]|\(sebagai laporan\)) ?$", "", plain)[:LONGEST]


def _class(office: str) -> str:
    return next((slug for pattern, slug in CLASSES if pattern.search(office)), "")


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" \t:*_")


def _day(text: str) -> tuple[str, str]:
    """The day in ISO, and what it was guessed from; in numbers the day comes first, as in Indonesia, if it can."""
    if found := YEAR_FIRST.search(text):
        year, month, day = map(int, found.groups())
        return _iso(year, month, day), ""
    found = DAY.search(text)
    if not found:
        return "", ""
    day, year = int(found.group(1)), int(found.group(3))
    name = found.group(2).lower()
    month = int(name) if name.isdigit() else MONTHS.get(name, 0)
    guessed = name.isdigit() or year < CENTURY
    year += CENTURY * 20 if year < CENTURY else 0
    if name.isdigit() and day <= MOST_MONTHS < month:
        day, month = month, day
    on = _iso(year, month, day)
    return on, found.group().strip() if on and guessed else ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
