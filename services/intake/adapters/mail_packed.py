"""What packs a message or files into one part: winmail.dat (TNEF), opaque and compressed S/MIME (PKCS#7).

Nothing of a signature is verified, nothing is decrypted.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

ENTITY = "entity"
"""The media type of content that is a message's part itself, with its fields."""
MOST_BYTES = 60_000_000
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_PKCS7 = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature-mime"}
_ENTITY = re.compile(rb"\s*(?:content-[a-z-]{1,40}|mime-version|from|subject|date|to|received)[ \t]*:", re.IGNORECASE)
_MOST_DEPTH = 5
_TNEF_SIGNATURE = b"\x78\x9f\x3e\x22"


class Packed(NamedTuple):
    """``name``: empty for running text. ``media_type``: ENTITY for a part with its own fields."""

    name: str
    media_type: str
    content: bytes


def is_packed(media_type: str, file_name: str) -> bool:
    lower = file_name.lower()
    return (
        media_type in _TNEF
        or media_type in _PKCS7
        or lower == "winmail.dat"
        or (lower.endswith((".p7m", ".p7z")) and media_type == "application/octet-stream")
    )


def unpack(content: bytes, file_name: str, warnings: set[str]) -> list[Packed]:
    """What it holds; nothing (and a warning) where it cannot be opened."""
    try:
        if content.startswith(_TNEF_SIGNATURE):
            return list(_tnef(content))
        return _pkcs7(content, file_name, warnings)
    except Exception:  # noqa: BLE001 - both libraries raise whatever the bytes make them; it is left as it is
        warnings.add("pack-unread")
        return []


def _tnef(content: bytes) -> Iterator[Packed]:
    from tnefparse import TNEF

    yield from _of_tnef(TNEF(content, do_checksum=False), 0)


def _of_tnef(pack: Any, depth: int) -> Iterator[Packed]:
    """A text in words is shown; one in RTF alone is a file beside the others."""
    bodies = ((pack.body, "", "text/plain"), (pack.htmlbody, "", "text/html"), (pack.rtfbody, "isi.rtf", "text/rtf"))
    for body, name, media_type in bodies:
        if body and body.strip():
            yield Packed(name, media_type, _named(body, pack.codepage).encode("utf-8", "replace") if not name else body)
            break
    for at, one in enumerate(pack.attachments, 1):
        within = getattr(one, "embed", None)  # the library sets it only where there is one
        if within is not None and depth < _MOST_DEPTH:
            yield from _of_tnef(within, depth + 1)
        elif one.data:
            yield Packed(_file_name(one, pack) or f"lampiran-{at}", "application/octet-stream", bytes(one.data))


def _file_name(one: Any, pack: Any) -> str:
    """Empty where its name is in no UTF-8, which the library does not read."""
    try:
        return _named(one.long_filename(), pack.codepage).strip("\0 ")
    except UnicodeDecodeError:
        return ""


def _named(said: str | bytes, codepage: Any) -> str:
    if isinstance(said, str):
        return said
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError:
        return said.decode((codepage and codepage.best_guess()) or "cp1252", "replace")


def _pkcs7(content: bytes, file_name: str, warnings: set[str]) -> list[Packed]:
    from asn1crypto import cms, pem

    if pem.detect(content):
        content = pem.unarmor(content)[2]
    info = cms.ContentInfo.load(content)
    kind = info["content_type"].native
    if kind in {"enveloped_data", "authenticated_enveloped_data", "encrypted_data"}:
        warnings.add("encrypted-message")
        return []
    inner = info["content"]["encap_content_info"]["content"].native
    if inner is None:  # a signature beside what it signs
        return []
    if kind == "compressed_data":
        unpacking = zlib.decompressobj()
        inner = unpacking.decompress(inner, MOST_BYTES)
        if unpacking.unconsumed_tail:
            warnings.add("pack-unread")
            return []
    if _ENTITY.match(inner):
        return [Packed("", ENTITY, inner)]
    name = re.sub(r"\.p7[mz]$", "", file_name, flags=re.IGNORECASE)
    return [Packed(name or "lampiran", "application/octet-stream", inner)]
