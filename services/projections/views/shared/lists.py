"""Lists of any kind of case: one page, the live board, counts, and what has changed since a client last looked."""

import base64
import binascii
import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import (
    Board,
    BoardAnswer,
    BoardColumn,
    CaseAccess,
    CaseList,
    Change,
    ChangesSince,
    ChangesSinceAnswer,
    LiveChange,
)
from services.kit.projections import CaseChange, Generation, find_cases, in_text, micros, visible, whole_moment
from services.projections.policy import Column
from services.projections.views.shared.kinds import CaseKind, Row

Place = tuple[int | str, str]


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    cursor: str


def page(connection: Connection, generation: Generation, agency: str, kind: CaseKind, query: CaseList) -> Page:
    """Keyset paging, so that new cases neither repeat nor hide old ones. An unknown cursor begins anew."""
    order = query.order if query.order in kind.orders else next(iter(kind.orders))
    name, newest_first = kind.orders[order]
    stages: tuple[str | None, ...] = tuple(dict.fromkeys(query.stages)) or (None,)
    wanted = [kind.mine(generation, agency, query.reader)]
    finds = kind.finds or holding
    if (holds := finds(connection, generation, agency, kind, query.text.strip())) is not None:
        wanted.append(holds)
    table, case_id = generation[kind.name], kind.cases.id
    column = table.c[name]
    after = _place(query.cursor, order, str if isinstance(column.type, sa.Text) else int)
    if after is not None:
        place, last = sa.tuple_(column, table.c[case_id]), sa.tuple_(*after)
        wanted.append(place < last if newest_first else place > last)
    orders = [column.desc(), table.c[case_id].desc()] if newest_first else [column, table.c[case_id]]
    most = min(query.limit + 1, _known(connection, generation, agency, kind, query))
    asked = sa.select(*kind.columns(generation)).where(*wanted).order_by(*orders).limit(most)
    state = table.c[kind.cases.state]
    pages: list[Sequence[Row]] = []
    if most:  # else years of cases would be read to find none
        pages = [
            connection.execute(asked.where(state == stage) if stage else asked).mappings().all() for stage in stages
        ]
    merged = heapq.merge(*pages, key=lambda row: (row[name], row[case_id]), reverse=newest_first)
    found = [row for _, row in zip(range(query.limit + 1), merged, strict=False)]
    rows, more = found[: query.limit], len(found) > query.limit
    return Page(rows, _cursor(order, rows[-1], name, case_id) if more else "")


def _known(connection: Connection, generation: Generation, agency: str, kind: CaseKind, query: CaseList) -> int:
    """How many cases of a restrictable kind this reader sees at the most, by what is counted: who sees few of many
    would have all of them read for the last one.
    """
    if not kind.cases.restrictable:
        return query.limit + 1
    totals = counts(connection, generation, agency, kind, query.reader)
    return sum(totals.values()) if not query.stages else sum(totals.get(stage, 0) for stage in set(query.stages))


def holding(
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, text: str
) -> sa.ColumnElement[bool] | None:
    """Which cases hold the text: those that the index names, or each as it is read."""
    if not text:
        return None
    table = generation[kind.name]
    cases = find_cases(connection, generation, kind.name, agency, text)
    if cases is not None:
        return table.c[kind.cases.id].in_(cases)
    return sa.and_(*[_has(connection, generation, agency, kind, word) for word in text.split()])


def _has(
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, word: str
) -> sa.ColumnElement[bool]:
    """Looked for in each case as it is read; in its text by the index, which is asked once."""
    table = generation[kind.name]
    found = [table.c[name].icontains(word, autoescape=True) for name in kind.searched]
    within = in_text(connection, generation, kind.name, agency, word)
    return sa.or_(sa.false(), *found, *([] if within is None else [table.c[kind.cases.id].in_(within)]))


def _cursor(order: str, row: Row, name: str, case_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, row[name], row[case_id]]).encode()).decode().rstrip("=")


def _place(cursor: str, order: str, kind: type[int | str]) -> Place | None:
    if not cursor:
        return None
    try:
        of, value, case_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return (value, case_id) if of == order and isinstance(value, kind) and isinstance(case_id, str) else None


def board(  # noqa: PLR0913 - what a board is read from
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, query: Board, now: datetime
) -> BoardAnswer:
    """Read the change number first: a client that goes on from it sees some changes twice, never one not at all."""
    change = f"{generation.number}.{last_change(connection, generation)}"
    totals = counts(connection, generation, agency, kind, query.reader)
    columns = [_column(connection, generation, agency, kind, query, each, now, totals) for each in kind.board]
    return BoardAnswer.model_construct(columns=tuple(columns), change=change)


