"""Foreign text made fit for paper: only glyphs that the embedded fonts have, bounded length, words that can break.

PDF/A forbids a missing glyph, so one unknown sign would cost the whole pack: it becomes □, and the sheet says so.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any

UNPRINTABLE = "□"

# Covered by Libertinus Serif or DejaVu Sans Mono, which typst carries inside (a test prints every one of them).
_PRINTABLE = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x3D0, 0x3E1)),
    *((0x3F0, 0x477), (0x48C, 0x4C4), (0x4CF, 0x4F9), (0x5D0, 0x5EA), (0x621, 0x63A), (0x640, 0x64A), (0x660, 0x669)),
    *((0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x2037), (0x2039, 0x203F), (0x2044, 0x204B), (0x2074, 0x208E)),
    *((0x20A0, 0x20B5), (0x2122, 0x2122), (0x2153, 0x2184), (0x2190, 0x222E), (0x2234, 0x223D), (0x2241, 0x226B)),
    *((0x226D, 0x228B), (0x228D, 0x22A6), (0x22B2, 0x22B8), (0x22DA, 0x22E9), (0x2460, 0x2473), (0x2500, 0x262F)),
    *((0x2639, 0x266F), (0x270C, 0x2727), (0x2729, 0x274B), (0x2758, 0x275E), (0x2761, 0x277F), (0x2798, 0x27AF)),
    (0xFFFD, 0xFFFD),
)
_LINE_ENDS = "\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_INVISIBLE = "\xad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
_LONG_WORD = 20
_BREAK_EVERY = 10
_FIELD = re.compile(r"\s*([^\s:][^:]{0,19}?)\s*:(?:\s+(.*))?$")
_LONGEST_FIELD = 90
_COLUMNS = re.compile(r"\S {3,}\S")
_NARROW = frozenset("iljtfrI.,;:'|!()[]{}/\\-`")
_WIDE = frozenset("mwMW@%&—…")


def _sign_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(sign): "\n" for sign in _LINE_ENDS}
    table |= {ord(sign): None for sign in _INVISIBLE}
    table |= dict.fromkeys((*range(0x2000, 0x200B), 0x1680, 0x205F, 0x3000), " ")
    table |= {0x09: "    ", 0x202F: "\xa0"}
    return table


_SIGNS = _sign_table()
_SPACES = {0x09: "    ", 0x1680: " ", 0x202F: "\xa0", 0x205F: " ", 0x3000: "  "} | dict.fromkeys(
    range(0x2000, 0x200B), " "
)


def printable(sign: str) -> bool:
    """Whether the fonts that are always there can show this one character."""
    point = ord(sign)
    return any(first <= point <= last for first, last in _PRINTABLE)


def _shown(sign: str, known: dict[str, bool]) -> str:
    if sign == "\n" or known.setdefault(sign, printable(sign)):
        return sign
    return "" if unicodedata.combining(sign) else UNPRINTABLE


def clean(text: str) -> str:
    """Text in NFC with plain line ends and spaces; direction overrides, control and unknown characters become □."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_SIGNS)
    known: dict[str, bool] = {}
    return "".join(_shown(sign, known) for sign in plain)


def loses(text: str) -> bool:
    """Whether paper cannot show all of it (a □ of the letter's own is no loss)."""
    return clean(text).count(UNPRINTABLE) > text.count(UNPRINTABLE)


def line(text: str, limit: int) -> str:
    """One clean line of at most `limit` characters, cut with "…", long words breakable."""
    flat = " ".join(clean(text[: 4 * limit]).split())
    cut = flat if len(flat) <= limit and len(text) <= 4 * limit else flat[: limit - 1].rstrip() + "…"
    return breakable(cut)


def breakable(text: str) -> str:
    """Zero-width spaces inside words that no column could hold, after punctuation where there is some."""
    return " ".join(word if len(word) <= _LONG_WORD else _broken(word) for word in text.split(" "))


def _broken(word: str) -> str:
    pieces = re.split(r"(?<=[@./_\-&=?])", word)
    return "\u200b".join(piece[at : at + _BREAK_EVERY] for piece in pieces for at in range(0, len(piece), _BREAK_EVERY))


def _width(sign: str) -> float:
    """A generous guess of the width in em: better a page cut early than one page too many."""
    if sign in " \u200b":
        return 0.26 if sign == " " else 0.0
    if sign in _NARROW:
        return 0.36
    if sign in _WIDE or sign > "ÿ":
        return 1.0
    return 0.74 if sign.isupper() else 0.54


def _wrapped(text: str, width: float) -> Iterator[int]:
    """Where each printed line of one line of text ends, as offsets."""
    narrowest = 0.49 if _COLUMNS.search(text) else 0.0  # it may be set in the typewriter face
    at, used, line_start, last_space = -1, 0.0, 0, -1
    for at, sign in enumerate(text):
        used += max(_width(sign), narrowest)
        if sign in " \u200b":
            last_space = at
        if used > width and at > line_start:
            end = last_space + 1 if last_space >= line_start else at
            yield end
            line_start, used = end, sum(max(_width(each), narrowest) for each in text[end : at + 1])
    yield at + 1


def fitted(text: str, lines: int, width: float) -> tuple[str, bool]:
    """The beginning of `text` that fills at most `lines` printed lines of `width` em; True where some is left off.

    Its long words are breakable already, as the breaks decide where a line ends.
    """
    left, taken = lines, []
    pieces = text.split("\n")
    for number, piece in enumerate(map(breakable, pieces), start=1):
        ends = list(islice(_wrapped(piece, width), left))
        left -= len(ends)
        taken.append(piece[: ends[-1]])
        if left == 0:
            return "\n".join(taken), number < len(pieces) or ends[-1] < len(piece)
    return "\n".join(taken), False


def paragraphs(text: str) -> list[dict[str, Any]]:
    """What the eye sees in plain mail that has been `fitted`, parted by empty lines.

    A part is `{"text", "mono"}` with its line breaks, or `{"fields", "width"}` for lists like "waktu : 09.00"; text in
    columns of spaces goes to the typewriter face (`mono`), or the columns would be lost.
    """
    parts: list[list[str]] = [[]]
    for row in text.split("\n"):
        if row.strip(" \xa0"):
            parts[-1].append(row)
        elif parts[-1]:
            parts.append([])
    return [_part("\n".join(part)) for part in parts if "".join(part).strip()]


def _part(text: str) -> dict[str, Any]:
    rows = [row.rstrip() for row in text.split("\n")]
    pairs = [(found[1].rstrip(), found[2] or "") for row in rows if (found := _field(row))]
    if len(rows) > 1 and len(pairs) == len(rows) and any(re.search(r"^ |  +:", row) for row in rows):
        return {
            "fields": [[name, value or "\xa0"] for name, value in pairs],
            "width": round(max(3.0, *(sum(map(_width, name)) for name, _ in pairs)), 1),
        }
    kept = [row.replace("  ", "\xa0 ").replace("\xa0  ", "\xa0\xa0 ") for row in rows]
    return {"text": "\n".join(kept), "mono": sum(1 for row in rows if _COLUMNS.search(row)) > 1}


def _field(row: str) -> re.Match[str] | None:
    """Short rows only: beside a wide name a long value would take more lines than were counted for it."""
    return _FIELD.match(row) if len(row) <= _LONGEST_FIELD else None
