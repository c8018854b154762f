"""A print pack set by typst as one PDF/A-2a; the templates beside it get data only, as JSON, and can open nothing else.

`render` is what the limited subprocess calls; `SandboxedPrinter` is what the service calls.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import segno
import typst

from services.intake.adapters import print_initials, print_text
from services.intake.adapters.print_words import CLASSES, PROOFS, ROUTES, word
from services.intake.print_pack import PrintedAttachment, PrintedCopy, PrintedLetter, PrintPack

TARGET = "services.intake.adapters.print_render:render"

_TEMPLATES = Path(__file__).with_name("typst")
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_URGENCY = {"biasa": "Biasa", "penting": "Penting", "segera": "Segera", "sangat-segera": "Sangat Segera"}
_KIND = {"asli": "Asli", "tembusan": "Tembusan"}

# Paper: width and height in mm, type size in pt, lines on a full page of letter text, its width in em.
_PAPERS = {
    "a4": (210, 297, 11, 48, 43),
    "f4": (215, 330, 11, 55, 44),
    "a5": (148, 210, 9, 40, 37),
    "half-folio": (165, 215, 9, 41, 43),
}
_FIRST_PAGE_TAKES = 22  # lines: heading, table of the letter
_MOST_LETTER_PAGES = 600  # of one pack, over all copies: bounds memory to about 1 GB
_MOST_ATTACHMENTS = 40
_UNIT = 1000


class Sandbox(Protocol):
    """Runs `module:function` on bytes in a process with limits."""

    async def call(self, target: str, payload: bytes) -> bytes: ...


class SandboxedPrinter:
    """Prints packs outside the service's own process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def render(self, pack: PrintPack) -> bytes:
        """The pack as PDF/A; the sandbox's own errors (limit reached, process died) pass through."""
        return await self._sandbox.call(TARGET, pack.model_dump_json().encode())


def render(payload: bytes) -> bytes:
    """JSON of a PrintPack to PDF/A-2a.

    Raises `pydantic.ValidationError` on a malformed pack, `typst.TypstError` on a broken template.
    """
    pack = PrintPack.model_validate_json(payload)
    return typst.compile(
        _TEMPLATES / f"{pack.sheet}.typ",
        root=_TEMPLATES,
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"pack": json.dumps(_sheets(pack), ensure_ascii=False)},
        pdf_standards="a-2a",
        timestamp=int(pack.printed_at.timestamp()),
    )


def day(on: date) -> str:
    """Jumat, 13 Maret 2026."""
    return f"{_DAYS[on.weekday()]}, {short_day(on)}"


def short_day(on: date) -> str:
    """13 Maret 2026."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Jumat, 13 Maret 2026 pukul 10.30 WIB."""
    local = at.astimezone(zone)
    return f"{day(local.date())} pukul {local:%H.%M} {local.tzname()}"


def short_moment(at: datetime, zone: ZoneInfo) -> str:
    """13 Maret 2026, 10.30 WIB."""
    local = at.astimezone(zone)
    return f"{short_day(local.date())}, {local:%H.%M} {local.tzname()}"


def file_size(size: int) -> str:
    """Bytes in decimal units with a decimal comma: 1,4 MB."""
    if size < _UNIT:
        return f"{size} B"
    amount, unit = (size / _UNIT, "kB") if size < _UNIT**2 else (size / _UNIT**2, "MB")
    return f"{amount:.1f} {unit}".replace(".", ",")


def short_id(copy: PrintedCopy) -> str:
    """The first eight digits of the copy's id, as people read them to each other: 3F2A-91BC."""
    digits = copy.copy_id.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def _sheets(pack: PrintPack) -> dict[str, Any]:
    """Everything the templates print, as finished strings."""
    width, height, size, _, _ = _PAPERS[pack.paper]
    head, zone = pack.letterhead, ZoneInfo(pack.zone)
    return {
        "paper": {"name": pack.paper, "width": width, "height": height, "size": size},
        "head": {
            "agency": print_text.line(head.agency, 80),
            "office": print_text.line(head.office, 100),
            "address": [print_text.line(row, 140) for row in head.address[:4]],
            "place": print_text.line(head.place, 60),
        },
        "letter": _letter(pack.letter, zone) | (_body(pack) if pack.sheet == "pack" else {}),
        "copies": [_copy(copy) for copy in pack.copies],
        "tiers": [print_text.line(tier.title, 120) for tier in pack.tiers],
        "initials": print_initials.groups(pack.tiers, lambda at: short_moment(at, zone)),
        "round": pack.standing or print_initials.standing(pack.tiers, lambda at: moment(at, zone)),
        "cover": pack.cover,
        "operator": print_text.line(pack.operator, 80),
        "printed_at": short_moment(pack.printed_at, zone),
        "printed_in_full": moment(pack.printed_at, zone),
        "reprint": f"Cetak ulang ke-{pack.reprint.number}: {print_text.line(pack.reprint.reason, 120)}"
        if pack.reprint
        else "",
    }