def _column(  # noqa: PLR0913 - a column of a question, with all that it is asked of
    connection: Connection,
    generation: Generation,
    agency: str,
    kind: CaseKind,
    query: Board,
    column: Column,
    now: datetime,
    totals: Mapping[str, int],
) -> BoardColumn:
    table, case_id = generation[kind.name], kind.cases.id
    mine, state = kind.mine(generation, agency, query.reader), table.c[kind.cases.state]
    count = sum(totals.get(stage, 0) for stage in column.stages) if column.recent is None else 0
    cards: list[Sequence[Row]] = []
    for stage in column.stages:
        here = mine & (state == stage)
        order: list[sa.ColumnElement[Any]] = [table.c.due_order, table.c[case_id]]
        if column.recent is not None:
            here &= table.c.changed_at > micros(now - column.recent)
            order = [table.c.changed_at.desc(), table.c[case_id].desc()]
            count += connection.scalar(sa.select(sa.func.count()).select_from(table).where(here)) or 0
        asked = sa.select(*kind.columns(generation)).where(here).order_by(*order).limit(query.limit)
        cards.append(connection.execute(asked).mappings().all())
    by = "due_order" if column.recent is None else "changed_at"
    merged: Iterable[Row] = (
        heapq.merge(*cards, key=lambda row: (row[by], row[case_id]), reverse=column.recent is not None)
        if len(cards) > 1
        else cards[0]
    )
    shown = [kind.row(row) for _, row in zip(range(query.limit), merged, strict=False)]
    return BoardColumn.model_construct(stages=column.stages, key=column.key, count=count, cards=tuple(shown))


def counts(
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, reader: Reader
) -> dict[str, int]:
    """Cases by stage, as they are kept with every batch by who sees them.

    Counted one by one for who sees of such a kind, in which no row says that, only what he is named in.
    """
    table = generation["counts"]
    asked = sa.select(table.c.state, sa.func.sum(table.c.cases)).where(
        table.c.agency == agency, table.c.view == kind.name
    )
    if kind.cases.restrictable:
        asked = asked.where(visible(table, reader, kind.roles))
    elif not kind.sees_all(reader):
        state = generation[kind.name].c[kind.cases.state]
        asked = sa.select(state, sa.func.count()).where(kind.mine(generation, agency, reader))
    found = connection.execute(asked.group_by(asked.selected_columns[0])).all()
    return {name: int(many) for name, many in found if many}


def changes(
    connection: Connection, generation: Generation, agency: str, kind: CaseKind, query: ChangesSince
) -> ChangesSinceAnswer:
    """``last`` is where to go on from; without ``change`` it is now, and nothing is told."""
    table, last = generation["changes"], last_change(connection, generation)
    now = f"{generation.number}.{last}"
    if not query.change:
        return ChangesSinceAnswer(changes=(), last=now)
    number = _number(query.change, generation)
    oldest = connection.scalar(sa.select(sa.func.min(table.c.number)))
    if number is None or number > last or (oldest is not None and number < oldest - 1):
        return ChangesSinceAnswer(changes=(), last=now, reset=True)
    which = [
        table.c.view == kind.name, table.c.agency == agency, table.c.number > number, table.c.number <= last,
        table.c.state.is_not(None),
    ]  # fmt: skip
    if not kind.sees_all(query.reader):
        cases = generation[kind.name]  # by its key, change by change: as a list all cases would be read
        mine = kind.mine(generation, agency, query.reader) & (cases.c[kind.cases.id] == table.c.case_id)
        which.append(sa.exists().where(mine).correlate(table))
    rows = connection.execute(sa.select(table).where(*which).order_by(table.c.number).limit(query.limit)).all()
    told = tuple(change(generation.number, kind.name, row) for row in rows)
    return ChangesSinceAnswer(
        changes=told, last=f"{generation.number}.{rows[-1].number}" if len(rows) == query.limit else now
    )


def change(generation: int, kind: str, row: Any) -> Change:
    """``row``: a row of the changes, or a `CaseChange`."""
    return Change(
        id=f"{generation}.{row.number}", kind=kind, case_id=UUID(row.case_id), stage=row.state or "", event=row.kind,
        at=whole_moment(row.at),
    )  # fmt: skip


def live_change(generation: int, each: CaseChange) -> LiveChange:
    """As the gateways hear of it: they tell whoever sees the case, and those that saw it that it is gone; of what is
    about another case nobody to whom that one is shut.
    """
    was, access = CaseAccess(**each.was._asdict()), CaseAccess(**each.access._asdict())
    about = None if each.about is None else CaseAccess(**each.about._asdict())
    return LiveChange(**dict(change(generation, each.view, each)), was=was, access=access, about=about)


def last_change(connection: Connection, generation: Generation) -> int:
    return connection.scalar(sa.select(sa.func.max(generation["changes"].c.number))) or 0


def _number(change_id: str, generation: Generation) -> int | None:
    of, _, number = change_id.partition(".")
    return int(number) if of == str(generation.number) and number.isascii() and number.isdigit() else None
