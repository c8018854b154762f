"""Draws a page of a PDF, or a picture, so that it can be looked at without being opened; runs in a sandbox.

What it is follows from its bytes alone: PDF is drawn by PDFium without forms and scripts, pictures are drawn anew by
Pillow.
"""

import io
import json
from typing import Any

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

WIDTH = 1_240  # pixels of a page: A4 at 150 dpi
HEAD_BYTES = 128
"""What `draw` tells in JSON, filled up with blanks; the picture follows (`services.kit.uploads.drawer`)."""
_MOST_HEIGHT = 4 * WIDTH
_MOST_PIXELS = 60_000_000
_FORMS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_QUALITY = 82
_PASSWORD = 4  # FPDF_ERR_PASSWORD
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS


def draw(payload: bytes) -> bytes:
    """A sandbox's target: the page's number (2 bytes, big-endian), then the file."""
    told, picture = drawn(payload[2:], int.from_bytes(payload[:2], "big")) or (not_shown("kind"), b"")
    return json.dumps(told).encode().ljust(HEAD_BYTES) + picture


def drawn(content: bytes, page: int) -> tuple[dict[str, Any], bytes] | None:
    """What it is (form, pages, media_type, why) and the picture of that page; None: neither PDF nor picture."""
    if content[:1024].lstrip().startswith(b"%PDF-") or b"%PDF-" in content[:1024]:
        return _pdf(content, page)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMS) as image:
            return _picture(image, page)
    except UnidentifiedImageError:
        return None
    except (OSError, ValueError, Image.DecompressionBombError):
        return not_shown("unreadable"), b""


def not_shown(why: str) -> dict[str, Any]:
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
        rendered = page.render(scale=scale, may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError as error:
        return not_shown("locked" if getattr(error, "err_code", None) == _PASSWORD else "unreadable"), b""
    return {"form": "pages", "pages": pages, "media_type": "image/jpeg"}, _written(rendered.convert("RGB"))


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
