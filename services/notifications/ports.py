"""What notifications needs from outside, and what it reads of its own."""

from collections.abc import Awaitable, Callable, Sequence
from functools import reduce
from uuid import UUID

from contracts.base import Recorded
from contracts.notifications import CaseKnown, NoticePlanned
from contracts.organisation import ContactOf, ContactOfAnswer
from services.notifications.domain import gathering as bundles
from services.notifications.domain import hiding, planning, troubles
from services.notifications.domain import hooks as webhooks
from services.notifications.domain import notice as notices
from services.notifications.domain import office as offices
from services.notifications.domain import ways as contacts
from services.notifications.domain.hooks import Hooks
from services.notifications.domain.notice import Notice, Unplanned
from services.notifications.domain.office import Office
from services.notifications.domain.troubles import Machine
from services.notifications.domain.ways import Ways

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


async def gathering_of(history: History, agency: str, who: str) -> bundles.Gathering:
    told = await history(agency, bundles.stream(who))
    return reduce(lambda state, each: bundles.evolve(state, each.event), told, bundles.Gathering())


async def case_of(history: History, agency: str, service: str, case_id: str) -> CaseKnown:
    told = await history(agency, f"case:{service}:{case_id}")
    return reduce(lambda state, each: planning.evolve(state, each.event), told, planning.Case()).known


async def shuts(history: History, agency: str, planned: NoticePlanned, reached: ContactOfAnswer) -> bool:
    """Whether whoever acts today may not know of its case, however he came to act."""
    service = planned.event_kind.partition(".")[0]
    return hiding.access(await case_of(history, agency, service, str(planned.case_id))).shuts(reached.reader)


async def office_of(history: History, agency: str) -> Office:
    told = await history(agency, offices.STREAM)
    return reduce(lambda state, each: offices.evolve(state, each.event), told, Office())


async def hooks_of(history: History, agency: str) -> Hooks:
    told = await history(agency, webhooks.STREAM)
    return reduce(lambda state, each: webhooks.evolve(state, each.event), told, Hooks())


async def machine_of(history: History, agency: str) -> Machine:
    told = await history(agency, troubles.STREAM)
    return reduce(lambda state, each: troubles.evolve(state, each.event), told, Machine())


async def ways_of(history: History, agency: str, person_id: str) -> Ways:
    told = await history(agency, contacts.stream(person_id))
    return reduce(lambda state, each: contacts.evolve(state, each.event), told, Ways())
