"""Lists of letters: the register, the live board, and what has changed since a client last looked."""

import base64
import binascii
import heapq
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import (
    Board,
    BoardAnswer,
    BoardColumn,
    Change,
    ChangesSince,
    ChangesSinceAnswer,
    LetterList,
    LetterListAnswer,
)
from services.kit.codec import Checkpoint
from services.kit.projections import Generation, checkpoints, find_cases, micros, whole_moment
from services.projections import policy
from services.projections.views.letters import tables
from services.projections.views.letters.rows import LISTED, Row, letter_row

# order → (column, newest first)
ORDERS = {"changed": ("changed_at", True), "due": ("due_order", False), "received": ("received_at", True)}
Place = tuple[int, str]


def letters(connection: Connection, generation: Generation, agency: str, query: LetterList) -> LetterListAnswer:
    """One page; keyset paging, so that new letters neither repeat nor hide old ones. An unknown cursor begins anew."""
    order = query.order if query.order in ORDERS else "changed"
    name, newest_first = ORDERS[order]
    after = _place(query.cursor, order)
    stages: tuple[str | None, ...] = tuple(dict.fromkeys(query.stages)) or (None,)
    holds = _holds(connection, generation, agency, query.text.strip())
    pages = [
        connection.execute(_page(generation, agency, stage, query, after, holds)).mappings().all() for stage in stages
    ]
    merged = heapq.merge(*pages, key=lambda row: (row[name], row["letter_id"]), reverse=newest_first)
    found = [row for _, row in zip(range(query.limit + 1), merged, strict=False)]
    page = found[: query.limit]
    more = len(found) > query.limit
    return LetterListAnswer.model_construct(
        letters=tuple(letter_row(row) for row in page),
        cursor=_cursor(order, page[-1], name) if more else "",
        counts=counts(connection, generation, agency),
        asof=asof(checkpoints(connection, generation)),
    )


def _holds(connection: Connection, generation: Generation, agency: str, text: str) -> sa.ColumnElement[bool] | None:
    """Which letters hold the text: those that the index names, or each as it is read."""
    if not text:
        return None
    table = generation["letters"]
    cases = find_cases(connection, generation, "letters", agency, text)
    if cases is not None:
        return table.c.letter_id.in_(cases)
    return sa.or_(*[table.c[each].icontains(text, autoescape=True) for each in tables.LETTERS.searched])


def _page(  # noqa: PLR0913 - a page of a question, with all that it is asked of
    generation: Generation,
    agency: str,
    stage: str | None,
    query: LetterList,
    after: Place | None,
    holds: sa.ColumnElement[bool] | None,
) -> sa.Select[Any]:
    table = generation["letters"]
    name, newest_first = ORDERS.get(query.order, ORDERS["changed"])
    column = table.c[name]
    wanted = [table.c.agency == agency, table.c.stage == stage if stage else table.c.stage.is_not(None)]
    if after is not None:
        place, last = sa.tuple_(column, table.c.letter_id), sa.tuple_(*after)
        wanted.append(place < last if newest_first else place > last)
    if holds is not None:
        wanted.append(holds)
    orders = [column.desc(), table.c.letter_id.desc()] if newest_first else [column, table.c.letter_id]
    return sa.select(*[table.c[each] for each in LISTED]).where(*wanted).order_by(*orders).limit(query.limit + 1)


def _cursor(order: str, row: Row, name: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, row[name], row["letter_id"]]).encode()).decode().rstrip("=")


def _place(cursor: str, order: str) -> Place | None:
    if not cursor:
        return None
    try:
        of, value, letter_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return (value, letter_id) if of == order and isinstance(value, int) and isinstance(letter_id, str) else None


