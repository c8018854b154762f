"""Photos are drawn anew: nothing of the old file goes on but what is seen. Runs in the sandbox."""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from services.kit.uploads.faults import TooLarge, Unreadable

MOST_PIXELS = 50_000_000
MOST_SIDE = 20_000
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "image/jpeg": (JpegImagePlugin.JpegImageFile.format, {"quality": 90}),
    "image/png": (PngImagePlugin.PngImageFile.format, {}),
    "image/webp": (WebPImagePlugin.WebPImageFile.format, {"quality": 90}),
}
"""Media type → the only decoder that is tried, and how it is written."""
Image.MAX_IMAGE_PIXELS = None  # ours is asked before anything is decoded


def kind_of(data: bytes) -> str | None:
    """By its first bytes; None: no photo that can be cleaned."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def clean(data: bytes, media_type: str) -> bytes:
    """The same picture: upright, in sRGB, without EXIF, texts, thumbnails, and what stood behind its end. Of several
    pictures in one file the first.
    """
    form, how = FORMS[media_type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF, which is left out anyhow
        try:
            image: Image.Image = Image.open(BytesIO(data), formats=[form])
            if image.width * image.height > MOST_PIXELS or max(image.size) > MOST_SIDE:
                raise TooLarge
            image.load()
            drawn = _plain(ImageOps.exif_transpose(image), alpha=form != "JPEG")
        except (OSError, SyntaxError, ValueError, struct.error) as error:  # as Pillow's decoders say it
            raise Unreadable from error
    written = BytesIO()
    drawn.save(written, form, **how)
    return written.getvalue()


def _plain(image: Image.Image, *, alpha: bool) -> Image.Image:
    """Pixels alone, 8 bits a channel."""
    seen = alpha and ("A" in image.getbands() or "transparency" in image.info)
    mode = "RGBA" if seen else ("L" if image.mode in {"1", "L"} else "RGB")
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        image = _in_srgb(image, profile)
    image = image.convert(mode)
    return Image.frombytes(mode, image.size, image.tobytes())


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours of a camera's own space would be other ones without its profile, which may name the camera."""
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        turned = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=wanted
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):  # a damaged profile: the numbers as they are
        return image
    return image if turned is None else turned


START, SCAN, END, COMMENT, ADOBE = b"\xff\xd8", 0xDA, 0xD9, 0xFE, 0xEE
APPLICATION = range(0xE0, 0xF0)
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Within a scan: what is neither a stuffed byte nor a restart. Before a marker any number of 0xff may stand."""


def without_segments(data: bytes) -> bytes:
    """A JPEG within another file, whose pixels are kept as they are: without its comments and application segments but
    that which says how its colours are meant (APP14), and without what stands behind its end.
    """
    return b"".join(_segments(data))


def _segments(data: bytes) -> Iterator[bytes]:
    if not data.startswith(START):
        raise Unreadable
    yield START
    at = len(START)
    while at + 2 <= len(data):
        found = NEXT_MARKER.search(data, at)
        if found is None or data[at : found.start()].strip(b"\xff"):
            raise Unreadable
        marker, at = data[found.end() - 1], found.end() - 2
        if marker == END:
            yield data[at : at + 2]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise Unreadable
        if marker == SCAN:  # and the picture after it, to the next marker
            after = NEXT_MARKER.search(data, end)
            end = len(data) if after is None else after.start()
        if marker == ADOBE or marker not in (*APPLICATION, COMMENT):
            yield data[at:end]
        at = end
