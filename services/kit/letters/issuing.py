"""Before a letter is decided it is set with its number upon it, signed by whoever asks, and laid down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from contracts.base import Actor, Holding
from contracts.words import BlobRef
from services.kit.letters.setting import CAPACITIES, Confined, Letter, day, letter_pdf, letterhead
from services.kit.sandbox import SandboxFailure

CLOSING = "Demikian untuk menjadi maklum. Atas perhatian Saudara kami ucapkan terima kasih."


class Shelf(Protocol):
    async def put(self, agency: str, data: bytes, media_type: str) -> BlobRef: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """What a letter says. ``on``: of `Issuing.today`, as the number was reckoned. ``to``: line by line."""

    number: str
    on: datetime
    subject: str
    to: tuple[str, ...]
    paragraphs: tuple[str, ...]


class Issuing:
    def __init__(self, paper: Confined, blobs: Shelf, clock: Callable[[], datetime]) -> None:
        self._paper = paper
        self._blobs = blobs
        self._clock = clock

    def today(self, rules: Mapping[str, Any]) -> datetime:
        """Where the agency is; ``rules``: all that its standard says."""
        return self._clock().astimezone(ZoneInfo(str(rules["zone"])))

    async def issue(
        self, agency: str, rules: Mapping[str, Any], wording: Wording, signer: Actor, holding: Holding
    ) -> BlobRef | None:
        """The letter as PDF, signed by ``signer`` as ``holding``; None: it could not be set, and nothing was kept."""
        letter = Letter(
            head=letterhead(rules.get("letterhead", {})),
            number=wording.number,
            dated=day(wording.on),
            subject=wording.subject,
            to=wording.to,
            paragraphs=(*wording.paragraphs, CLOSING),
            capacity=CAPACITIES[holding.capacity],
            title=holding.title,
            signed=signer.name,
            nip=signer.nip,
        )
        try:
            pdf = await letter_pdf(self._paper, letter)
        except SandboxFailure:
            return None
        return await self._blobs.put(agency, pdf, "application/pdf")
