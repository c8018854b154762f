"""The parts of a message, found by offsets in the raw bytes: no recursion, no copies, bounded in depth and number."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.intake.adapters.mail_headers import MAX_BLOCK, Fields, first, parameters, read_fields

_BLANK = re.compile(rb"\r?\n\r?\n")
_DELIMITER_TAIL = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_FOREIGN = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\t "))
_ALPHABET = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


class TooDeepError(Exception):
    """Parts within parts beyond the limit."""


class TooManyPartsError(Exception):
    """More parts than the limit."""


@dataclass(slots=True)
class Part:
    """One part: its fields and where its body lies in `raw`. `attached`: it lies inside an attached message."""

    raw: bytes
    start: int
    end: int
    fields: Fields
    depth: int
    attached: bool = False
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    file_name: str = ""

    @property
    def is_attachment(self) -> bool:
        """Anything but running text: declared so, named, or of another type than plain text and HTML."""
        if self.disposition == "attachment" or self.file_name:
            return True
        return self.media_type not in {"text/plain", "text/html"}

    def content(self, warnings: set[str]) -> bytes:
        """The body with its transfer encoding undone as far as it goes."""
        body = self.raw[self.start : self.end]
        encoding = first(self.fields, "content-transfer-encoding").split(";")[0].strip().lower()
        if encoding == "base64":
            return _from_base64(body, warnings)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
        if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
            return _from_uuencode(body, warnings)
        if encoding not in {"", "7bit", "8bit", "binary", "7-bit", "8-bit", "plain", "none"}:
            warnings.add("undecodable-part")
        return body


def _from_base64(body: bytes, warnings: set[str]) -> bytes:
    if body.translate(None, _FOREIGN) != body:
        warnings.add("undecodable-part")
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        warnings.add("undecodable-part")
    letters = body.translate(None, _ALPHABET)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _from_uuencode(body: bytes, warnings: set[str]) -> bytes:
    out, begun = [], False
    for line in body.splitlines():
        if not begun:
            begun = line.startswith(b"begin ")
        elif line.strip() in {b"end", b"`", b""}:
            break
        else:
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                try:  # encoders that pad a line too far: as long as its first character says
                    out.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
                except binascii.Error:
                    warnings.add("undecodable-part")
    if not begun:
        warnings.add("undecodable-part")
        return body
    return b"".join(out)


def open_message(raw: bytes, warnings: set[str]) -> Part:
    """The outermost part; mbox separators, leading blank lines and Macintosh line ends are put up with."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    return _open(raw, start, len(raw), 0, warnings)


def leaves(root: Part, *, max_depth: int, max_parts: int, warnings: set[str]) -> Iterator[Part]:
    """Every part that is no multipart, in order; an attached message comes itself, then what it holds.

    Raises `TooDeepError` or `TooManyPartsError` as soon as a limit is passed.
    """
    waiting, seen = [root], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen + len(waiting) > max_parts:
            raise TooManyPartsError
        inner: list[Part] = []
        if part.media_type.startswith("multipart/"):
            inner = _split(part, max_parts, warnings)
            if not inner:
                part.media_type = "text/plain"
                yield part
        else:
            yield part
            if part.media_type in {"message/rfc822", "message/global"}:
                body = part.content(warnings)
                inner = [_open(body, 0, len(body), part.depth + 1, warnings, attached=True)]
        if inner and part.depth >= max_depth:
            raise TooDeepError
        waiting += reversed(inner)


def _split(part: Part, max_parts: int, warnings: set[str]) -> list[Part]:
    boundary = part.parameters.get("boundary", "").rstrip()
    if not boundary:
        warnings.add("boundary-missing")
        return []
    found: list[Part] = []
    begun = -1
    for start, end, last in _delimiters(part, b"--" + boundary.encode("utf-8", "replace")):
        if begun >= 0:
            found.append(_open(part.raw, begun, max(start, begun), part.depth + 1, warnings, like=part))
        begun = -1 if last else end
        if last:
            break
        if len(found) > max_parts:
            raise TooManyPartsError
    if begun >= 0:
        found.append(_open(part.raw, begun, part.end, part.depth + 1, warnings, like=part))
    if not found:
        warnings.add("boundary-missing")
    return found


def _delimiters(part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each delimiter starts (its line end before it included) and ends, and whether it closes."""
    raw, at = part.raw, part.start
    while (at := raw.find(mark, at, part.end)) >= 0:
        tail = _DELIMITER_TAIL.match(raw, at + len(mark), part.end)
        if tail and (at == part.start or raw[at - 1 : at] == b"\n"):
            start = at - 1 if at > part.start else at
            yield start - (start > part.start and raw[start - 1 : start] == b"\r"), tail.end(), bool(tail.group(1))
        at += len(mark)


def _open(  # noqa: PLR0913 - a part is where it lies and what it lies in
    raw: bytes,
    start: int,
    end: int,
    depth: int,
    warnings: set[str],
    *,
    attached: bool = False,
    like: Part | None = None,
) -> Part:
    blank = _BLANK.search(raw, start, end) if raw[start : start + 1] not in {b"\r", b"\n"} else None
    if raw[start : start + 1] in {b"\r", b"\n"}:
        block, body = b"", min(end, start + (2 if raw[start : start + 2] == b"\r\n" else 1))
    elif blank is None:
        block, body = raw[start : min(end, start + MAX_BLOCK + 1)], end
    else:
        block, body = raw[start : min(blank.start(), start + MAX_BLOCK + 1)], blank.end()
    fields = read_fields(block, warnings)
    part = Part(raw, body, end, fields, depth, attached or (like.attached if like else False))
    usual = "message/rfc822" if like and like.media_type == "multipart/digest" else "text/plain"
    media_type, part.parameters = parameters(first(fields, "content-type"), warnings)
    part.media_type = (
        media_type if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}", media_type) else usual
    )
    disposition, more = parameters(first(fields, "content-disposition"), warnings)
    part.disposition = disposition
    part.file_name = more.get("filename", "") or part.parameters.get("name", "")
    return part
