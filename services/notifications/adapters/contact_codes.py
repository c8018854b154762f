"""The code that is sent to a stated contact: made anew when its notice leaves, and kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from contracts.notifications import NoticePlanned
from services.kit.secrets import sent_code
from services.notifications.domain.codes import KIND
from services.notifications.domain.wording import Unsayable


class CodeOver(Unsayable):
    """It is good no more: nobody is sent it."""


class ContactCodes:
    """``key``: agency → its key *contact-codes*; blocks."""

    def __init__(self, key: Callable[[str], bytes], base_url: str, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._base_url = base_url
        self._clock = clock

    async def filled(self, agency: str, planned: NoticePlanned) -> tuple[NoticePlanned, str]:
        """The notice with its code among the values, and the link to where it is said; any other as it is. Raises
        `CodeOver`.
        """
        if planned.event_kind != KIND:
            return planned, ""
        said = planned.values
        if self._clock() >= datetime.fromisoformat(said["until"]):
            raise CodeOver
        key = await asyncio.to_thread(self._key, agency)
        code = sent_code(key, str(planned.person_id), said["way"], said["seed"])
        values = {**said, "code": code}
        return planned.model_copy(update={"values": values}), f"{self._base_url}/pemberitahuan/cara"
