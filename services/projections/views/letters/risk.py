"""What is said of letters with a limit: which it is, for whom it waits, how much working time is left."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import RiskRow
from services.kit.projections import Generation, moment, whole_moment
from services.kit.worktime import remaining_minutes
from services.projections import policy
from services.projections.views.letters.detail import copies_of
from services.projections.views.letters.rows import letter_row
from services.projections.views.shared.calendars import calendars_of
from services.projections.views.shared.kinds import Row

RISKY = (
    "calendar_of", "due_soon_at", "overdue_at", "tier_due_at", "tier_reminded_at",
    "tier_overdue_at", "escalated_to", "copies_due_at", "copies_unassigned", "copies_unsent", "assigner",
)  # fmt: skip
Letters = Mapping[str, list[dict[str, Any]]]


def risks(
    connection: Connection, generation: Generation, agency: str, found: Sequence[Row], now: datetime
) -> Sequence[RiskRow]:
    """What is said of each letter with a limit."""
    ids = [row["letter_id"] for row in found]
    copies = _by_letter(copies_of(connection, generation, agency, generation["copies"].c.letter_id.in_(ids)))
    titles = _titles(connection, generation, agency, ids)
    calendars = calendars_of(connection, generation, agency)
    rows = []
    for row in found:
        calendar = calendars.get(row["calendar_of"] or "")
        left = remaining_minutes(calendar, now, whole_moment(row["limit_at"])) if calendar else None
        rows.append(_row(row, copies.get(row["letter_id"], []), titles.get(row["letter_id"], {}), now, left))
    return rows


def _row(row: Row, copies: list[dict[str, Any]], titles: Mapping[str, str], now: datetime, left: int | None) -> RiskRow:
    limit_at = whole_moment(row["limit_at"])
    told: dict[str, Any] = {"limit_kind": "case", "reminded_at": row["due_soon_at"], "overdue_at": row["overdue_at"]}
    waits = _waits(row, copies)
    if row["tier_due_at"] == row["limit_at"]:
        told = {"limit_kind": "tier", "reminded_at": row["tier_reminded_at"], "overdue_at": row["tier_overdue_at"]}
        told["escalated_to"] = row["escalated_to"]
    elif row["copies_due_at"] == row["limit_at"]:
        told = {"limit_kind": "delivery", "reminded_at": None, "overdue_at": _first_out(copies).get("late_at")}
    moments = {name: moment(told.pop(name)) for name in ("reminded_at", "overdue_at")}
    return RiskRow(
        case=letter_row(row), limit_at=limit_at, overdue=limit_at <= now, remaining_minutes=left,
        title=titles.get(waits.get("position") or "", ""), **told, **moments, **waits,
    )  # fmt: skip


def _waits(row: Row, copies: list[dict[str, Any]]) -> dict[str, Any]:
    """For which action of whom; on the way the first copy that is not there tells."""
    action, column = policy.WAITS.get(row["stage"], ("", None))
    if action not in {"assign", "deliver"}:
        return {"waits": action, "position": row[column] if column else None}
    if first := _first_out(copies):
        courier = {"person_id": first["courier_id"], "person_name": first["courier_name"] or ""}
        return {"waits": "deliver", **courier, "part_id": UUID(first["copy_id"])}
    failed = next((copy for copy in copies if copy["state"] == "failed"), None)
    if failed is not None:
        return {"waits": "retry", "position": row["assigner"], "part_id": UUID(failed["copy_id"])}
    if row["copies_unassigned"]:
        return {"waits": "assign", "position": row["assigner"]}
    return {"waits": "transmit" if row["copies_unsent"] else action}


def _first_out(copies: list[dict[str, Any]]) -> dict[str, Any]:
    """The copy whose courier has the least time left."""
    out = [copy for copy in copies if copy["state"] == "assigned"]
    return min(out, key=lambda copy: (copy["deliver_by"] or 2**62, copy["copy_id"]), default={})


def _by_letter(copies: Iterable[dict[str, Any]]) -> Letters:
    found: dict[str, list[dict[str, Any]]] = {}
    for copy in copies:
        found.setdefault(copy["letter_id"], []).append(copy)
    return found


def _titles(
    connection: Connection, generation: Generation, agency: str, ids: list[str]
) -> Mapping[str, Mapping[str, str]]:
    """Titles of the positions in each letter's round."""
    table = generation["initials"]
    asked = sa.select(table.c.letter_id, table.c.position, table.c.title)
    found: dict[str, dict[str, str]] = {}
    for letter_id, position, title in connection.execute(
        asked.where(table.c.agency == agency, table.c.letter_id.in_(ids))
    ):
        found.setdefault(letter_id, {})[position] = title
    return found
