"""Views: what they are made of, what events do to them, and many such changes folded into few statements.

A handler is a pure function ``Recorded -> operations``. A `Put` names only the columns that its event decides, so that
a row may be written by several services in any order; a value may be a `Sealed` field, which is opened on the way.
Every column is text or a whole number (moments are microseconds since 1970, UTC), so that both databases hold the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import BaseModel

from contracts.base import Event, Recorded, Sealed
from services.kit.access import COLUMNS

TEXT = sa.Text()
WHOLE = sa.BigInteger()
Column = sa.Text | sa.BigInteger
Plain = str | int | None
Value = Plain | Sealed
Unseal = Callable[[Sealed], str]
Key = tuple[str | int, ...]
CaseKey = tuple[str, str, str]
"""(view of its kind, agency, id)."""

KIT = 3  # what the kit keeps beside the views: raised when the shape of that changes
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=4096)  # an event's moment goes into several rows
def micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970, UTC."""
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def whole_moment(value: int) -> datetime:
    """A row outside what a datetime can say shows the nearest that it can: one odd row must not fail a list."""
    try:
        return _BEGIN + value * _MICROSECOND
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if value > 0 else datetime.min.replace(tzinfo=UTC)


def moment(value: int | None) -> datetime | None:
    return None if value is None else whole_moment(value)


