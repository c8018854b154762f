"""Asks organisation who is to be told: the one question that this service puts to another (decision 0071)."""

from collections.abc import Callable

from contracts.organisation import ContactOf, ContactOfAnswer
from services.kit.bus import Bus, BusError, QueryRefused
from services.notifications.ports import OrganisationAway, Reach

SECONDS = 5.0


def reach_over(bus: Callable[[], Bus]) -> Reach:
    async def reach(agency: str, asked: ContactOf) -> ContactOfAnswer:
        try:
            return await bus().query(agency, asked, ContactOfAnswer, timeout=SECONDS)
        except (BusError, QueryRefused) as away:
            raise OrganisationAway(type(away).__name__) from away

    return reach
