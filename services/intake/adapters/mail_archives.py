"""Looks into ZIP and gzip without trusting what they say: counts and sizes first, then a bounded look inside."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.adapters.mail_pdf import acts

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_END = b"PK\x05\x06"
_MAX_ENTRIES = 2_000
_MAX_UNPACKED = 1_000_000_000
_BOMB_FROM = 50_000_000
_BOMB_RATIO = 100
_MAX_NESTING = 3
_LOOK_BYTES = 8_000_000
_LOOK_TOTAL = 32_000_000
_ARCHIVES = (b".zip", b".jar", b".gz", b".tgz")
_UNREAD = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd")
_PROGRAMS = frozenset(
    {
        "exe",
        "scr",
        "bat",
        "cmd",
        "com",
        "pif",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "hta",
        "ps1",
        "lnk",
        "msi",
        "jar",
        "apk",
    }
)


@dataclass(slots=True)
class Look:
    """What was found so far, and how much may still be unpacked."""

    warnings: set[str]
    malware: bool = False
    bomb: bool = False
    budget: int = _LOOK_TOTAL


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    flags: int
    method: int
    packed: int
    unpacked: int
    offset: int


def examine(name: str, content: bytes, look: Look, nesting: int = 0) -> None:
    """Adds to `look` what an attachment (or an entry of an archive) shows."""
    if EICAR in content:
        look.malware = True
    if _is_program(name):
        look.warnings.add("executable-attachment")
    if content.startswith(_UNREAD):
        look.warnings.add("archive-unread")
    if content[:1024].find(b"%PDF-") >= 0 and acts(content, look.warnings):
        look.warnings.add("active-content")
    if content.startswith(b"\x1f\x8b"):
        _examine_gzip(name, content, look, nesting)
    elif (end := content.rfind(_END, max(0, len(content) - 65_557))) >= 0 and len(content) - end >= 22:  # noqa: PLR2004 - the record's length
        _examine_zip(content, end, look, nesting)


def _is_program(name: str) -> bool:
    return name.lower().rstrip(". ").rpartition(".")[2] in _PROGRAMS


def _examine_gzip(name: str, content: bytes, look: Look, nesting: int) -> None:
    if nesting >= _MAX_NESTING:
        look.bomb = True
        return
    inner = _unpack(content, 31, look)
    examine(name.lower().removesuffix(".gz"), inner, look, nesting + 1)


def _examine_zip(content: bytes, end: int, look: Look, nesting: int) -> None:
    count, size, start = struct.unpack_from("<HII", content, end + 10)
    if nesting >= _MAX_NESTING or count > _MAX_ENTRIES:
        look.bomb = True
        return
    if not content.startswith(b"PK\x01\x02", start):
        start = max(end - size, 0)  # something stands before the archive
        if not content.startswith(b"PK\x01\x02", start):
            start = content.find(b"PK\x01\x02")
    if start < 0:
        return
    entries, packed, unpacked = [], 0, 0
    for entry in _entries(content, start, end):
        entries.append(entry)
        packed, unpacked = packed + entry.packed, unpacked + entry.unpacked
        if len(entries) > _MAX_ENTRIES or unpacked > _MAX_UNPACKED:
            look.bomb = True
            return
    # overlapping entries share their packed bytes: the archive's own size is the honest measure
    if unpacked > _BOMB_FROM and unpacked > _BOMB_RATIO * max(1, min(packed, len(content))):
        look.bomb = True
        return
    for entry in entries:
        _examine_entry(content, entry, look, nesting)


def _entries(content: bytes, at: int, end: int) -> Iterator[_Entry]:
    while at + 46 <= end and content.startswith(b"PK\x01\x02", at):
        flags, method = struct.unpack_from("<HH", content, at + 8)
        packed, unpacked, named, extra, comment = struct.unpack_from("<IIHHH", content, at + 20)
        (offset,) = struct.unpack_from("<I", content, at + 42)
        yield _Entry(content[at + 46 : at + 46 + named], flags, method, packed, unpacked, offset)
        at += 46 + named + extra + comment


def _examine_entry(content: bytes, entry: _Entry, look: Look, nesting: int) -> None:
    lower = entry.name.lower()
    if lower.endswith(b"vbaproject.bin"):
        look.warnings.add("active-content")
    if entry.flags & 1:
        look.warnings.add("encrypted-archive")
        return
    if entry.offset + 30 > len(content):
        return
    named, extra = struct.unpack_from("<HH", content, entry.offset + 26)
    start = entry.offset + 30 + named + extra
    packed = content[start : start + min(entry.packed, _LOOK_BYTES)]
    if entry.method == 0:
        inner = packed
        look.budget -= len(inner)
    elif entry.method == 8:  # noqa: PLR2004 - deflate
        inner = _unpack(packed, -15, look)
    else:
        look.warnings.add("archive-unread")
        return
    name = entry.name.decode("utf-8", "replace")
    if lower.endswith(_ARCHIVES) or EICAR in inner or _is_program(name) or inner.startswith(_UNREAD):
        examine(name, inner, look, nesting + 1)


def _unpack(packed: bytes, bits: int, look: Look) -> bytes:
    room = min(_LOOK_BYTES, look.budget)
    if room <= 0:
        look.warnings.add("archive-unread")
        return b""
    unpacking = zlib.decompressobj(bits)
    try:
        inner = unpacking.decompress(packed, room)
    except zlib.error:
        look.warnings.add("undecodable-part")
        return b""
    look.budget -= len(inner)
    if len(inner) >= _LOOK_BYTES and len(inner) > _BOMB_RATIO * (len(packed) - len(unpacking.unconsumed_tail)):
        look.bomb = True
    return inner
