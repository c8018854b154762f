"""Whom nothing reaches by a way any more, and who said what of it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import ContactBlock, ContactBlocks, ContactBlocksAnswer, ContactStep
from services.kit.projections import Generation, whole_moment
from services.projections.views.shared.kinds import Row

LOOKING_AFTER = frozenset({"operator", "admin"})
MOST = 5_000


def blocks(connection: Connection, generation: Generation, agency: str, query: ContactBlocks) -> ContactBlocksAnswer:
    if not LOOKING_AFTER & frozenset(query.reader.roles):
        return ContactBlocksAnswer()
    table = generation["contact_steps"]
    newest = sa.select(table).where(table.c.agency == agency).order_by(table.c.at.desc(), table.c.event_id)
    steps: dict[tuple[str, str], list[Row]] = {}
    for row in connection.execute(newest.limit(MOST)).mappings():
        steps.setdefault((row["person_id"], row["channel"]), []).append(row)
    found = [_block(who, rows) for who, rows in steps.items()]
    return ContactBlocksAnswer(contacts=tuple(sorted(found, key=lambda each: not each.blocked)))


def _block(who: tuple[str, str], rows: Sequence[Row]) -> ContactBlock:
    steps = tuple(
        ContactStep(what=row["what"], at=whole_moment(row["at"]), reason=row["reason"], by=row["by_id"]) for row in rows
    )
    return ContactBlock(person_id=who[0], channel=who[1], blocked=steps[0].what == "blocked", steps=steps)
