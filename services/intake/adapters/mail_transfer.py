"""Undoes a transfer encoding as far as it goes; every step linear in the body."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOREIGN = bytes(set(range(256)) - set(_LETTERS + b"=\r\n\t "))
_ALPHABET = bytes(set(range(256)) - set(_LETTERS))
_PLAIN = {"", "7bit", "8bit", "binary", "7-bit", "8-bit", "plain", "none", "7bits", "8bits", "7", "8", "utf-8"}
_BASE64 = {"base64", "base-64", "b64", "b"}
_QUOTED = {"quoted-printable", "quotedprintable", "quoted_printable", "qp", "q"}
_UU = {"x-uuencode", "uuencode", "x-uue", "uue"}
_INNER_BLANK = re.compile(rb"[A-Za-z0-9+/][ \t]+[A-Za-z]")
_NOTE = re.compile(r"\([^()]{0,200}\)")
_BEGIN = re.compile(rb"^begin(?:-base64)? +[0-7]{3,4} +([^\r\n]{1,300})\r?$", re.MULTILINE)
_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)


class Enclosed(NamedTuple):
    """A file written into running text (uuencode)."""

    name: bytes
    content: bytes


def decoded(body: bytes, said: str, warnings: set[str]) -> bytes:
    """``said``: the field Content-Transfer-Encoding, with comments, quotes or whatever stands in it."""
    encoding = _NOTE.sub(" ", said).replace('"', " ").replace("'", " ").replace(";", " ").strip().lower()
    encoding = encoding.split()[0] if encoding else ""
    if encoding in _BASE64:
        return _from_base64(body, warnings)
    if encoding in _QUOTED:
        return binascii.a2b_qp(body)
    if encoding in _UU:
        found = next(_files(body, warnings), None)
        if found is None:
            warnings.add("undecodable-part")
            return body
        return found[2].content
    if encoding not in _PLAIN:
        warnings.add("undecodable-part")
    return body


def _from_base64(body: bytes, warnings: set[str]) -> bytes:
    if body.translate(None, _FOREIGN) != body:
        warnings.add("undecodable-part")
    padded = body.rstrip(b"=\r\n\t ").find(b"=")
    if padded < 0:
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            warnings.add("undecodable-part")
            return _letters(body)
    pieces = re.split(rb"=+[ \t]*(?:\r?\n|\Z)|=+", body)
    if all(_is_encoded(piece) for piece in pieces):
        return b"".join(_letters(piece) for piece in pieces)
    warnings.add("undecodable-part")  # words follow the end, as lists of recipients append them
    whole = next((at for at, piece in enumerate(pieces) if not _is_encoded(piece)), len(pieces))
    return b"".join(_letters(piece) for piece in pieces[: max(whole, 1)])


def _is_encoded(piece: bytes) -> bool:
    stripped = piece.strip()
    return not stripped.translate(None, _LETTERS + b"\r\n\t ") and not _INNER_BLANK.search(stripped)


def _letters(piece: bytes) -> bytes:
    letters = piece.translate(None, _ALPHABET)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def enclosed(body: bytes, warnings: set[str]) -> tuple[bytes, list[Enclosed]]:
    """Running text without the files in it, and the files."""
    if b"begin" not in body:
        return body, []
    kept, files, at = [], [], 0
    for start, end, file in _files(body, warnings):
        kept.append(body[at:start])
        files.append(file)
        at = end
    return b"".join([*kept, body[at:]]), files


def _files(body: bytes, warnings: set[str]) -> Iterator[tuple[int, int, Enclosed]]:
    """Where each begins and ends. One that is never closed is none: "begin 644" may be somebody's sentence."""
    at = 0
    while begun := _BEGIN.search(body, at):
        ended = _END.search(body, begun.end())
        if ended is None:
            return
        lines = body[begun.end() : ended.start()]
        content = _letters(lines) if begun.group().startswith(b"begin-") else _lines(lines, warnings)
        yield begun.start(), ended.end(), Enclosed(begun.group(1).strip(), content)
        at = ended.end()


def _lines(lines: bytes, warnings: set[str]) -> bytes:
    out = []
    for line in lines.splitlines():
        if line.strip() in {b"`", b""}:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            try:  # encoders that pad a line too far: as long as its first character says
                out.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
            except binascii.Error:
                warnings.add("undecodable-part")
    return b"".join(out)
