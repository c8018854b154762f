"""Whether what is attached is marked above biasa, though its letter does not say so; runs inside the sandbox.

Payload: as of `mail_reading`. Answer: JSON, ``marked`` and ``unread`` (whether there are files whose words could not be
read: scans, passwords, kinds that nobody reads here). Read are PDF, office files, text, HTML and letters, also those
in a ZIP; by the rules of `mail_markings`, page by page, each file's name too.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import BadZipFile, ZipFile

import pypdfium2

from services.intake.adapters.mail_charsets import decode, meta_charset
from services.intake.adapters.mail_html import html_to_text
from services.intake.adapters.mail_markings import Marked, is_marked
from services.intake.adapters.mail_parts import TooDeepError, TooManyPartsError, leaves, open_message
from services.intake.adapters.mail_reading import read, unpacked
from services.intake.adapters.mail_text import LETTER, clean, is_text
from services.intake.adapters.office_text import MOST_PART, is_office, office_text
from services.intake.mail import ParserOptions

_MOST_PAGES = 40
_PAGE_CHARS = 20_000
_TEXT_CHARS = 200_000
_MOST_MEMBERS = 200
_MOST_UNPACKED = 60_000_000
_MOST_NESTING = 2
_PICTURE_FROM = 60_000
"""Bytes from which a picture may be a scanned letter; below it is a logo or a signature."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")
_DEAF = re.compile(r"audio/|video/|application/(?:pgp-|pkcs|x-pkcs)|text/calendar")
"""Kinds that carry no letter."""


def look(payload: bytes) -> bytes:
    """The sandbox's target."""
    options, raw = unpacked(payload)
    found = _Looking(options)
    found.message(raw, 0)
    return json.dumps({"marked": found.marked, "unread": found.unread}).encode()


@dataclass(slots=True)
class _Looking:
    """What was found so far, and how much may still be unpacked."""

    options: ParserOptions
    marked: bool = False
    unread: bool = False
    budget: int = _MOST_UNPACKED

    def message(self, raw: bytes, nesting: int) -> None:
        """What is attached to it; running text and attached letters are judged where they are read."""
        limits, unheeded = self.options, set[str]()
        root = open_message(raw, unheeded)
        try:
            for part in leaves(root, max_depth=limits.max_depth, max_parts=limits.max_parts, warnings=unheeded):
                if not (self.marked or part.letter or part.is_text or _DEAF.match(part.media_type)):
                    self.file(part.file_name, part.content(unheeded), part.media_type, nesting)
        except (TooDeepError, TooManyPartsError):
            self.unread = True

    def file(self, name: str, content: bytes, media_type: str, nesting: int) -> None:
        try:
            texts = list(self._texts(content, media_type, nesting))
        except Exception:  # noqa: BLE001 - libraries raise whatever the bytes make them; it is said, and the next is read
            self.unread, texts = True, []
        self._judge(name, tuple(clean(text, lines=True) for text in texts))

    def _judge(self, name: str, texts: tuple[str, ...]) -> None:
        told = Marked([], "", texts, (name,) if name else ())
        self.marked = self.marked or is_marked(self.options.classified, [told])

    def _texts(self, content: bytes, media_type: str, nesting: int) -> Iterator[str]:
        if b"%PDF-" in content[:1024]:
            yield from self._pdf(content)
        elif content.startswith(b"PK\x03\x04"):
            yield from self._zip(content, nesting)
        elif content.startswith(_PICTURES):
            self.unread = self.unread or len(content) >= _PICTURE_FROM
        elif not is_text(content):
            self.unread = self.unread or bool(content)
        elif LETTER.match(content):
            self._letter(content, nesting)
        else:
            self.unread = self.unread or len(content) > 4 * _TEXT_CHARS or content.startswith(b"{\\rtf")
            html = media_type == "text/html" or re.match(rb"\s{0,99}<(?:!doctype|html)\b", content, re.IGNORECASE)
            charset = meta_charset(content) if html else None
            text = decode(content[: 4 * _TEXT_CHARS], charset, set())
            yield html_to_text(text, set()) if html else text

    def _pdf(self, content: bytes) -> Iterator[str]:
        """A page without a word is a scan. The title and key words of the file are lines of their own."""
        document = pypdfium2.PdfDocument(content)
        yield from (told for key in ("Title", "Subject", "Keywords") if (told := document.get_metadata_value(key)))
        self.unread = self.unread or len(document) > _MOST_PAGES
        for number in range(min(len(document), _MOST_PAGES)):
            page = document[number]
            words = page.get_textpage().get_text_bounded()[:_PAGE_CHARS]
            page.close()
            self.unread = self.unread or not words.strip()
            yield words

    def _zip(self, content: bytes, nesting: int) -> Iterator[str]:
        with ZipFile(io.BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
            if is_office(names):
                self._pay(
                    sum(min(one.file_size, MOST_PART) for one in archive.infolist() if one.filename.endswith("xml"))
                )
                yield from office_text(archive)
                return
            members = [one for one in archive.infolist() if not one.is_dir()]
            self.unread = self.unread or len(members) > _MOST_MEMBERS
            for one in members[:_MOST_MEMBERS]:
                name = one.filename.rpartition("/")[2]
                self._judge(name, ())
                if nesting >= _MOST_NESTING or one.flag_bits & 1:
                    self.unread = True
                    continue
                self._pay(one.file_size)
                try:
                    with archive.open(one) as member:
                        inner = member.read(one.file_size)
                except (BadZipFile, NotImplementedError, OSError, EOFError):
                    self.unread = True
                    continue
                self.file(name, inner, "", nesting + 1)

    def _letter(self, content: bytes, nesting: int) -> None:
        """A letter that is attached as a file."""
        letter = read(content, self.options)
        self.marked = self.marked or letter.quarantine == "classified"
        if nesting < _MOST_NESTING:
            self.message(content, nesting + 1)
        else:
            self.unread = self.unread or bool(letter.attachments)

    def _pay(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise ValueError("too much")
