"""The tables of notices; notifications' events alone write them. No words of a notice are in them."""

from services.kit.projections import TEXT, WHOLE, View, case_columns

STREAMS = {"notifications": "notice"}
NOTICES = View(
    "notices",
    key={"agency": TEXT, "notice_id": TEXT},
    columns={
        "event_id": TEXT, "event_kind": TEXT, "audience": TEXT, "case_kind": TEXT, "case_id": TEXT, "position": TEXT,
        "person_id": TEXT, "hook_id": TEXT, "not_for": TEXT, "template": TEXT, "value_list": TEXT, "inbox": WHOLE,
        "urgent": WHOLE, "planned_at": WHOLE, "not_before": WHOLE, "stage": TEXT, "channel": TEXT, "how": TEXT,
        "reason": TEXT, "tries": WHOLE, "done_by": TEXT, "seen_at": WHOLE, "seen_by": TEXT,
        # the kit
        **case_columns(STREAMS), "visibility": TEXT, "readers": TEXT, "barred": TEXT,
    },
    indexes=(
        ("agency", "position", "planned_at", "notice_id"), ("agency", "person_id", "planned_at", "notice_id"),
        ("agency", "case_kind", "planned_at", "notice_id"), ("agency", "case_kind", "stage", "planned_at", "notice_id"),
        ("agency", "case_id"), ("agency", "hook_id", "planned_at", "notice_id"),
        ("agency", "position", "seen_at"), ("agency", "person_id", "seen_at"),  # the bell, on every page
    ),
)  # fmt: skip
TEMPLATES = View(
    "notice_templates",
    key={"agency": TEXT, "template": TEXT, "language": TEXT},
    columns={"subject": TEXT, "body": TEXT},
)
CONTACT_STEPS = View(
    "contact_steps",
    key={"agency": TEXT, "event_id": TEXT},
    columns={"person_id": TEXT, "channel": TEXT, "what": TEXT, "reason": TEXT, "at": WHOLE, "by_id": TEXT},
    indexes=(("agency", "at"),),
)

ALL = (NOTICES, TEMPLATES, CONTACT_STEPS)
