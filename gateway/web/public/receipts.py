"""The receipt that somebody takes home: what was received, a QR to see how far it is, and a strip to tear off.

The QR holds the number, and the hash of what was sent in. The code stands on the strip alone and the number on the
sheet, so that the sheet may be shown, copied or filed, and who finds a strip has no number.
Set here and not by a service, because a code leaves this process on its owner's paper and in no message.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
import typst

from gateway.web.papers import PaperSandbox, named

_TEMPLATES = Path(__file__).with_name("typst")


@dataclass(frozen=True, slots=True)
class Receipt:
    """``head``: the letterhead. ``filed``: when, in words. ``address``: of the page that tells how far it is.

    ``hashed``: SHA-256 of what was sent in; empty: nothing is said of it.
    """

    head: Mapping[str, Any]
    noun: str
    number: str
    code: str
    filed: str
    address: str
    hashed: str = ""


class Receipts:
    def __init__(self) -> None:
        limits = {"memory_bytes": 600_000_000, "seconds": 10, "output_bytes": 5_000_000, "waiting": 12}
        self._sandbox = PaperSandbox(__name__, **limits)

    async def pdf(self, receipt: Receipt) -> bytes:
        """Raises Problem 503."""
        return await self._sandbox.made("render", words(receipt))

    async def close(self) -> None:
        await self._sandbox.close()


def words(receipt: Receipt) -> dict[str, Any]:
    """Everything that the template prints, as finished strings."""
    address = [str(row) for row in receipt.head.get("address") or ()]
    qr = tracking_qr(receipt.address, receipt.number, receipt.hashed)
    return {**asdict(receipt), "head": {**named(receipt.head), "address": address}, "qr": qr}


def tracking_qr(address: str, number: str, hashed: str = "") -> str:
    """To the page that tells how far it is, as SVG: the number alone, never the code. With the hash of what was sent in
    it says besides that it is on record, unchanged.
    """
    there = f"{address}?nomor={quote(number, safe='')}{f'&sidik={hashed}' if hashed else ''}"
    qr: str = segno.make(there, error="m", micro=False).svg_inline(border=0, omitsize=True)
    return qr


def render(payload: bytes) -> bytes:
    """JSON of the words to PDF."""
    pdf: bytes = typst.compile(
        _TEMPLATES / "receipt.typ",
        root=_TEMPLATES,
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"said": payload.decode()},
        pdf_standards="1.7",
    )
    return pdf
