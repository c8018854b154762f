"""Rows of the views as the shapes of the answers. Moments become aware UTC, missing numbers 0, missing words empty."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.projections import CopyRow, InitialRow, Letter, LetterRow
from services.kit.projections import moment, whole_moment
from services.projections.views.shared.kinds import Row

# What a list needs of a letter: the message's text and other long columns stay where they are.
LISTED = (
    "letter_id", "stage", "agenda", "sender", "from_name", "from_address", "subject", "message_subject",
    "letter_number", "letter_on", "urgency", "channel", "received_at", "due_at", "completed_at", "warnings",
    "attachment_count", "copies", "minted_copies", "copies_proven", "round_position", "round_open", "twin_of",
    "quarantine", "held_from", "held_address", "held_subject",
    "paused_at", "changed_at", "due_order", "work_order", "intake_version", "approval_version",
    "dispatch_version",
)  # fmt: skip
_SENDERS = ("sender", "from_name", "from_address", "held_from", "held_address")
_TITLES = ("subject", "message_subject", "held_subject")
SERVICES = ("intake", "approval", "dispatch")


def letter_row(row: Row) -> LetterRow:
    """Before the examination the message itself says who sends and about what, in quarantine what was kept of it."""
    who = next((row[name] for name in _SENDERS if row[name]), "")
    title = next((row[name] for name in _TITLES if row[name]), "")
    return LetterRow(
        kind="letters",
        case_id=UUID(row["letter_id"]),
        number=row["agenda"] or "",
        title=title,
        who=who,
        progress=(row["copies_proven"] or 0, row["copies"]) if row["copies"] else None,
        letter_id=UUID(row["letter_id"]),
        stage=row["stage"],
        agenda=row["agenda"],
        sender=who,
        subject=title,
        letter_number=row["letter_number"] or "",
        letter_on=row["letter_on"] or "",
        urgency=row["urgency"] or "biasa",
        channel=row["channel"] or "",
        received_at=whole_moment(row["received_at"]),
        due_at=moment(row["due_at"]),
        completed_at=moment(row["completed_at"]),
        paused_at=moment(row["paused_at"]),
        warnings=tuple(_list(row["warnings"])),
        attachments=row["attachment_count"] or 0,
        copies=row["copies"] or row["minted_copies"] or 0,
        copies_proven=row["copies_proven"] or 0,
        waiting_position=row["round_position"] if row["stage"] == "forwarded" and row["round_open"] else None,
        twin_of=UUID(row["twin_of"]) if row["twin_of"] else None,
        quarantine=row["quarantine"],
        changed_at=whole_moment(row["changed_at"]),
        versions={name: row[f"{name}_version"] for name in SERVICES if row[f"{name}_version"]},
    )


def letter(row: Row, initials: Sequence[Row], copies: Sequence[CopyRow]) -> Letter:
    return Letter.model_validate(
        {
            "row": letter_row(row).model_dump(),
            "summary": row["summary"] or "",
            "classification": row["archive_classification"] or row["classification"] or "",
            "from_name": row["from_name"] or row["held_from"] or "",
            "from_address": row["from_address"] or row["held_address"] or "",
            "message_subject": row["message_subject"] or row["held_subject"] or "",
            "quarantine_confirmed_at": moment(row["quarantine_confirmed"]),
            "text": row["text"] or "",
            "sent_at": moment(row["sent_at"]),
            "automatic": bool(row["automatic"]),
            "attachments": _list(row["attachments"]),
            "blob": _object(row["blob"]),
            "print_pack": _object(row["print_pack"]),
            "print_number": row["print_number"] or 0,
            "standard": row["standard"] or "",
            "revision": row["forwarded"] or 0,
            "registrar_id": row["registrar_id"],
            "returned_note": row["returned_note"] or "",
            "cancel_reason": row["cancel_reason"] or "",
            "recipients": _list(row["recipients"]),
            "round": row["round"] or 0,
            "initials": [initial_row(each, row) for each in initials],
            "copies": [copy.model_dump() for copy in copies],
            "archive_place": row["archive_place"] or "",
        }
    )


def initial_row(row: Row, of: Row) -> InitialRow:
    """Whose turn it is stands in the letter's row."""
    turn = bool(of["round_open"]) and of["round_position"] == row["position"]
    return InitialRow(
        tier=row["tier"], position=row["position"] or "", title=row["title"] or "",
        state="next" if turn else row["state"] or "waiting", note=row["note"] or "", by_name=row["by_name"] or "",
        by_nip=row["by_nip"] or "", by_title=row["by_title"] or "", capacity=row["capacity"] or "",
        passed=row["passed"], at=moment(row["at"]),
    )  # fmt: skip


def copy_row(row: Row) -> CopyRow:
    """``row`` joins the copy with its letter (``agenda``, ``title``, ``urgency``, ``due_at``, ``stopped``)."""
    open_still = row["state"] in {"planned", "assigned", "failed"}
    return CopyRow(
        copy_id=row["copy_id"], letter_id=row["letter_id"], agenda=row["agenda"] or "", subject=row["title"] or "",
        office=row["office"] or "", recipient_class=row["recipient_class"] or "", copy_kind=row["copy_kind"] or "",
        route=row["route"] or "", routes=tuple(_list(row["routes"])), proof=row["proof"] or "",
        state="closed" if open_still and row["stopped"] else row["state"], urgency=row["urgency"] or "biasa",
        due_at=moment(row["due_at"]), courier_id=row["courier_id"], courier_name=row["courier_name"] or "",
        receiver_name=row["receiver_name"] or "", receiver_position=row["receiver_position"] or "",
        reference=row["reference"] or "", reason=row["reason"] or "", happened_at=moment(row["happened_at"]),
    )  # fmt: skip


def _list(text: str | None) -> list[Any]:
    return list(json.loads(text)) if text and text != "[]" else []


def _object(text: str | None) -> dict[str, Any] | None:
    return dict(json.loads(text)) if text else None
