"""Where the register of a year begins, and who said so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from contracts.base import Query
from contracts.complaint import RegisterNumbering, RegisterNumberingAnswer, RegisterOpened
from services.complaint.domain.state import register_stream
from services.complaint.ports import Beginning, Opened
from services.kit.numbering import LOOKED_AT, numbering
from services.kit.service import QueryHandler


def register(beginning: Beginning, opened: Opened) -> Mapping[type[Query], QueryHandler]:
    async def answer(agency: str, asked: RegisterNumbering) -> RegisterNumberingAnswer:
        told = await beginning(agency, register_stream(asked.year), LOOKED_AT)
        found = await asyncio.to_thread(numbering, told, RegisterOpened, opened)
        return RegisterNumberingAnswer(**dict(found))

    return {RegisterNumbering: answer}
