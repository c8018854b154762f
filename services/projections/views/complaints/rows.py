"""Rows of the views as the shapes of the answers. Of an anonymous reporter's case every moment is the day alone."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.projections import Complaint, ComplaintRow
from contracts.words import CaseRef
from services.kit.projections import moment, whole_moment
from services.projections.views.shared.kinds import Row

ZONE = "Asia/Jakarta"
"""Of an office whose standards have not been heard yet."""
ANONYMOUS, NAMED = "anonymous", "named"
LISTED = (
    "complaint_id", "stage", "number", "complaint_kind", "channel", "stance", "complaint_class", "class_title",
    "restricted", "gist", "handler", "received_at", "due_at", "paused_at", "stopped_at", "overdue_at", "changed_at",
    "due_order", "complaint_version", "paper_number",
)  # fmt: skip


def dated(row: Row) -> ZoneInfo | None:
    """The zone in which its moments are told as days; None: as they are."""
    return zone_of(row) if row["stance"] == ANONYMOUS else None


def zone_of(row: Row) -> ZoneInfo:
    try:
        return ZoneInfo(row["zone"] or ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(ZONE)


def day(at: datetime, zone: ZoneInfo | None) -> datetime:
    """The beginning of its day; without a zone the moment itself."""
    return at if zone is None else datetime.combine(at.astimezone(zone).date(), time(), zone)


def on(value: int | None, zone: ZoneInfo) -> date | None:
    return None if value is None else whole_moment(value).astimezone(zone).date()


def complaint_row(row: Row) -> ComplaintRow:
    zone = dated(row)

    def told(name: str) -> datetime | None:
        return None if row[name] is None else day(whole_moment(row[name]), zone)

    complaint_id = UUID(row["complaint_id"])
    return ComplaintRow(
        kind="complaints",
        case_id=complaint_id,
        number=row["number"] or "",
        title=row["gist"] or "",
        who=row["class_title"] or "",
        stage=row["stage"],
        received_at=day(whole_moment(row["received_at"]), zone),
        due_at=moment(row["due_at"]),
        completed_at=told("stopped_at"),
        paused_at=told("paused_at"),
        changed_at=day(whole_moment(row["changed_at"]), zone),
        versions={"complaint": row["complaint_version"]},
        complaint_id=complaint_id,
        complaint_kind=row["complaint_kind"],
        channel=row["channel"],
        stance=row["stance"],
        complaint_class=row["complaint_class"],
        class_title=row["class_title"] or "",
        restricted=bool(row["restricted"]),
        handler=row["handler"],
        paper_number=row["paper_number"] or "",
        dated=zone is not None,
        overdue_at=moment(row["overdue_at"]),
    )


def complaint(row: Row) -> Complaint:
    zone = dated(row)

    def told(name: str) -> datetime | None:
        return None if row[name] is None else day(whole_moment(row[name]), zone)

    about = row["about_id"]
    return Complaint(
        row=complaint_row(row),
        standard=row["standard"] or "",
        default=bool(row["house_limit"]),
        officer=row["officer"],
        desk=row["desk"],
        entered=bool(row["entered"]),
        approver=row["approver"],
        examiner=row["examiner"],
        rung=row["rung"],
        about=CaseRef(service=row["about_service"], case_id=UUID(about), number=row["about_number"]) if about else None,
        attachments=row["attachments"] or 0,
        acknowledge_by=moment(row["acknowledge_by"]) if row["acknowledged_at"] is None else None,
        answered_at=told("answered_at"),
        object_until=moment(row["object_until"]),
        close_at=moment(row["close_at"]),
        objections=row["objections"] or 0,
        outcome=row["outcome"],
        closed_at=told("closed_at"),
        erased=bool(row["erased"]),
    )
