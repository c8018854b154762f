"""Asks organisation who is to be told, and everybody how he is: what this service asks of others (decision 0071)."""

import asyncio

from contracts.organisation import ContactOf, ContactOfAnswer, Keepers, KeepersAnswer
from contracts.words import DEPLOYMENT
from services.kit.bus import Bus, BusError, QueryRefused
from services.kit.operations import HealthReport, ask_health
from services.kit.settings import Settings
from services.notifications.ports import OrganisationAway
from services.notifications.settings import AskingSettings

SECONDS = 5.0
LISTEN_SECONDS = 2.0


USER = "asking-notifications"


class Directory:
    """Over a connection of its own, whose user may ask this and answer nobody; opened with the first question."""

    def __init__(self, settings: Settings) -> None:
        self._url = AskingSettings().url or settings.broker_url
        self._bus: Bus | None = None
        self._opening = asyncio.Lock()

    async def reach(self, agency: str, asked: ContactOf) -> ContactOfAnswer:
        """Raises `OrganisationAway`."""
        try:
            bus = await self._connected()
            return await bus.query(agency, asked, ContactOfAnswer, timeout=SECONDS)
        except (BusError, QueryRefused, OSError) as away:
            raise OrganisationAway(type(away).__name__) from away

    async def keepers(self) -> KeepersAnswer:
        """Raises `OrganisationAway`."""
        try:
            bus = await self._connected()
            return await bus.query(DEPLOYMENT, Keepers(), KeepersAnswer, timeout=SECONDS)
        except (BusError, QueryRefused, OSError) as away:
            raise OrganisationAway(type(away).__name__) from away

    async def reports(self) -> list[HealthReport]:
        """Everybody's word on himself. Raises `OrganisationAway`."""
        try:
            return await ask_health(await self._connected(), seconds=LISTEN_SECONDS)
        except (BusError, OSError) as away:
            raise OrganisationAway(type(away).__name__) from away

    async def close(self) -> None:
        if self._bus is not None:
            await self._bus.close()

    async def _connected(self) -> Bus:
        async with self._opening:
            if self._bus is None or self._bus.closed.is_set():
                self._bus = await Bus.connect(self._url, service=USER, patience=SECONDS)
            return self._bus
