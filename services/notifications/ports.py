"""What notifications needs from outside, and what it reads of its own."""

from collections.abc import Awaitable, Callable, Sequence
from functools import reduce
from uuid import UUID

from contracts.base import Recorded
from contracts.organisation import ContactOf, ContactOfAnswer
from services.notifications.domain import hooks as webhooks
from services.notifications.domain import notice as notices
from services.notifications.domain import office as offices
from services.notifications.domain.hooks import Hooks
from services.notifications.domain.notice import Notice, Unplanned
from services.notifications.domain.office import Office

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]
"""``async (agency, stream) -> its events``: of the own log."""

Reach = Callable[[str, ContactOf], Awaitable[ContactOfAnswer]]
"""``async (agency, question) -> who is to be told now``. Raises `OrganisationAway`."""


class OrganisationAway(ConnectionError):
    """Nobody can say now who acts and how he is reached."""


async def notice_of(history: History, agency: str, notice_id: UUID) -> Notice:
    told = await history(agency, notices.stream(notice_id))
    begun: Notice = Unplanned()
    return reduce(lambda state, each: notices.evolve(state, each.event), told, begun)


async def office_of(history: History, agency: str) -> Office:
    told = await history(agency, offices.STREAM)
    return reduce(lambda state, each: offices.evolve(state, each.event), told, Office())


async def hooks_of(history: History, agency: str) -> Hooks:
    told = await history(agency, webhooks.STREAM)
    return reduce(lambda state, each: webhooks.evolve(state, each.event), told, Hooks())
