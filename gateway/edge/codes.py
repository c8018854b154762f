"""Codes of cases that strangers have filed: computed here, shown to whoever filed, and compared by their mac elsewhere.

The code itself leaves this process on one page alone; what goes over the bus tells nothing to whoever lacks the key.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from services.kit.sealing import Keys
from services.kit.secrets import code_of, mac_of


@dataclass(frozen=True, slots=True)
class Code:
    """``shown``: as somebody writes it down. ``mac``: as a case keeps it."""

    shown: str
    mac: str


class Codes:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def of(self, agency: str, command_id: UUID) -> Code:
        """Of the case that this command files; asked again it is the same. ``agency``: one that exists."""
        key = await self._key(agency)
        code = code_of(key, command_id)
        return Code(code, mac_of(key, code))

    async def mac(self, agency: str, typed: str) -> str:
        """Of what somebody typed; what can be no code has one too, which fits no case."""
        return mac_of(await self._key(agency), typed)

    async def _key(self, agency: str) -> bytes:
        return await asyncio.to_thread(self._keys.purpose, agency, "codes")
