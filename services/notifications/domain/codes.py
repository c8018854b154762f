"""A code leaves for what somebody has stated: no route says so, and no inbox shows it."""

from __future__ import annotations

from uuid import UUID, uuid5

from contracts.notices import CODE_KIND, CODE_TEMPLATE, EMAIL, MANUAL
from contracts.notifications import NoticePlanned
from contracts.notifications.contacts import SendContactCode
from services.kit.deciding import Accept, Decision, Given, accept
from services.notifications.domain.notice import Notice, Unplanned, stream

KIND = CODE_KIND
PURPOSE = "code"
BY = {"email": EMAIL, "phone": MANUAL}
"""A telephone has no channel of its own: a person writes or rings there."""


def notice_id(event_id: UUID) -> UUID:
    return uuid5(event_id, "notice/code")


def send(command: SendContactCode, notice: Notice, given: Given) -> Decision:
    """At once, whatever the hour: he sits before the page and waits."""
    if not isinstance(notice, Unplanned):
        return Accept()
    planned = NoticePlanned(
        notice_id=notice_id(command.event_id), event_id=command.event_id, event_kind=KIND, case_kind="contacts",
        case_id=command.event_id, audience="person", person_id=command.person_id, channels=(BY[command.way],),
        template=CODE_TEMPLATE,
        values={"way": command.way, "seed": str(command.seed), "until": command.ends_at.isoformat()},
        purpose=PURPOSE, urgent=True, planned_at=given.now, not_before=given.now,
    )  # fmt: skip
    return accept(stream(planned.notice_id), planned)