def _letter(letter: PrintedLetter, zone: ZoneInfo) -> dict[str, Any]:
    line = print_text.line
    number, subject, sender = line(letter.number, 80), line(letter.subject, 400), line(letter.sender, 160)
    return {
        "agenda_number": line(letter.agenda_number, 40),
        "agenda_book": line(letter.agenda_book, 80),
        "number": number or "–",
        "dated": short_day(letter.dated_on) if letter.dated_on else "–",
        "sender": sender or "–",
        "sender_address": line(letter.sender_address, 120),
        "subject": subject or "(tanpa hal)",
        "subject_short": line(letter.subject, 140) or "(tanpa hal)",
        "summary": line(letter.summary, 700),
        "summary_short": line(letter.summary, 220),
        "urgency": _URGENCY.get(letter.urgency, line(letter.urgency, 40)),
        "urgencies": list(_URGENCY.values()),
        "classification": line(letter.classification, 40) or "–",
        "relation": line(letter.relation, 200),
        "received": moment(letter.received_at, zone),
        "received_short": short_moment(letter.received_at, zone),
        "registered": moment(letter.registered_at, zone),
        "due_short": short_moment(letter.due_at, zone) if letter.due_at else "",
        "due": moment(letter.due_at, zone) if letter.due_at else "",
        "qr": _qr(letter.verify_url) if letter.verify_url else "",
        "standard": line(letter.standard, 160),
        "attachments": [_attachment(item) for item in letter.attachments[:_MOST_ATTACHMENTS]],
        "attachments_left": max(0, len(letter.attachments) - _MOST_ATTACHMENTS),
        "attachments_count": f"{len(letter.attachments)} berkas" if letter.attachments else "–",
    }


def _body(pack: PrintPack) -> dict[str, Any]:
    """The letter's text cut to its pages; the cut is made on an estimate that errs towards fewer."""
    _, _, _, rows, width = _PAPERS[pack.paper]
    pages = max(1, min(pack.letter_pages, _MOST_LETTER_PAGES // len(pack.copies)))
    lines = max(4, rows * pages - _FIRST_PAGE_TAKES - 2 * len(pack.letter.attachments[:_MOST_ATTACHMENTS]))
    reach = lines * width * 4
    whole = pack.letter.body.strip()
    text = print_text.clean(whole[:reach])
    taken, cut = print_text.fitted(text, lines, width)
    return {
        "body": print_text.paragraphs(taken),
        "cut": cut or len(whole) > reach,
        "pages": pages,
        "unprintable": any(map(print_text.loses, (whole[:reach], pack.letter.subject, pack.letter.sender))),
    }


def _qr(url: str) -> str:
    svg: str = segno.make(url, error="m", micro=False).svg_inline(border=0)
    return svg


def _attachment(item: PrintedAttachment) -> dict[str, str]:
    return {"name": print_text.line(item.name, 120), "size": file_size(item.size), "sha256": item.sha256[:16]}


def _copy(copy: PrintedCopy) -> dict[str, str]:
    return {
        "id": short_id(copy),
        "recipient": print_text.line(copy.recipient, 160),
        "class": print_text.line(word(CLASSES, copy.recipient_class), 60),
        "kind": _KIND[copy.kind],
        "route": print_text.line(word(ROUTES, copy.route), 80) or "–",
        "proof": print_text.line(word(PROOFS, copy.proof), 80) or "–",
        "attachments": "dicetak" if copy.attachments == "printed" else "salinan lunak",
        "qr": _qr(copy.verify_url),
        "url": print_text.breakable(print_text.clean(copy.verify_url)),
    }
