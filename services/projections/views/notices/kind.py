"""Notices as a kind of case: the kit counts their changes and tells of them live to whom they are for."""

import json
from collections.abc import Sequence
from uuid import UUID

from contracts.base import Reader
from contracts.projections import READERS, CaseRow
from services.kit.projections import About, Cases, Generation, whole_moment
from services.projections.views.notices import tables
from services.projections.views.notices.about import shut
from services.projections.views.shared.kinds import Asked, CaseKind, Row

CASES = Cases(
    "notices", "notice_id", "stage", tables.STREAMS, restrictable=True,
    about=About("complaints", "complaint_id", by="case_id", column="case_kind", value="complaints"),
)  # fmt: skip
LISTED = (
    "notice_id", "stage", "value_list", "urgent", "planned_at", "notifications_at", "notifications_version",
)  # fmt: skip


def row(found: Row) -> CaseRow:
    return CaseRow(
        kind="notices",
        case_id=UUID(found["notice_id"]),
        number=str(json.loads(found["value_list"]).get("number", "")),
        stage=found["stage"],
        received_at=whole_moment(found["planned_at"]),
        changed_at=whole_moment(found["notifications_at"]),
        versions={"notifications": found["notifications_version"]},
    )


def no_tasks(_generation: Generation, _agency: str, _reader: Reader) -> Sequence[Asked]:
    """What has to be told by hand stands on a page of its own."""
    return ()


NOTICES = CaseKind(
    CASES,
    roles=READERS["notices"],
    listed=LISTED,
    row=row,
    orders={"changed": ("notifications_at", True)},
    searched=(),
    board=(),
    services=("notifications",),
    tasks=no_tasks,
    shut=shut,
)
