"""What every kind of case shares when a fact is planned: plain fields alone."""

from datetime import datetime
from uuid import UUID

from contracts.base import Recorded
from contracts.notifications import CaseKnown, PlanNotices


def planned(  # noqa: PLR0913 - a fact, its case, and what it says
    recorded: Recorded, case_kind: str, case_id: UUID, *, due: datetime | None = None,
    values: dict[str, str] | None = None, positions: dict[str, str] | None = None,
    persons: dict[str, str] | None = None, parts: tuple[UUID, ...] = (), own: dict[str, str] | None = None,
    known: CaseKnown | None = None,
) -> PlanNotices:  # fmt: skip
    event = recorded.event
    return PlanNotices(
        event_id=recorded.event_id,
        event_kind=f"{event.service()}.{type(event).__name__}",
        happened_at=recorded.at,
        case_service=recorded.service,
        case_kind=case_kind,
        case_id=case_id,
        values={**(values or {}), **({"due": due.isoformat()} if due else {})},
        positions=positions or {},
        persons=persons or {},
        parts=parts,
        own=own or {},
        known=known,
    )


def named(**whom: str | None) -> dict[str, str]:
    """Audience → name, of those that there are."""
    return {audience: name for audience, name in whom.items() if name}
