"""What makes a kind of case, as lists, board, tasks, limits, history, live changes need it. A new kind is a value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Reader
from contracts.projections import CaseRow, RiskRow
from services.kit.projections import Cases, Generation, sees_all, visible
from services.projections.policy import Column


class Row(Protocol):
    """A row by its column names."""

    def __getitem__(self, key: str, /) -> Any: ...


def mine(
    cases: Cases, roles: frozenset[str], generation: Generation, agency: str, reader: Reader
) -> sa.ColumnElement[bool]:
    """The whole cases of an agency that this reader may see: every select begins with it."""
    table = generation[cases.view]
    whole = (table.c.agency == agency) & table.c[cases.state].is_not(None)
    if sees_all(reader, roles, restrictable=cases.restrictable):
        return whole
    return whole & visible(table, reader, roles)


@dataclass(frozen=True, slots=True)
class Asked:
    """Cases that wait for one action: ``select`` gives rows of the kind (and ``part_id``, where it is about a part).

    ``stage``: where every case of that stage is asked for, whose number is kept already.
    """

    action: str
    select: sa.Select[Any]
    stage: str | None = None


Tasks = Callable[[Generation, str, Reader], Sequence[Asked]]
"""``(generation, agency, reader) -> what waits for him``, without the question whether he may see it."""

Risks = Callable[[Connection, Generation, str, Sequence[Row], datetime], Sequence[RiskRow]]
"""``(connection, generation, agency, rows with a limit, now) -> what is said of each``, in that order."""

Finds = Callable[[Connection, Generation, str, "CaseKind", str], sa.ColumnElement[bool] | None]
"""``(connection, generation, agency, kind, text) -> which cases hold it``; None: no text, so all do."""


@dataclass(frozen=True, slots=True, eq=False)
class CaseKind:
    """``roles``: who sees its ordinary cases. ``listed``: the columns of a row, of which ``row`` makes the shape.

    ``orders``: name → (column, newest first). ``searched``: columns read through where the index does not serve.
    ``services``: whose facts come first where moments are equal. ``limit``: the column of the first limit that still
    runs; ``risky``: the columns that ``risks`` needs besides. ``work_order``: the column by which tasks stand.
    ``beside``: columns of a row that stand in other tables. ``dated(row)``: the zone in which the moments of its
    history are told as days; None: as they are. ``finds``: which of its cases hold a text, where the index of their own
    columns does not say it. ``shut``: which of its cases are about another one that this reader may not see.
    """

    cases: Cases
    roles: frozenset[str]
    listed: tuple[str, ...]
    row: Callable[[Row], CaseRow]
    orders: Mapping[str, tuple[str, bool]]
    searched: tuple[str, ...]
    board: tuple[Column, ...]
    services: tuple[str, ...]
    tasks: Tasks
    limit: str | None = None
    risky: tuple[str, ...] = ()
    risks: Risks | None = None
    dated: Callable[[Row], ZoneInfo | None] | None = None
    beside: Callable[[Generation], Sequence[sa.ColumnElement[Any]]] | None = None
    work_order: str = "due_order"
    finds: Finds | None = None
    shut: Callable[[Generation, str, Reader], sa.ColumnElement[bool]] | None = None

    @property
    def name(self) -> str:
        return self.cases.view

    def mine(self, generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
        found = mine(self.cases, self.roles, generation, agency, reader)
        return found if self.shut is None else found & ~self.shut(generation, agency, reader)

    def sees_all(self, reader: Reader) -> bool:
        return sees_all(reader, self.roles, restrictable=self.cases.restrictable)

    def columns(self, generation: Generation) -> list[sa.ColumnElement[Any]]:
        """Of a row: what ``row`` is made of."""
        table: sa.Table = generation[self.name]
        beside = self.beside(generation) if self.beside else ()
        return [*[table.c[each] for each in self.listed], *beside]
