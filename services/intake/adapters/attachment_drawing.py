"""Draws an attachment, so that it can be looked at without being opened; runs inside the sandbox.

Payload: SHA-256 of the attachment (32 bytes), the page's number (2 bytes, big-endian), the raw message. Answer: a line
of JSON (form, pages, media_type, text, cut, why), then the picture's bytes. What it is follows from its bytes alone:
PDF is drawn by PDFium without forms and scripts, pictures are drawn anew by Pillow, text is decoded and cut.
"""

import io
import json
import re
from typing import Any

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from services.intake.adapters.mail_charsets import decode
from services.intake.adapters.mail_reading import extract, read
from services.intake.adapters.mail_text import clean
from services.intake.mail import ParserOptions

WIDTH = 1_240  # pixels of a page: A4 at 150 dpi
_MOST_HEIGHT = 4 * WIDTH
_MOST_PIXELS = 60_000_000
_TEXT_CHARS = 100_000
_FORMS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_QUALITY = 82
_TEXTUAL = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D, 0x0C, 0x1B}
_LETTER = re.compile(rb"(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n){0,50}){3}")
"""Three fields at least: a table or a note begins otherwise."""
_PASSWORD = 4  # FPDF_ERR_PASSWORD
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS


def show(payload: bytes) -> bytes:
    """The sandbox's target. LookupError where no attachment has that hash."""
    page = int.from_bytes(payload[32:34], "big")
    content = extract(payload[:32] + payload[34:])
    told, picture = _shown(content, page)
    return json.dumps(told).encode() + b"\n" + picture


def _shown(content: bytes, page: int) -> tuple[dict[str, Any], bytes]:
    if content[:1024].lstrip().startswith(b"%PDF-") or b"%PDF-" in content[:1024]:
        return _pdf(content, page)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMS) as image:
            return _picture(image, page)
    except UnidentifiedImageError:
        pass
    except (OSError, ValueError, Image.DecompressionBombError):
        return _not("unreadable"), b""
    return _text(content) if _is_text(content) else (_not("kind"), b"")


def _not(why: str) -> dict[str, Any]:
    return {"form": "file", "pages": 0, "why": why}


def _pdf(content: bytes, number: int) -> tuple[dict[str, Any], bytes]:
    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
        if not 1 <= number <= pages:
            return {"form": "pages", "pages": pages}, b""
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(WIDTH / max(width, 1), _MOST_HEIGHT / max(height, 1))
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError as error:
        return _not("locked" if getattr(error, "err_code", None) == _PASSWORD else "unreadable"), b""
    return {"form": "pages", "pages": pages, "media_type": "image/jpeg"}, _written(drawn.convert("RGB"))


def _picture(image: Image.Image, number: int) -> tuple[dict[str, Any], bytes]:
    """Each frame of a scan (TIFF) is a page; a moving picture shows its first."""
    frames = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    if not 1 <= number <= frames:
        return {"form": "picture", "pages": frames}, b""
    image.seek(number - 1)
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    ground.thumbnail((2 * WIDTH, 2 * _MOST_HEIGHT))
    return {"form": "picture", "pages": frames, "media_type": "image/jpeg"}, _written(ground)


def _written(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _is_text(content: bytes) -> bool:
    """No NUL, and hardly a control character, in its beginning."""
    head = content[:8_192]
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 0x20 and byte not in _TEXTUAL for byte in head)  # noqa: PLR2004 - the first that is shown
    return bool(head) and b"\0" not in head and controls <= len(head) // 100


def _letter(content: bytes) -> tuple[dict[str, Any], bytes]:
    """A letter is read as one; its own attachments stand beside it."""
    letter = read(content, ParserOptions(classified={}, text_chars=_TEXT_CHARS))
    sender = "; ".join(f"{one.name} <{one.address}>".strip() for one in letter.sender)
    head = f"Dari: {sender}\nPerihal: {letter.subject}\n\n"
    return {"form": "text", "pages": 1, "text": head + letter.text, "cut": letter.truncated}, b""


def _text(content: bytes) -> tuple[dict[str, Any], bytes]:
    if _LETTER.match(content):
        return _letter(content)
    text = clean(decode(content[: 4 * _TEXT_CHARS], None, set()), lines=True)
    cut = len(content) > 4 * _TEXT_CHARS or len(text) > _TEXT_CHARS
    return {"form": "text", "pages": 1, "text": text[:_TEXT_CHARS], "cut": cut}, b""
