"""Reads a message; runs inside the sandbox, so it imports no more than it needs (`mail_parser` stands outside).

Payload: 4 bytes, the length (big-endian) of the options as JSON; the options (`ParserOptions`); the raw message.
Answer: `ParsedMessage` as JSON.
"""

import hashlib
import ntpath
import re
from dataclasses import dataclass, field

from services.intake.adapters import mail_calendar as calendar
from services.intake.adapters import mail_checks as checks
from services.intake.adapters import mail_headers as headers
from services.intake.adapters.mail_addresses import addresses
from services.intake.adapters.mail_archives import EICAR, Look, examine
from services.intake.adapters.mail_body import Body, Piece
from services.intake.adapters.mail_charsets import decode, meta_charset
from services.intake.adapters.mail_dates import moment
from services.intake.adapters.mail_html import html_to_text
from services.intake.adapters.mail_markings import Marked, is_marked
from services.intake.adapters.mail_parts import Part, TooDeepError, TooManyPartsError, leaves, open_message
from services.intake.adapters.mail_text import clean, clean_line
from services.intake.mail import Address, Attachment, ParsedMessage, ParserOptions
from services.kit.threads import references_in

HEAD_BYTES = 262_144
EXTRACT = "services.intake.adapters.mail_reading:extract"
_HTML_FACTOR = 40
_NAME_CHARS = 200
_SUBJECT_CHARS = 1_000
_THREAD_CHARS = 10_000
_THREADED = ("subject", "in-reply-to", "references", "delivered-to", "x-original-to", "envelope-to")
_CALENDARS = {"text/calendar", "application/ics"}
_CALENDAR_BYTES = 1_000_000
_ENCRYPTED = (b"-----BEGIN PGP MESSAGE-----",)
# Which reason is told when several apply: secrecy first, for it decides how the bytes are kept.
_ORDER = ("classified", "malware", "archive-bomb", "too-deep", "too-many-parts", "dmarc")


def pack(raw: bytes, options: ParserOptions) -> bytes:
    told = options.model_dump_json().encode()
    return len(told).to_bytes(4, "big") + told + raw


def parse(payload: bytes) -> bytes:
    """The sandbox's target: see the module for payload and answer."""
    options, raw = unpacked(payload)
    return read(raw, options).model_dump_json().encode()


def unpacked(payload: bytes) -> tuple[ParserOptions, bytes]:
    size = int.from_bytes(payload[:4], "big")
    return ParserOptions.model_validate_json(payload[4 : 4 + size]), payload[4 + size :]


def extract(payload: bytes) -> bytes:
    """The sandbox's other target. Payload: SHA-256 (32 bytes) of an attachment, the raw message; answer: its bytes.

    LookupError where no attachment has that hash.
    """
    wanted, unheeded, limits = payload[:32], set[str](), ParserOptions()
    root = open_message(payload[32:], unheeded)
    for part in leaves(root, max_depth=limits.max_depth, max_parts=limits.max_parts, warnings=unheeded):
        content = part.content(unheeded)
        if hashlib.sha256(content).digest() == wanted:
            return content
    raise LookupError


def read(raw: bytes, options: ParserOptions) -> ParsedMessage:
    """The message as far as it can be read; defects become warnings, the limits a quarantine."""
    if not raw.strip(b"\0\r\n\t "):
        return ParsedMessage(quarantine="empty")
    if len(raw) > options.max_bytes:
        options = options.model_copy(update={"headers_only": True})
    reading = _Reading(raw, options)
    reading.read_headers()
    if not options.headers_only:
        reading.read_parts()
    return reading.result(oversize=len(raw) > options.max_bytes)


@dataclass(slots=True)
class _Letter:
    """The message itself, or one attached to it; `within`: the name under which it is attached."""

    fields: headers.Fields
    subject: str
    within: str = ""
    body: Body = field(default_factory=Body)
    names: list[str] = field(default_factory=list)


