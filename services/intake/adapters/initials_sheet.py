"""Draws the sheet of the initials from the letter's own events and from what the asker has looked up of its round."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Protocol

from contracts.base import Refusal
from contracts.intake import GivenInitials, InitialsSheet, InitialsSheetAnswer, ProducePrintPack
from contracts.words import BlobRef
from services.intake.adapters.printing import History, LetterSoFar, Open, Printer, pack_of, rules_of, tell
from services.intake.domain.capture import stream
from services.intake.policy import refuse
from services.kit.sandbox import SandboxFailure

KEPT = 256
REVISED = "Surat sedang diperbaiki; paraf dimulai lagi setelah surat diteruskan."


class Shelf(Protocol):
    """Where the bytes lie, by agency."""

    async def put(self, agency: str, data: bytes, media_type: str) -> BlobRef: ...


class InitialsSheets:
    """Answers `InitialsSheet`. The sheet is dated by its newest fact, so the same round is set once and stored once."""

    def __init__(self, history: History, open_field: Open, blobs: Shelf, printer: Printer, base_url: str) -> None:
        self._history = history
        self._open = open_field
        self._blobs = blobs
        self._printer = printer
        self._base_url = base_url
        self._kept: OrderedDict[str, BlobRef] = OrderedDict()

    async def answer(self, agency: str, asked: InitialsSheet) -> InitialsSheetAnswer | Refusal:
        told = tell(await self._history(agency, stream(asked.letter_id)))
        if told.registered is None or told.forwarded_at is None:
            return InitialsSheetAnswer()
        told.rules = await rules_of(self._history, agency, told.registered)
        command = ProducePrintPack(letter_id=asked.letter_id, given=asked.given)
        pack = pack_of(told, command, self._open, self._base_url, agency, _as_of(told, asked.given))
        standing = "" if told.revision else REVISED
        pack = pack.model_copy(update={"sheet": "initials", "reprint": None, "standing": standing})
        name = f"{agency}/{hashlib.sha256(pack.model_dump_json().encode()).hexdigest()}"
        if name not in self._kept:
            try:
                pdf = await self._printer.render(pack)
            except SandboxFailure as failure:
                return refuse("not-rendered", reason=failure.reason)
            self._kept[name] = await self._blobs.put(agency, pdf, "application/pdf")
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return InitialsSheetAnswer(blob=self._kept[name])


def _as_of(told: LetterSoFar, given: GivenInitials) -> datetime:
    """The newest of what the sheet says; the letter was forwarded before anybody initialled."""
    own = told.forwarded_at or given.initials[0].at
    return max([own, *(each.at for each in given.initials)] if told.revision == given.revision else [own])
