"""What waits for whom among letters, and a courier's stops."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import CourierStops, CourierStopsAnswer
from services.kit.projections import Generation, micros
from services.projections import policy
from services.projections.views.letters.cases import ROLES, seen
from services.projections.views.letters.detail import copies_of
from services.projections.views.letters.rows import LISTED, copy_row
from services.projections.views.shared.kinds import Asked
from services.projections.views.shared.risk import midnight


def tasks(generation: Generation, agency: str, reader: Reader) -> list[Asked]:
    """What waits for him. A courier sees of a letter no more than that he has to bring its copy."""
    letters, copies = generation["letters"], generation["copies"]
    mine = seen(generation, agency, reader)
    listed = [letters.c[each] for each in LISTED]
    every = sa.select(*listed).where(mine).order_by(letters.c.work_order, letters.c.letter_id)
    under_way = letters.c.stage.in_(policy.UNDER_WAY)
    of_copy = (
        sa.select(*listed, copies.c.copy_id.label("part_id"))
        .join(copies, (copies.c.agency == letters.c.agency) & (copies.c.letter_id == letters.c.letter_id))
        .where(letters.c.agency == agency, copies.c.agency == agency, under_way)
        .order_by(letters.c.work_order, copies.c.copy_id)
    )
    own = of_copy.where(copies.c.courier_id == reader.person_id, copies.c.state == "assigned")
    of_copy = of_copy.where(mine)
    asked: list[Asked] = []
    if policy.OPERATOR in reader.roles:
        asked += [Asked(action, every.where(letters.c.stage == stage), stage) for stage, action in policy.DESK.items()]
        unsent = copies.c.route.in_(policy.SENT_BY_DESK) & (copies.c.state == "planned")
        asked.append(Asked("transmit", of_copy.where(letters.c.copies_unsent > 0, unsent)))
    for position, registrar in reader.stand_ins:
        passed = (letters.c.round_position == position) & (letters.c.round_registrar == registrar)
        asked.append(Asked("initial", every.where(letters.c.stage == "forwarded", passed)))
    if reader.positions:
        turn = (
            (letters.c.stage == "forwarded")
            & letters.c.round_position.in_(reader.positions)
            & (letters.c.round_registrar != reader.person_id)
        )
        his = letters.c.assigner.in_(reader.positions)
        asked += [
            Asked("initial", every.where(turn)),
            Asked("retry", of_copy.where(his, letters.c.copies_failed > 0, copies.c.state == "failed")),
        ]
        # One stage at a time: only so does the index on (stage, due) serve.
        open_copies = his & (letters.c.copies_unassigned > 0)
        asked += [Asked("assign", every.where(letters.c.stage == stage, open_copies)) for stage in policy.UNDER_WAY]
    return [*asked, Asked("deliver", own)]


def stops(  # noqa: PLR0913 - what a day of a courier is read from
    connection: Connection, generation: Generation, agency: str, query: CourierStops, now: datetime, zone: str
) -> CourierStopsAnswer:
    """What he still has to deliver or bring back, most urgent and then most overdue first; after them what he brought
    today (agency's day).

    A courier sees his own; who sees letters sees those of all.
    """
    if query.courier_id != query.reader.person_id and not ROLES & frozenset(query.reader.roles):
        return CourierStopsAnswer(stops=())
    copies = generation["copies"]
    begin = micros(midnight(connection, generation, agency, now, zone))
    his = copies.c.courier_id == query.courier_id
    todo = copies_of(connection, generation, agency, his & copies.c.state.in_(("assigned", "held")))
    done = copies_of(
        connection, generation, agency, his & (copies.c.state == "delivered") & (copies.c.happened_at >= begin)
    )
    todo.sort(key=lambda row: (policy.urgency_rank(row["urgency"]), row["due_at"] or 0, row["copy_id"]))
    done.sort(key=lambda row: (row["happened_at"], row["copy_id"]))
    shown = [copy_row(row) for row in todo if not row["stopped"]] + [copy_row(row) for row in done]
    return CourierStopsAnswer(stops=tuple(shown))
