"""An office with the notices that come with Caraka, beside the services whose facts they tell of."""

from functools import partial
from typing import Any
from uuid import UUID

from contracts.notices import NoticeRules
from contracts.notifications import AdoptOffice, NoticePlanned
from contracts.words import ClosedDay
from services.notifications import handlers, reactions
from services.notifications.domain.notice import Notice, Unplanned, evolve, jobs, stream
from services.organisation.adapters.standards_files import load, own_standards
from tests.unit.given_when_then import Desk, Tables
from tests.unit.office import ADOPT, APPROVAL, DISPATCH, INTAKE, office

NOTIFICATIONS = Tables.of("notifications", handlers, reactions)
HOURS = (
    {"days": ["mon", "tue", "wed", "thu"], "open": "07:30", "close": "16:00"},
    {"days": ["fri"], "open": "07:30", "close": "16:30"},
)
NYEPI = ClosedDay(on="2026-03-19", kind="national", reason="Hari Suci Nyepi")


def rules(**changes: Any) -> NoticeRules:
    """Those that an office has which says nothing of its own."""
    _, agencies = load(own_standards())
    return agencies["pekalongan"].notices.model_copy(update=changes)


def adopt(**changes: Any) -> AdoptOffice:
    return AdoptOffice(**{"zone": "Asia/Jakarta", "hours": HOURS, "closed": (NYEPI,), "rules": rules(), **changes})


def house(**changes: Any) -> Desk:
    """All services of the road and notifications, standard and routes adopted."""
    return office((INTAKE, APPROVAL, DISPATCH, NOTIFICATIONS)).when(ADOPT).when(adopt(**changes)).tell()


def notices(desk: Desk) -> list[NoticePlanned]:
    return [each.event for each in desk.log if isinstance(each.event, NoticePlanned)]


def told(desk: Desk) -> list[tuple[str, str, str]]:
    """(kind, audience, whom) of every notice, in order."""
    return [(each.event_kind, each.audience, each.position or f"({each.person_id})") for each in notices(desk)]


def state(desk: Desk, notice_id: UUID) -> Notice:
    found: Notice = Unplanned()
    for each in desk.log:
        if each.stream == stream(notice_id):
            found = evolve(found, each.event)
    return found


def standing(desk: Desk, notice_id: UUID) -> Any:
    return partial(jobs, stream(notice_id))(state(desk, notice_id))
