"""Rows of the views as the shapes of the answers. Moments become aware UTC, missing words empty."""

import json
from collections.abc import Sequence
from uuid import UUID

from contracts.projections import AccountRequest, RequestRow
from contracts.words import BlobRef
from services.kit.projections import moment, whole_moment
from services.projections.views.shared.kinds import Row

LISTED = (
    "request_id", "stage", "number", "request_kind", "cause", "holder", "channel", "received_at", "name", "unit",
    "address", "missing", "failure", "seconded_by", "how", "due_at", "overdue_at", "paused_at", "stopped_at",
    "changed_at", "due_order", "hand_over", "hand_over_told", "account_provisioning_version",
)  # fmt: skip


def request_row(row: Row) -> RequestRow:
    return RequestRow(
        kind="requests",
        case_id=UUID(row["request_id"]),
        number=row["number"] or "",
        title=row["name"] or "",
        who=row["unit"] or "",
        stage=row["stage"],
        received_at=whole_moment(row["received_at"]),
        due_at=moment(row["due_at"]),
        completed_at=moment(row["stopped_at"]),
        paused_at=moment(row["paused_at"]),
        changed_at=whole_moment(row["changed_at"]),
        versions={"account_provisioning": row["account_provisioning_version"]},
        request_id=UUID(row["request_id"]),
        request_kind=row["request_kind"],
        cause=row["cause"] or "",
        holder=row["holder"],
        channel=row["channel"] or "",
        name=row["name"] or "",
        unit=row["unit"] or "",
        address=row["address"] or "",
        missing=words(row["missing"]),
        failure=row["failure"] or "",
        seconded_by=row["seconded_by"] or "",
        how=row["how"] or "",
        overdue_at=moment(row["overdue_at"]),
        step=_hand_over(row),
    )


def _hand_over(row: Row) -> str:
    """That somebody has been told of it outlives a gesture that came to nothing."""
    if row["hand_over"] == "open" and row["hand_over_told"]:
        return "sent"
    return row["hand_over"] or ""


def request(row: Row, reviewers: Sequence[str], earlier: Sequence[Row], namesakes: Sequence[Row]) -> AccountRequest:
    return AccountRequest(
        row=request_row(row),
        account_id=UUID(row["account_id"]),
        standard=row["standard"] or "",
        connector=row["connector"] or "",
        letter_on=row["letter_on"] or "",
        scanned=bool(row["scanned"]),
        reason=row["reason"] or "",
        decided_at=moment(row["decided_at"]),
        told_at=moment(row["told_at"]),
        reviewers=tuple(reviewers),
        leftovers=words(row["leftovers"]),
        led_before=words(row["led_before"]),
        hand_over=_hand_over(row) or "none",
        hand_over_way=row["hand_over_way"] or "",
        hand_over_ends=moment(row["hand_over_ends"]),
        confirmed=row["confirmed"] or "",
        quota=row["quota"],
        alias=row["alias"] or "",
        alias_ends=row["alias_ends"] or "",
        reply_number=row["reply_number"] or "",
        reply=BlobRef.model_validate_json(row["reply"]) if row["reply"] else None,
        earlier=tuple(request_row(each) for each in earlier),
        namesakes=tuple(request_row(each) for each in namesakes),
    )


def words(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