def packed(value: Any) -> str:
    """A nested value as text, the same bytes for the same value."""
    return orjson.dumps(value, default=_shape, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def _shape(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump() if isinstance(value, Sealed) else value.__dict__  # its fields, as they are named
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class Computed:
    """A column that the database itself keeps true: an expression over the row's other (written) columns."""

    kind: Column
    of: Callable[[sa.Table], sa.ColumnElement[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One table. ``agency`` leads the key. A `Wipe` names the first ``part`` columns of the key.

    ``sealed`` columns take `Sealed` values; each has a companion ``<column>_of`` that holds the id of the person's key
    that opens it (NULL for the agency's own), so that an erasure finds it. ``searched`` columns are found by any three
    letters of theirs, ``texts`` by how their words begin (`search`, `search_texts`).
    """

    name: str
    key: Mapping[str, Column]
    columns: Mapping[str, Column]
    sealed: frozenset[str] = frozenset()
    indexes: tuple[tuple[str, ...], ...] = ()
    part: int = 2
    searched: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    computed: Mapping[str, Computed] = field(default_factory=dict)

    def written(self) -> dict[str, Column]:
        """All columns but the computed ones."""
        return {**self.key, **self.columns, **{companion(name): TEXT for name in sorted(self.sealed)}}

    def table(self, name: str, metadata: sa.MetaData) -> sa.Table:
        """The table under this name."""
        bare = sa.Table(name, sa.MetaData(), *self._columns())
        computed = [
            sa.Column(each, told.kind, sa.Computed(told.of(bare), persisted=True))
            for each, told in self.computed.items()
        ]
        return sa.Table(name, metadata, *self._columns(), *computed)

    def _columns(self) -> list[sa.Column[Any]]:
        return [
            sa.Column(name, kind, primary_key=name in self.key, autoincrement=False)
            for name, kind in self.written().items()
        ]


@cache
def companion(column: str) -> str:
    return f"{column}_of"


@dataclass(slots=True)  # not frozen: making one would take four times as long, and every event makes several
class Put:
    """Writes these columns of one row, which is made if it is missing; the others stay."""

    table: str
    key: Mapping[str, str | int]
    columns: Mapping[str, Value]


@dataclass(slots=True)  # not frozen: making one would take four times as long, and every event makes several
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
    """Columns of a case computed from rows of other tables, for the cases that a batch has touched (or all).

    ``reads``: run only when the batch has written one of these tables. ``update(tables, mine)`` gives the statement.
    """

    update: Callable[[Tables, Mine], sa.Update]
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class About:
    """The case of another kind that a row is about, and with which alone it is seen: the row of ``view`` whose ``key``
    is the row's column ``by``, where the row's column ``column`` holds ``value``.
    """

    view: str
    key: str
    by: str
    column: str
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A kind of case: which view has a row for each, how it is keyed (``agency`` and ``id``), what is summed up in it.

    ``id`` is also the field by which events name their case (`Event.case`). ``streams``: service → the kind of stream
    that a case has there (``case`` of ``case:<id>``). Whatever fact stands in one of them, the kit itself writes the
    stream's version and the fact's moment into the case's row (`case_columns`), so that no handler can forget it.
    ``restrictable``: its rows say who sees them (`services.kit.projections.access`). ``by_rows``: it has no facts of
    its own; whatever fact writes into its row has touched it. ``about``: where a live change of it is told only to whom
    another case lets in, too.
    """

    view: str
    id: str
    state: str
    streams: Mapping[str, str] = field(default_factory=dict)
    passes: tuple[Pass, ...] = ()
    restrictable: bool = False
    by_rows: bool = False
    about: About | None = None


def case_columns(services: Iterable[str]) -> dict[str, Column]:
    """The columns of a case's row that the kit writes: of its stream in each service, the version and last moment."""
    return {f"{service}_{what}": WHOLE for service in services for what in ("version", "at")}


@dataclass(frozen=True, slots=True, eq=False)
class ViewSet:
    """All views of a service, swapped together. ``version`` counts changes of handlers that need a rebuild."""

    views: tuple[View, ...]
    handlers: Handlers
    cases: tuple[Cases, ...]
    version: int = 1
    by_name: Mapping[str, View] = field(init=False)
    by_case: Mapping[str, Cases] = field(init=False)
    by_rows: Mapping[str, Cases] = field(init=False)

    def __post_init__(self) -> None:
        """Refuses a view that is not led by the agency, two views of one name, a case without the kit's columns."""
        if any(next(iter(view.key)) != "agency" for view in self.views):
            raise ValueError("agency leads every key")
        named = {view.name: view for view in self.views}
        if len(named) != len(self.views):
            raise ValueError("two views of one name")
        for kind in self.cases:
            wanted = {*case_columns(kind.streams), *(COLUMNS if kind.restrictable else ())}
            if missing := wanted - set(named[kind.view].columns):
                raise ValueError(f"{kind.view} has no columns {', '.join(sorted(missing))}")
        object.__setattr__(self, "by_name", named)
        object.__setattr__(self, "by_case", {kind.id: kind for kind in self.cases})
        object.__setattr__(self, "by_rows", {kind.view: kind for kind in self.cases if kind.by_rows})

    def shape(self) -> str:
        """What the tables look like; another shape needs a rebuild."""
        views = [
            [
                view.name,
                *(f"{name} {kind}" for name, kind in view.written().items()),
                *_computed(view),
                [list(i) for i in view.indexes],
                *([list(view.searched)] if view.searched else []),
                *([list(view.texts)] if view.texts else []),
            ]
            for view in self.views
        ]
        return packed([KIT, self.version, views])


def _computed(view: View) -> list[str]:
    bare = view.table(view.name, sa.MetaData())
    texts = ((name, told.kind, told.of(bare)) for name, told in view.computed.items())
    return [f"{name} {kind} {text.compile(compile_kwargs={'literal_binds': True})}" for name, kind, text in texts]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What folding needs of a view: its key, how much of it a wipe names, its sealed columns with their companions."""

    key: tuple[str, ...]
    part: int
    sealed: tuple[tuple[str, str], ...]


@cache
def _plan_of(key: tuple[str, ...], part: int, sealed: frozenset[str]) -> _Plan:
    return _Plan(key, part, tuple((name, companion(name)) for name in sorted(sealed)))


def _plan(view: View) -> _Plan:
    return _plan_of(tuple(view.key), view.part, view.sealed)


class ViewBatch:
    """Operations folded: one entry per row, later columns over earlier ones; a wipe forgets what came before it."""

    def __init__(self, views: ViewSet, unseal: Unseal) -> None:
        self._views = views
        self._unseal = unseal
        self._plans = {view.name: _plan(view) for view in views.views}
        self._rows: dict[str, dict[Key, dict[Key, dict[str, Plain]]]] = {view.name: {} for view in views.views}
        self.wipes: dict[str, dict[Key, None]] = {view.name: {} for view in views.views}
        self.erasures: list[Erase] = []
        self.touched: dict[CaseKey, tuple[str, int]] = {}
        self.keys: dict[str, tuple[str, str]] = {}

    def add(self, recorded: Recorded) -> None:
        """All that this event does, or nothing if a handler or a seal fails."""
        handlers = self._views.handlers.get(type(recorded.event), ())
        agency = recorded.agency
        found: list[tuple[Operation, dict[str, Plain]]] = [
            (operation, self._opened(operation, agency) if type(operation) is Put else {})
            for handler in handlers
            for operation in handler(recorded)
        ]
        for operation, columns in found:
            if type(operation) is Erase:
                self.erasures.append(operation)
                continue
            if type(operation) is Put:
                self._put(operation, columns)
                if (kind := self._views.by_rows.get(operation.table)) is not None:
                    case = (kind.view, recorded.agency, str(operation.key[kind.id]))
                    self.touched[case] = (recorded.kind, micros(recorded.at) or 0)
            elif type(operation) is Wipe:
                self._wipe(operation)
        self.touch(recorded)

    def touch(self, recorded: Recorded) -> None:
        """The version of the case's stream and the moment of its last fact: also of a fact that no handler tells of."""
        kind = self._views.by_case.get(recorded.event.case)
        if kind is None or (case := recorded.case) is None:
            return
        at = micros(recorded.at) or 0
        service = recorded.service
        stream = kind.streams.get(service)
        if stream is not None and recorded.stream == f"{stream}:{case}":
            key = {"agency": recorded.agency, kind.id: case}
            self._put(Put(kind.view, key, {f"{service}_version": recorded.version, f"{service}_at": at}), None)
        self.touched[kind.view, recorded.agency, case] = (recorded.kind, at)

    def _opened(self, put: Put, agency: str) -> dict[str, Plain]:
        columns: dict[str, Any] = dict(put.columns)
        for name, of in self._plans[put.table].sealed:
            if name not in columns:
                continue
            value = columns[name]
            if type(value) is not Sealed:
                columns[of] = None
                continue
            columns[name] = self._unseal(value).replace("\x00", "\ufffd")
            if value.seal_class == "archive" or not value.key_id:
                columns[of] = None
            else:
                columns[of] = value.key_id
                self.keys[value.key_id] = (agency, value.subject_id)
        return columns

    def _put(self, put: Put, columns: dict[str, Plain] | None) -> None:
        columns = dict(put.columns) if columns is None else columns  # type: ignore[arg-type]  # nothing of it is sealed
        plan, named, rows = self._plans[put.table], put.key, self._rows[put.table]
        key = tuple([named[name] for name in plan.key])
        part = rows.get(key[: plan.part])
        if part is None:
            rows[key[: plan.part]] = {key: columns}
        elif (known := part.get(key)) is None:
            part[key] = columns
        else:
            known.update(columns)

    def _wipe(self, wipe: Wipe) -> None:
        plan = self._plans[wipe.table]
        part = tuple([wipe.key[name] for name in plan.key[: plan.part]])
        self._rows[wipe.table].pop(part, None)
        self.wipes[wipe.table][part] = None

    def tables(self) -> frozenset[str]:
        """The views that this batch writes."""
        return frozenset(name for name in self._rows if self._rows[name] or self.wipes[name])

    def writing(self, view: View, names: Sequence[str]) -> list[tuple[str, str]]:
        """The cases (agency, id) of which this batch writes one of these columns."""
        return [
            (str(key[0]), str(key[1]))
            for part in self._rows[view.name].values()
            for key, columns in part.items()
            if any(name in columns for name in names)
        ]

    def rows(self, view: View) -> Iterator[tuple[tuple[str, ...], list[tuple[Plain, ...]]]]:
        """The rows to write, grouped by their set of columns: (all columns, rows in that order)."""
        groups: dict[frozenset[str], tuple[tuple[str, ...], list[tuple[Plain, ...]]]] = {}
        for part in self._rows[view.name].values():
            for key, columns in part.items():
                names = frozenset(columns)
                group = groups.get(names)
                if group is None:
                    group = groups[names] = (tuple(columns), [])
                group[1].append((*key, *map(columns.__getitem__, group[0])))
        for order, rows in groups.values():
            yield (*view.key, *order), rows
