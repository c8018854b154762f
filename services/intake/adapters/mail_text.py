"""Clean text: every step linear in its input, every character one that a database takes."""

import re
import unicodedata

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_TEXTUAL = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D, 0x0C, 0x1B}
LETTER = re.compile(rb"\A(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n){0,50}){3}")
"""How a letter begins: three fields at least. A table or a note begins otherwise."""


def is_text(content: bytes) -> bool:
    """No NUL, and hardly a control character, in its beginning."""
    head = content[:8_192]
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 0x20 and byte not in _TEXTUAL for byte in head)  # noqa: PLR2004 - the first that is shown
    return bool(head) and b"\0" not in head and controls <= len(head) // 100


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
