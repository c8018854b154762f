"""The parts of a message, found by offsets in the raw bytes: no recursion, no copies, bounded in depth and number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.intake.adapters.mail_charsets import decode
from services.intake.adapters.mail_headers import MAX_BLOCK, Fields, every, first, parameters, read_fields
from services.intake.adapters.mail_packed import ENTITY, Packed, is_packed, unpack
from services.intake.adapters.mail_transfer import decoded, enclosed

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+*-]{1,80}")
_BLANK = re.compile(rb"\r?\n\r?\n")
_DELIMITER_TAIL = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_GUESSED = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\nContent-[A-Za-z-]{1,40}:", re.IGNORECASE)
_GUESSED_WITHIN = 1_000_000
LETTERS = frozenset({"message/rfc822", "message/global"})


class TooDeepError(Exception):
    """Parts within parts beyond the limit."""


class TooManyPartsError(Exception):
    """More parts than the limit."""


@dataclass(slots=True)
class Part:
    """One part: its fields and where its body lies in `raw`.

    `inside`: the attached letter that it lies in (None: the message itself), by `number` of that part. `choice`: the
    alternatives that it belongs to, and which of them it is.
    """

    raw: bytes
    start: int
    end: int
    fields: Fields
    depth: int
    inside: int | None = None
    choice: tuple[int, int] | None = None
    number: int = 0
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    file_name: str = ""
    undone: bytes | None = None
    letter: "Part | None" = None
    """Of an attached letter, its outermost part."""

    @property
    def is_text(self) -> bool:
        """Running text, also where it has a name: plain text or HTML that is not declared as an attachment."""
        return self.media_type in {"text/plain", "text/html"} and self.disposition != "attachment"

    def content(self, warnings: set[str]) -> bytes:
        """The body with its transfer encoding undone as far as it goes, and without the files written into it."""
        if self.undone is None:
            said = next((one for one in every(self.fields, "content-transfer-encoding") if one.strip()), "")
            self.undone = decoded(self.raw[self.start : self.end], said, warnings)
        return self.undone


def open_message(raw: bytes, warnings: set[str]) -> Part:
    """The outermost part; mbox separators, leading blank lines and Macintosh line ends are put up with."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    start = len(raw) - len(raw[start:].lstrip(b"\r\n"))
    return _open(raw, start, len(raw), 0, warnings)


def leaves(root: Part, *, max_depth: int, max_parts: int, warnings: set[str]) -> Iterator[Part]:
    """Every part that is no multipart, in order; an attached letter comes itself, then what it holds.

    What packs a message (winmail.dat, an opaque signature) is not given but what it holds; what can be opened neither
    way is given as it is. Raises `TooDeepError` or `TooManyPartsError` as soon as a limit is passed.
    """
    waiting, seen = [root], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        part.number = seen
        if seen + len(waiting) > max_parts:
            raise TooManyPartsError
        inner = _inner(part, max_parts, warnings)
        if not inner or part.media_type in LETTERS:
            if part.media_type.startswith("multipart/"):
                part.media_type = "text/plain"
            if part.media_type == "text/plain":
                inner = _written_in(part, warnings)
            yield part
        if inner and part.depth >= max_depth:
            raise TooDeepError
        waiting += reversed(inner)


def _inner(part: Part, max_parts: int, warnings: set[str]) -> list[Part]:
    if part.parameters.get("boundary") and part.media_type not in LETTERS:
        return _split(part, max_parts, warnings)
    if part.media_type.startswith("multipart/"):
        return _split(part, max_parts, warnings)
    if part.media_type in LETTERS:
        body = part.content(warnings)
        part.letter = _open(body, 0, len(body), part.depth + 1, warnings, inside=part.number)
        return [part.letter]
    if is_packed(part.media_type, part.file_name):
        return [_unpacked(part, one, warnings) for one in unpack(part.content(warnings), part.file_name, warnings)]
    return []


def _written_in(part: Part, warnings: set[str]) -> list[Part]:
    """Files that stand in running text; it is left without them."""
    part.undone, files = enclosed(part.content(warnings), warnings)
    found = []
    for file in files:
        name = decode(file.name, None, warnings)
        found.append(_unpacked(part, Packed(name, "application/octet-stream", file.content), warnings))
    return found


def _unpacked(part: Part, one: Packed, warnings: set[str]) -> Part:
    """A message of its own (an entity with its fields), or a file."""
    if one.media_type == ENTITY:
        made = _open(one.content, 0, len(one.content), part.depth + 1, warnings, inside=part.inside)
        made.choice = part.choice
        return made
    made = Part(one.content, 0, len(one.content), [], part.depth + 1, part.inside, part.choice)
    made.media_type, made.file_name = one.media_type, one.name
    made.disposition = "attachment" if one.name else ""
    made.parameters = {"charset": "utf-8"} if one.media_type.startswith("text/") else {}
    return made


def _split(part: Part, max_parts: int, warnings: set[str]) -> list[Part]:
    declared = part.media_type.startswith("multipart/")
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    found = _between(part, boundary, max_parts, warnings) if boundary else []
    if found or not declared:
        return found
    guessed = _GUESSED.search(part.raw[part.start : min(part.end, part.start + _GUESSED_WITHIN)])
    if guessed is not None:
        warnings.add("boundary-guessed")
        return _between(part, guessed.group(1), max_parts, warnings)
    if part.raw[part.start : part.end].strip() or not boundary:
        warnings.add("boundary-missing")
    return found


def _between(part: Part, boundary: bytes, max_parts: int, warnings: set[str]) -> list[Part]:
    """Also what follows a closing delimiter: an inner multipart with the same boundary closes before its parent."""
    found: list[Part] = []
    begun = -1
    for start, end, last in _delimiters(part, b"--" + boundary):
        if begun >= 0:
            found.append(_open(part.raw, begun, max(start, begun), part.depth + 1, warnings, like=part))
        begun = -1 if last else end
        if len(found) > max_parts:
            raise TooManyPartsError
    if begun >= 0:
        found.append(_open(part.raw, begun, part.end, part.depth + 1, warnings, like=part))
    if part.media_type == "multipart/alternative":
        for at, one in enumerate(found):
            one.choice = part.choice or (part.number, at)
    return [one for one in found if not _is_hollow(one, boundary)]


def _is_hollow(part: Part, boundary: bytes) -> bool:
    """A multipart whose parts its parent took already, as their boundaries are the same."""
    told = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    return told == boundary and not part.raw[part.start : part.end].strip()


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
    inside: int | None = None,
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
    part = Part(raw, body, end, fields, depth, like.inside if like else inside, like.choice if like else None)
    usual = "message/rfc822" if like and like.media_type == "multipart/digest" else "text/plain"
    part.media_type, part.parameters = _type_of(fields, usual, warnings)
    disposition, more = parameters(first(fields, "content-disposition"), warnings)
    part.disposition = disposition
    part.file_name = more.get("filename", "") or part.parameters.get("name", "") or more.get("name", "")
    return part


def _type_of(fields: Fields, usual: str, warnings: set[str]) -> tuple[str, dict[str, str]]:
    """The first that is a type; one with a boundary before others, so that no part hides behind a second field."""
    read = [parameters(value, warnings) for value in every(fields, "content-type")]
    for told, found in read:
        if "boundary" in found and told.startswith("multipart"):
            return (told if _TYPE.fullmatch(told) else "multipart/mixed"), found
    for told, found in read:
        if _TYPE.fullmatch(told):
            return told, found
    return usual, read[0][1] if read else {}
