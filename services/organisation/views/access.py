"""Who has a way in: the machines' tokens, and the grants that widen who sees letters."""

from __future__ import annotations

from datetime import datetime

from contracts.base import Officer
from contracts.offices import AccessGrantRow, AccessGrantsAnswer, TokenRow, TokensAnswer
from contracts.organisation import AccessGrants
from services.kit.ids import is_machine
from services.organisation.ports import OpenField
from services.organisation.views.directory import Directory
from services.organisation.views.grants import Told


def signer(opened: OpenField, by: Officer | None) -> str:
    """Who did it, by name; a machine is called one, whatever its label says. The house itself has no name."""
    if by is None:
        return ""
    name = str(opened(by.name))
    return f"mesin {name}" if name and is_machine(by.person_id) else name


def tokens(directory: Directory, opened: OpenField, agency: str) -> TokensAnswer:
    """By id."""
    rows = []
    for token_id, token in directory.of(directory.tokens, agency):
        issued, renewed = directory.issued.get((agency, token_id)), directory.renewed.get((agency, token_id))
        rows.append(
            TokenRow(
                token_id=token_id, role=token.role, label=token.label, revoked=token.revoked,
                reason=directory.revoked.get((agency, token_id), ""),
                issued_at=issued.at if issued else None,
                issued_by=issued.by.person_id if issued and issued.by else "",
                issued_by_name=signer(opened, issued.by) if issued else "",
                renewed_at=renewed.at if renewed else None,
                renewed_by_name=signer(opened, renewed.by) if renewed else "",
            )
        )  # fmt: skip
    return TokensAnswer(tokens=tuple(rows))


def grants(
    directory: Directory, opened: OpenField, agency: str, asked: AccessGrants, at: datetime
) -> AccessGrantsAnswer:
    """Those that no leader has seen first, the oldest of them on top; then the newest."""
    found = sorted((told for _, told in directory.of(directory.grants, agency)), key=lambda told: told.asked_at)
    unseen = [told for told in found if not told.seen]
    shown = [*unseen, *reversed([told for told in found if told.seen])][: asked.limit]
    rows = tuple(_row(directory, opened, agency, told, at) for told in shown)
    return AccessGrantsAnswer(grants=rows, open=len(unseen))


def _row(directory: Directory, opened: OpenField, agency: str, told: Told, at: datetime) -> AccessGrantRow:
    grant = told.grant
    named = directory.named.get((agency, grant.person_id or ""))
    position = directory.positions.get((agency, grant.position or ""))
    return AccessGrantRow(
        grant_id=told.grant_id, grant=grant, state=told.state, seen=told.seen, reason=told.reason,
        person_name=str(opened(named.name)) if named else grant.person_id or "",
        position_title=grant.title or (position.title if position else ""),
        ready=told.ready and told.until_at is not None and at <= told.until_at,
        asked_at=told.asked_at, asked_by=told.by.person_id if told.by else "", asked_by_name=signer(opened, told.by),
        until_at=told.until_at, decided_at=told.decided_at,
        decided_by=told.decided_by.person_id if told.decided_by else "",
        decided_by_name=signer(opened, told.decided_by),
    )  # fmt: skip
