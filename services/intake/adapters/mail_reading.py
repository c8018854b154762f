"""Reads a message; runs inside the sandbox, so it imports no more than it needs (`mail_parser` stands outside).

Payload: 4 bytes, the length (big-endian) of the options as JSON; the options (`ParserOptions`); the raw message.
Answer: `ParsedMessage` as JSON.
"""

import hashlib
import ntpath
import re

from services.intake.adapters import mail_checks as checks
from services.intake.adapters import mail_headers as headers
from services.intake.adapters.mail_archives import EICAR, Look, examine
from services.intake.adapters.mail_parts import Part, TooDeepError, TooManyPartsError, leaves, open_message
from services.intake.adapters.mail_text import clean, clean_line, decode, html_to_text
from services.intake.mail import Address, Attachment, ParsedMessage, ParserOptions

HEAD_BYTES = 262_144
_HTML_FACTOR = 10
_NAME_CHARS = 200
_SUBJECT_CHARS = 1_000
# Which reason is told when several apply: secrecy first, for it decides how the bytes are kept.
_ORDER = ("classified", "malware", "archive-bomb", "too-deep", "too-many-parts", "dmarc")


def pack(raw: bytes, options: ParserOptions) -> bytes:
    told = options.model_dump_json().encode()
    return len(told).to_bytes(4, "big") + told + raw


def parse(payload: bytes) -> bytes:
    """The sandbox's target: see the module for payload and answer."""
    size = int.from_bytes(payload[:4], "big")
    options = ParserOptions.model_validate_json(payload[4 : 4 + size])
    return read(payload[4 + size :], options).model_dump_json().encode()


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


class _Reading:
    """One message being read: what was found so far."""

    def __init__(self, raw: bytes, options: ParserOptions) -> None:
        self._options = options
        self._raw = raw
        self._warnings: set[str] = set()
        self._reasons: set[str] = set()
        self._root = open_message(raw[:HEAD_BYTES] if options.headers_only else raw, self._warnings)
        self._fields = self._root.fields
        self._media_type = self._root.media_type
        self._people: dict[str, list[Address]] = {}
        self._subject = ""
        self._plain: list[str] = []
        self._html: list[str] = []
        self._attachments: list[Attachment] = []

    def read_headers(self) -> None:
        limit = self._options.max_recipients
        for name, most in (("from", 10), ("to", limit), ("cc", limit)):
            found, more = headers.addresses(headers.every(self._fields, name), most, self._warnings)
            self._people[name] = found
            if more:
                self._warnings.add("recipients-truncated")
        if len(headers.every(self._fields, "from")) > 1:
            self._warnings.add("several-from")
        checks.sender_warnings(self._people["from"], self._warnings)
        subject = headers.words(headers.first(self._fields, "subject"), self._warnings)
        self._subject = clean_line(subject, _SUBJECT_CHARS, self._warnings)
        if self._subject.startswith(("=", "@", "+=", "-=")):
            self._warnings.add("formula-subject")
        if checks.authentication(self._fields, self._options.authserv_id, self._warnings):
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
        content = part.content(self._warnings)
        if not part.is_attachment:
            if not part.attached:
                self._take_text(part, content)
            return
        name = self._file_name(part)
        examine(name, content, look)
        if part.attached:  # the attached message is listed as one
            return
        digest = hashlib.sha256(content).hexdigest()
        self._attachments.append(Attachment(name=name, media_type=part.media_type, size=len(content), sha256=digest))

    def _take_text(self, part: Part, content: bytes) -> None:
        is_html = part.media_type == "text/html"
        most = self._options.text_chars * (_HTML_FACTOR if is_html else 4) + 4
        text = decode(content[:most], part.parameters.get("charset"), self._warnings)
        if is_html:
            self._html.append(html_to_text(text, self._warnings))
        else:
            self._plain.append(clean(text, lines=True).strip())

    def _file_name(self, part: Part) -> str:
        said = headers.words(part.file_name, self._warnings) or headers.first(part.fields, "content-location")[:1000]
        name = ntpath.basename(said.replace("\0", "").replace("\n", "")).rpartition("/")[2]
        name = clean_line(re.sub(r"[\x00-\x1f\x7f/\\]", "", name), 4 * _NAME_CHARS, self._warnings).strip(". ")
        if len(name) > _NAME_CHARS:
            stem, dot, ending = name.rpartition(".")
            name = stem[: _NAME_CHARS - 17] + dot + ending[:16] if dot else name[:_NAME_CHARS]
        if part.file_name and name != part.file_name.strip():
            self._warnings.add("name-unsafe")
        return name or f"lampiran-{len(self._attachments) + 1}"

    def result(self, *, oversize: bool) -> ParsedMessage:
        text = "\n\n".join(piece for piece in self._plain if piece)
        if not text and any(self._html):
            text = clean("\n\n".join(piece for piece in self._html if piece), lines=True)
            self._warnings.add("html-only")
        names = [attachment.name for attachment in self._attachments]
        if checks.is_marked(self._options.classified, self._fields, self._subject, text, names):
            self._reasons.add("classified")
        return ParsedMessage(
            message_id=headers.message_id(self._fields, self._warnings),
            sender=self._people["from"],
            to=self._people["to"],
            cc=self._people["cc"],
            sent_at=headers.sent_at(self._fields, self._warnings),
            automatic=checks.is_automatic(self._fields, self._media_type, self._people["from"]),
            quarantine=self._quarantine(oversize=oversize),
            **self._shown(text),
            warnings=sorted(self._warnings),
        )

    def _shown(self, text: str) -> dict[str, object]:
        if "classified" in self._reasons:
            return {}
        most = self._options.text_chars
        return {
            "subject": self._subject,
            "text": text[:most],
            "truncated": len(text) > most,
            "attachments": self._attachments,
        }

    def _quarantine(self, *, oversize: bool) -> str | None:
        for reason in _ORDER[:1]:
            if reason in self._reasons:
                return reason
        if oversize:
            return "oversize"
        if not self._fields:
            return "unparsable"
        return next((reason for reason in _ORDER if reason in self._reasons), None)