def board(connection: Connection, generation: Generation, agency: str, query: Board, now: datetime) -> BoardAnswer:
    """Read the change number first: a client that goes on from it sees some changes twice, never one not at all."""
    change = f"{generation.number}.{_last(connection, generation)}"
    totals = counts(connection, generation, agency)
    columns = [_column(connection, generation, agency, query, each, now, totals) for each in policy.BOARD]
    return BoardAnswer.model_construct(columns=tuple(columns), change=change)


def _column(  # noqa: PLR0913 - a column of a question, with all that it is asked of
    connection: Connection,
    generation: Generation,
    agency: str,
    query: Board,
    column: policy.Column,
    now: datetime,
    totals: dict[str, int],
) -> BoardColumn:
    table = generation["letters"]
    count = sum(totals.get(stage, 0) for stage in column.stages)
    cards: list[Sequence[Row]] = []
    for stage in column.stages:
        mine = [table.c.agency == agency, table.c.stage == stage]
        order: list[sa.ColumnElement[Any]] = [table.c.due_order, table.c.letter_id]
        if column.recent is not None:
            mine.append(table.c.changed_at > micros(now - column.recent))
            order = [table.c.changed_at.desc(), table.c.letter_id.desc()]
            count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(*mine)) or 0
        asked = sa.select(*[table.c[each] for each in LISTED]).where(*mine).order_by(*order).limit(query.limit)
        cards.append(connection.execute(asked).mappings().all())
    if column.recent is None and len(cards) > 1:
        merged: Iterable[Row] = heapq.merge(*cards, key=lambda row: (row["due_order"], row["letter_id"]))
    else:
        merged = cards[0]
    shown = [letter_row(row) for _, row in zip(range(query.limit), merged, strict=False)]
    return BoardColumn.model_construct(stages=column.stages, key=column.key, count=count, cards=tuple(shown))


def changes(connection: Connection, generation: Generation, agency: str, query: ChangesSince) -> ChangesSinceAnswer:
    """``last`` is where to go on from; without ``change`` it is now, and nothing is told."""
    table, last = generation["changes"], _last(connection, generation)
    now = f"{generation.number}.{last}"
    if not query.change:
        return ChangesSinceAnswer(changes=(), last=now)
    number = _number(query.change, generation)
    oldest = connection.scalar(sa.select(sa.func.min(table.c.number)))
    if number is None or number > last or (oldest is not None and number < oldest - 1):
        return ChangesSinceAnswer(changes=(), last=now, reset=True)
    mine = (table.c.agency == agency) & (table.c.number > number) & (table.c.number <= last)
    rows = connection.execute(sa.select(table).where(mine).order_by(table.c.number).limit(query.limit)).all()
    told = tuple(
        change(generation.number, row.number, row.case_id, row.state, row.kind, row.at) for row in rows if row.state
    )
    return ChangesSinceAnswer(
        changes=told, last=f"{generation.number}.{rows[-1].number}" if len(rows) == query.limit else now
    )


def change(generation: int, number: int, case_id: str, state: str, kind: str, at: int) -> Change:  # noqa: PLR0913 - a change is made of these
    return Change(id=f"{generation}.{number}", letter_id=UUID(case_id), stage=state, kind=kind, at=whole_moment(at))


def counts(connection: Connection, generation: Generation, agency: str) -> dict[str, int]:
    """Letters by stage, kept with every batch."""
    table = generation["counts"]
    found = connection.execute(sa.select(table.c.state, table.c.cases).where(table.c.agency == agency)).all()
    return {state: cases for state, cases in found if cases}


def asof(found: dict[str, Checkpoint]) -> str:
    """Where every source stands, as `Accepted.after` spells it."""
    return " ".join(str(each) for _, each in sorted(found.items()))


def _last(connection: Connection, generation: Generation) -> int:
    return connection.scalar(sa.select(sa.func.max(generation["changes"].c.number))) or 0


def _number(change_id: str, generation: Generation) -> int | None:
    of, _, number = change_id.partition(".")
    return int(number) if of == str(generation.number) and number.isascii() and number.isdigit() else None