class _Reading:
    """One message being read: what was found so far."""

    def __init__(self, raw: bytes, options: ParserOptions) -> None:
        self._options = options
        self._raw = raw
        self._warnings: set[str] = set()
        self._reasons: set[str] = set()
        self._root = open_message(raw[:HEAD_BYTES] if options.headers_only else raw, self._warnings)
        self._media_type = self._root.media_type
        self._people: dict[str, list[Address]] = {}
        self._letters: dict[int | None, _Letter] = {None: _Letter(self._root.fields, "")}
        self._attachments: list[Attachment] = []
        self._cut = False

    def read_headers(self) -> None:
        limit, fields = self._options.max_recipients, self._root.fields
        for name, most in (("from", 10), ("to", limit), ("cc", limit)):
            found, more = addresses(headers.every(fields, name), most, self._warnings)
            self._people[name] = found
            if more:
                self._warnings.add("recipients-truncated")
        if len(headers.every(fields, "from")) > 1 or len(self._people["from"]) > 1:
            self._warnings.add("several-from")
        checks.sender_warnings(self._people["from"], self._warnings)
        self._letters[None].subject = subject = self._subject(fields)
        if subject.startswith(("=", "@", "+=", "-=")):
            self._warnings.add("formula-subject")
        if checks.authentication(fields, self._options.authserv_id, self._warnings):
            self._reasons.add("dmarc")

    def read_parts(self) -> None:
        look = Look(self._warnings)
        look.malware = EICAR in self._raw
        if checks.is_smuggled(self._raw):
            self._warnings.add("smuggled")
        limits = self._options
        found = leaves(self._root, max_depth=limits.max_depth, max_parts=limits.max_parts, warnings=self._warnings)
        try:
            for part in found:
                self._take(part, look)
        except TooDeepError:
            self._reasons.add("too-deep")
        except TooManyPartsError:
            self._reasons.add("too-many-parts")
        if look.malware:
            self._reasons.add("malware")
        if look.bomb:
            self._reasons.add("archive-bomb")

    def _take(self, part: Part, look: Look) -> None:
        content, letter = part.content(self._warnings), self._letters[part.inside]
        if part.letter is not None:
            self._attach(part, content, look, self._open_letter(part.number, part.letter))
        elif part.is_text:
            if part.file_name and part.choice is None and (letter.body.pieces or part.disposition == "attachment"):
                self._attach(part, content, look)
            self._take_text(letter.body, part, content, look)
        else:
            if part.media_type in _CALENDARS:
                self._take_invitation(letter.body, content)
            if part.media_type == "application/pgp-encrypted":
                self._warnings.add("encrypted-message")
            self._attach(part, content, look)

    def _open_letter(self, number: int, root: Part) -> str:
        subject = self._subject(root.fields)
        self._letters[number] = _Letter(root.fields, subject)
        return f"{subject or 'surat'}.eml"

    def _attach(self, part: Part, content: bytes, look: Look, usual: str = "") -> None:
        name, letter = self._file_name(part, usual), self._letters[part.inside]
        examine(name, content, look)
        if part.letter is not None:
            self._letters[part.number].within = name
        letter.names.append(name)
        self._attachments.append(
            Attachment(
                name=name, media_type=part.media_type, size=len(content), within=letter.within,
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )  # fmt: skip

    def _take_text(self, body: Body, part: Part, content: bytes, look: Look) -> None:
        if EICAR in content:
            look.malware = True
        if any(mark in content for mark in _ENCRYPTED):
            self._warnings.add("encrypted-message")
        html = part.media_type == "text/html"
        most = self._options.text_chars * (_HTML_FACTOR if html else 4) + 4
        self._cut = self._cut or len(content) > most
        charset = part.parameters.get("charset", "")
        if html and charset.lower() in {"", "us-ascii"}:
            charset = meta_charset(content)
        text = decode(content[:most], charset, self._warnings)
        if html:
            text = html_to_text(text, self._warnings)
        body.pieces.append(Piece(clean(text, lines=True).strip(), html, part.choice))

    def _take_invitation(self, body: Body, content: bytes) -> None:
        if len(content) <= _CALENDAR_BYTES:
            text = calendar.told(content, self._options.zone, self._warnings)
            if text:
                body.pieces.append(Piece(clean(text, lines=True).strip()))

    def _subject(self, fields: headers.Fields) -> str:
        said = headers.words(headers.first(fields, "subject"), self._warnings)
        return clean_line(said, _SUBJECT_CHARS, self._warnings)

    def _file_name(self, part: Part, usual: str) -> str:
        said = part.file_name or headers.first(part.fields, "content-location")[:1000] or usual
        said = headers.words(said, self._warnings)
        name = ntpath.basename(said.replace("\0", "").replace("\n", "")).rpartition("/")[2] if said != usual else said
        name = clean_line(re.sub(r"[\x00-\x1f\x7f/\\]", "", name), 4 * _NAME_CHARS, self._warnings).strip(". ")
        if len(name) > _NAME_CHARS:
            stem, dot, ending = name.rpartition(".")
            name = stem[: _NAME_CHARS - 17] + dot + ending[:16] if dot else name[:_NAME_CHARS]
        if part.file_name and name != said.strip():
            self._warnings.add("name-unsafe")
        ending = ".ics" if part.media_type in _CALENDARS else ""
        return name or f"lampiran-{len(self._attachments) + 1}{ending}"

    def result(self, *, oversize: bool) -> ParsedMessage:
        fields, text = self._root.fields, self._text()
        letters = (
            Marked(one.fields, one.subject, tuple(piece.text for piece in one.body.pieces), tuple(one.names))
            for one in self._letters.values()
        )
        if is_marked(self._options.classified, letters):
            self._reasons.add("classified")
        shown = self._shown(text)
        return ParsedMessage(
            message_id=headers.message_id(fields, self._warnings),
            sender=self._people["from"],
            to=self._people["to"],
            cc=self._people["cc"],
            sent_at=moment(headers.first(fields, "date"), self._warnings),
            automatic=checks.is_automatic(fields, self._media_type, self._people["from"]),
            threads=references_in(
                [*self._headed(), *(one.address for name in ("to", "cc") for one in self._people[name])]
            ),
            quarantine=self._quarantine(oversize=oversize),
            **shown,
            warnings=sorted(self._warnings),
        )

    def _headed(self) -> list[str]:
        """Where a mail program, or the server that delivered it, brings back what the office wrote."""
        lines = (line for name in _THREADED for line in headers.every(self._root.fields, name))
        return [line[:_THREAD_CHARS] for line in lines]

    def _text(self) -> str:
        """The message's own text, then each attached letter with its head."""
        told = []
        for letter in self._letters.values():
            text, from_html = letter.body.shown()
            if from_html:
                self._warnings.add("html-only")
            if letter.within:
                text = "\n".join((*self._head(letter), "", text))
            told.append(text)
        return "\n\n".join(piece for piece in told if piece).strip()

    def _head(self, letter: _Letter) -> list[str]:
        people, _ = addresses(headers.every(letter.fields, "from"), 3, self._warnings)
        said = "; ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in people)
        date = clean_line(headers.first(letter.fields, "date"), 100, self._warnings)
        lines = (("Dari", said), ("Tanggal", date), ("Perihal", letter.subject))
        return [f"--- Surat terlampir: {letter.within} ---", *(f"{word}: {value}" for word, value in lines if value)]

    def _shown(self, text: str) -> dict[str, object]:
        if "classified" in self._reasons:
            return {}
        most = self._options.text_chars
        if self._cut or len(text) > most:
            self._warnings.add("text-cut")
        return {
            "subject": self._letters[None].subject,
            "text": text[:most],
            "truncated": self._cut or len(text) > most,
            "attachments": self._attachments,
        }

    def _quarantine(self, *, oversize: bool) -> str | None:
        for reason in _ORDER[:1]:
            if reason in self._reasons:
                return reason
        if oversize:
            return "oversize"
        if not self._root.fields:
            return "unparsable"
        return next((reason for reason in _ORDER if reason in self._reasons), None)
