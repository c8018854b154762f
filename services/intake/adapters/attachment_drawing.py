"""Draws an attachment, so that it can be looked at without being opened; runs inside the sandbox.

Payload: SHA-256 of the attachment (32 bytes), the page's number (2 bytes, big-endian), the raw message. Answer: a line
of JSON (form, pages, media_type, text, cut, why), then the picture's bytes. What it is follows from its bytes alone:
PDF and pictures are drawn by the kit (`services.kit.drawing`), text is decoded and cut.
"""

import json
from typing import Any

from services.intake.adapters.mail_charsets import decode
from services.intake.adapters.mail_reading import extract, read
from services.intake.adapters.mail_text import LETTER, clean, is_text
from services.intake.mail import ParserOptions
from services.kit.drawing import drawn, not_shown

_TEXT_CHARS = 100_000


def show(payload: bytes) -> bytes:
    """The sandbox's target. LookupError where no attachment has that hash."""
    page = int.from_bytes(payload[32:34], "big")
    content = extract(payload[:32] + payload[34:])
    told, picture = _shown(content, page)
    return json.dumps(told).encode() + b"\n" + picture


def _shown(content: bytes, page: int) -> tuple[dict[str, Any], bytes]:
    found = drawn(content, page)
    if found is not None:
        return found
    return _text(content) if is_text(content) else (not_shown("kind"), b"")


def _letter(content: bytes) -> tuple[dict[str, Any], bytes]:
    """A letter is read as one; its own attachments stand beside it."""
    letter = read(content, ParserOptions(classified={}, text_chars=_TEXT_CHARS))
    sender = "; ".join(f"{one.name} <{one.address}>".strip() for one in letter.sender)
    head = f"Dari: {sender}\nPerihal: {letter.subject}\n\n"
    return {"form": "text", "pages": 1, "text": head + letter.text, "cut": letter.truncated}, b""


def _text(content: bytes) -> tuple[dict[str, Any], bytes]:
    if LETTER.match(content):
        return _letter(content)
    text = clean(decode(content[: 4 * _TEXT_CHARS], None, set()), lines=True)
    cut = len(content) > 4 * _TEXT_CHARS or len(text) > _TEXT_CHARS
    return {"form": "text", "pages": 1, "text": text[:_TEXT_CHARS], "cut": cut}, b""
