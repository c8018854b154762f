"""Views: what they are made of, what events do to them, and many such changes folded into few statements.

A handler is a pure function ``Recorded -> operations``. A `Put` names only the columns that its event decides, so that
a row may be written by several services in any order; a value may be a `Sealed` field, which is opened on the way.
Every column is text or a whole number (moments are microseconds since 1970, UTC), so that both databases hold the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import BaseModel

from contracts.base import Event, Recorded, Sealed

TEXT = sa.Text()
WHOLE = sa.BigInteger()
Column = sa.Text | sa.BigInteger
Plain = str | int | None
Value = Plain | Sealed
Unseal = Callable[[Sealed], str]
Key = tuple[str | int, ...]

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970, UTC."""
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def whole_moment(value: int) -> datetime:
    return _BEGIN + value * _MICROSECOND


def moment(value: int | None) -> datetime | None:
    return None if value is None else whole_moment(value)


def packed(value: Any) -> str:
    """A nested value as text, the same bytes for the same value."""
    return orjson.dumps(value, default=_shape, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def _shape(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class View:
    """One table. ``agency`` leads the key. A `Wipe` names the first ``part`` columns of the key.

    ``sealed`` columns take `Sealed` values; each has a companion ``<column>_of`` that holds the id of the person's key
    that opens it (NULL for the agency's own), so that an erasure finds it.
    """

    name: str
    key: Mapping[str, Column]
    columns: Mapping[str, Column]
    sealed: frozenset[str] = frozenset()
    indexes: tuple[tuple[str, ...], ...] = ()
    part: int = 2

    def all_columns(self) -> dict[str, Column]:
        return {**self.key, **self.columns, **{companion(name): TEXT for name in sorted(self.sealed)}}


@cache
def companion(column: str) -> str:
    return f"{column}_of"


@dataclass(frozen=True, slots=True)
class Put:
    """Writes these columns of one row, which is made if it is missing; the others stay."""

    table: str
    key: Mapping[str, str | int]
    columns: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Wipe:
    """Removes the rows whose key begins with these values. Only for tables that one service writes."""

    table: str
    key: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Erase:
    """A subject's keys are gone, those of ``key_ids`` for certain: everything that they opened reads as erased."""

    agency: str
    subject_id: str
    key_ids: tuple[str, ...] = ()


Operation = Put | Wipe | Erase
Handler = Callable[[Recorded], Iterable[Operation]]
Handlers = Mapping[type[Event], tuple[Handler, ...]]
Tables = Mapping[str, sa.Table]


Mine = Callable[[sa.Table], sa.ColumnElement[bool]]
"""Which rows of a table belong to the cases in question; the table has ``agency`` and the case's id."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Columns computed from columns of several services, for the cases that a batch has touched (or all).

    ``reads``: run only when the batch has written one of these tables (empty: always). ``update(tables, dialect,
    mine)`` gives the statement.
    """

    update: Callable[[Tables, str, Mine], sa.Update]
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cases:
    """Which view has a row per case, how it is keyed (``agency`` and ``id``), and what is computed in it."""

    view: str
    id: str
    state: str
    passes: tuple[Pass, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ViewSet:
    """All views of a service, swapped together. ``version`` counts changes of handlers that need a rebuild."""

    views: tuple[View, ...]
    handlers: Handlers
    cases: Cases
    version: int = 1
    by_name: Mapping[str, View] = field(init=False)

    def __post_init__(self) -> None:
        """Refuses a view that is not led by the agency, and two views of one name."""
        if any(next(iter(view.key)) != "agency" for view in self.views):
            raise ValueError("agency leads every key")
        named = {view.name: view for view in self.views}
        if len(named) != len(self.views):
            raise ValueError("two views of one name")
        object.__setattr__(self, "by_name", named)

    def shape(self) -> str:
        """What the tables look like; another shape needs a rebuild."""
        views = [
            [
                view.name,
                *(f"{name} {kind}" for name, kind in view.all_columns().items()),
                [list(i) for i in view.indexes],
            ]
            for view in self.views
        ]
        return packed([self.version, views])


class Batch:
    """Operations folded: one entry per row, later columns over earlier ones; a wipe forgets what came before it."""

    def __init__(self, views: ViewSet, unseal: Unseal) -> None:
        self._views = views
        self._unseal = unseal
        self._rows: dict[str, dict[Key, dict[Key, dict[str, Plain]]]] = {view.name: {} for view in views.views}
        self.wipes: dict[str, dict[Key, None]] = {view.name: {} for view in views.views}
        self.erasures: list[Erase] = []
        self.touched: dict[tuple[str, str], tuple[str, int]] = {}
        self.keys: dict[str, tuple[str, str]] = {}

    def add(self, recorded: Recorded) -> None:
        """All that this event does, or nothing if a handler or a seal fails."""
        handlers = self._views.handlers.get(type(recorded.event), ())
        operations = [operation for handler in handlers for operation in handler(recorded)]
        opened = [self._opened(put, recorded.agency) for put in operations if isinstance(put, Put)]
        values = iter(opened)
        for operation in operations:
            if isinstance(operation, Erase):
                self.erasures.append(operation)
                continue
            if isinstance(operation, Put):
                self._put(operation, next(values))
            else:
                self._wipe(operation)
            case = operation.key.get(self._views.cases.id)
            if case is not None:
                self.touched[recorded.agency, str(case)] = (recorded.kind, micros(recorded.at) or 0)

    def _opened(self, put: Put, agency: str) -> dict[str, Plain]:
        sealed = self._views.by_name[put.table].sealed
        columns: dict[str, Any] = dict(put.columns)
        for name in sealed & columns.keys():
            value = columns[name]
            if isinstance(value, Sealed):
                columns[name] = self._unseal(value).replace("\x00", "\ufffd")
                of_person = value.seal_class != "archive"
                columns[companion(name)] = value.key_id if of_person else None
                if of_person:
                    self.keys[value.key_id] = (agency, value.subject_id)
            else:
                columns[companion(name)] = None
        return columns

    def _put(self, put: Put, columns: dict[str, Plain]) -> None:
        view = self._views.by_name[put.table]
        key = tuple([put.key[name] for name in view.key])
        part = self._rows[put.table].setdefault(key[: view.part], {})
        known = part.get(key)
        if known is None:
            part[key] = columns
        else:
            known.update(columns)

    def _wipe(self, wipe: Wipe) -> None:
        view = self._views.by_name[wipe.table]
        part = tuple([wipe.key[name] for name in list(view.key)[: view.part]])
        self._rows[wipe.table].pop(part, None)
        self.wipes[wipe.table][part] = None

    def tables(self) -> frozenset[str]:
        """The views that this batch writes."""
        return frozenset(name for name in self._rows if self._rows[name] or self.wipes[name])

    def rows(self, view: View) -> Iterator[tuple[tuple[str, ...], list[tuple[Plain, ...]]]]:
        """The rows to write, grouped by their set of columns: (all columns, rows in that order)."""
        groups: dict[frozenset[str], tuple[tuple[str, ...], list[tuple[Plain, ...]]]] = {}
        for part in self._rows[view.name].values():
            for key, columns in part.items():
                names = frozenset(columns)
                group = groups.get(names)
                if group is None:
                    group = groups[names] = (tuple(columns), [])
                group[1].append((*key, *[columns[name] for name in group[0]]))
        for order, rows in groups.values():
            yield (*view.key, *order), rows
