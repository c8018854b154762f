"""The views' tables. A comment names the service whose events alone write the columns below it.

Moments are microseconds since 1970 (UTC); nested values are JSON text.
"""

from services.kit.projections import TEXT, WHOLE, View, case_columns
from services.projections.views.letters.computed import COMPUTED

STREAMS = {"intake": "letter", "approval": "round", "dispatch": "dispatch"}
LETTERS = View(
    "letters",
    key={"agency": TEXT, "letter_id": TEXT},
    columns={
        # intake
        "channel": TEXT, "received_at": WHOLE, "sent_at": WHOLE, "automatic": WHOLE, "warnings": TEXT,
        "attachments": TEXT, "attachment_count": WHOLE, "blob": TEXT, "sender_subject": TEXT,
        "from_name": TEXT, "from_address": TEXT, "message_subject": TEXT, "text": TEXT,
        "twin_of": TEXT, "quarantine": TEXT, "quarantine_confirmed": WHOLE,
        "held_from": TEXT, "held_address": TEXT, "held_subject": TEXT,
        "sender": TEXT, "letter_number": TEXT, "letter_on": TEXT, "subject": TEXT, "summary": TEXT, "urgency": TEXT,
        "classification": TEXT, "recipients": TEXT, "examined_at": WHOLE,
        "agenda": TEXT, "book": TEXT, "number": WHOLE, "standard": TEXT, "due_at": WHOLE, "registered_at": WHOLE,
        "registrar_id": TEXT, "minted_copies": WHOLE,
        "print_pack": TEXT, "print_number": WHOLE, "printed_as": WHOLE,
        "forwarded": WHOLE, "forwarded_as": WHOLE, "minted": WHOLE, "revised_as": WHOLE,
        "due_soon_at": WHOLE, "overdue_at": WHOLE, "calendar_of": TEXT, "paused_at": WHOLE, "stopped_at": WHOLE,
        "cancelled_at": WHOLE, "cancel_reason": TEXT,
        # approval
        "round": WHOLE, "round_open": WHOLE, "round_position": TEXT, "round_registrar": TEXT,
        "tier_due_at": WHOLE, "tier_reminded_at": WHOLE, "tier_overdue_at": WHOLE, "escalated_to": TEXT,
        "returned": WHOLE, "returned_note": TEXT,
        "readers": TEXT,
        # dispatch
        "assigner": TEXT, "released": WHOLE, "completed_at": WHOLE, "archived_at": WHOLE, "archive_place": TEXT,
        "archive_classification": TEXT, "closed": WHOLE,
        # the kit
        **case_columns(STREAMS), "visibility": TEXT, "barred": TEXT,
        # summed up from the copies
        "copies": WHOLE, "copies_proven": WHOLE, "copies_assigned": WHOLE, "copies_reported": WHOLE,
        "copies_unassigned": WHOLE, "copies_unsent": WHOLE, "copies_failed": WHOLE, "copies_due_at": WHOLE,
    },
    computed=COMPUTED,
    sealed=frozenset({
        "from_name", "from_address", "message_subject", "text", "sender", "letter_number", "subject", "summary",
        "held_from", "held_address", "held_subject",
    }),
    indexes=(
        ("agency", "stage", "due_order", "letter_id"), ("agency", "stage", "changed_at", "letter_id"),
        ("agency", "stage", "work_order", "letter_id"),
        ("agency", "stage", "received_at", "letter_id"), ("agency", "changed_at", "letter_id"),
        ("agency", "due_order", "letter_id"), ("agency", "received_at", "letter_id"), ("agency", "limit_at"),
    ),
    searched=(
        "agenda", "sender", "subject", "letter_number", "from_name", "from_address", "message_subject", "summary",
    ),
    texts=("text",),
)  # fmt: skip

# The copies as registration minted them (intake): what a QR on paper points to before the plan has been heard.
MINTED = View(
    "minted",
    key={"agency": TEXT, "copy_id": TEXT},
    columns={
        "letter_id": TEXT, "revision": WHOLE, "recipient_class": TEXT, "office": TEXT, "copy_kind": TEXT, "route": TEXT,
        "routes": TEXT, "proof": TEXT,
    },
    indexes=(("agency", "letter_id"),),
)  # fmt: skip

# dispatch
COPIES = View(
    "copies",
    key={"agency": TEXT, "letter_id": TEXT, "copy_id": TEXT},
    columns={
        "place": WHOLE, "recipient_class": TEXT, "office": TEXT, "copy_kind": TEXT, "route": TEXT, "routes": TEXT,
        "proof": TEXT, "state": TEXT, "courier_id": TEXT, "courier_name": TEXT, "receiver_name": TEXT,
        "receiver_position": TEXT, "reference": TEXT, "reason": TEXT, "signature": TEXT, "happened_at": WHOLE,
        "deliver_by": WHOLE, "late_at": WHOLE,
    },
    sealed=frozenset({"courier_name", "receiver_name"}),
    indexes=(("agency", "copy_id"), ("agency", "courier_id", "state", "happened_at"), ("agency", "state")),
)  # fmt: skip

# approval; whose turn it is stands in the letter (``round_position``)
INITIALS = View(
    "initials",
    key={"agency": TEXT, "letter_id": TEXT, "tier": WHOLE},
    columns={
        "position": TEXT, "title": TEXT, "state": TEXT, "note": TEXT, "by_name": TEXT, "by_nip": TEXT, "by_title": TEXT,
        "capacity": TEXT, "passed": TEXT, "at": WHOLE,
    },
    sealed=frozenset({"by_name", "by_nip"}),
)  # fmt: skip

ALL = (LETTERS, MINTED, COPIES, INITIALS)
