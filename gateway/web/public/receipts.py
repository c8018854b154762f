"""The receipt that somebody takes home: what was received, a QR to see how far it is, and a strip to tear off.

The QR holds the number alone. The code stands on the strip alone and the number on the sheet, so that the sheet may be
shown, copied or filed, and who finds a strip has no number.
Set here and not by a service, because a code leaves this process on its owner's paper and in no message.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
import typst

from gateway.edge.problems import Problem
from services.kit.sandbox import Sandbox, SandboxFailure

TARGET = "gateway.web.public.receipts:render"
MOST_WAITING = 12
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
    """Sets them one after the other, in a process of limits; nothing of them is kept."""

    def __init__(self) -> None:
        self._waiting = 0
        self._sandbox = Sandbox(
            preload=(__name__,),
            memory_bytes=600_000_000,
            cpu_seconds=10,
            wall_seconds=10,
            output_bytes=5_000_000,
            at_once=1,
            threads=True,
        )

    async def pdf(self, receipt: Receipt) -> bytes:
        """Raises Problem 503."""
        if self._waiting >= MOST_WAITING:
            raise Problem("gateway.busy", 503, seconds=5)
        self._waiting += 1
        try:
            return await self._sandbox.call(TARGET, json.dumps(words(receipt)).encode())
        except SandboxFailure:  # what it says may hold the words
            raise Problem("gateway.busy", 503, seconds=5) from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._sandbox.close()


def words(receipt: Receipt) -> dict[str, Any]:
    """Everything that the template prints, as finished strings."""
    head = {name: str(receipt.head.get(name) or "") for name in ("agency", "office", "place")}
    address = [str(row) for row in receipt.head.get("address") or ()]
    qr = tracking_qr(receipt.address, receipt.number)
    return {**asdict(receipt), "head": {**head, "address": address}, "qr": qr}


def tracking_qr(address: str, number: str) -> str:
    """To the page that tells how far it is, as SVG: the number alone, never the code."""
    there = f"{address}?nomor={quote(number, safe='')}"
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
