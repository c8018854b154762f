"""Clean text: every step linear in its input, every character one that a database takes."""

import re
import unicodedata

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str, *, lines: bool = False) -> str:
    """NFC without NUL, lone surrogates, controls and byte order marks; one line unless `lines`."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd").replace("\ufeff", "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    if not lines:
        text = " ".join(text.split())
    return unicodedata.normalize("NFC", text)


def clean_line(text: str, limit: int, warnings: set[str]) -> str:
    """One line of a header without direction overrides (and a warning where there were some)."""
    if BIDI.search(text):
        warnings.add("bidi-override")
        text = BIDI.sub("", text)
    return clean(text[: limit * 4])[:limit]
