"""One batch into one generation, in one transaction: the rows, what is summed up from them, the counts and the changes.

Statements are set-based: no read per row. A batch is told at once and looked at once (`Statements`): on PostgreSQL it
costs two round trips, one for what is written and asked, one for the counts, the changes and the commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from contracts.base import ERASED
from services.kit.access import COLUMNS, ORDINARY, UNSEEN, Access
from services.kit.database.statements import Statements, among
from services.kit.projections import search
from services.kit.projections.generations import Generation
from services.kit.projections.views import (
    CaseKey,
    Cases,
    Column,
    Erase,
    Pass,
    View,
    ViewBatch,
    ViewSet,
    companion,
    packed,
)

KEPT_CHANGES = 20_000
PRUNE_EVERY = 1_000
ANALYZED_AT = (100, 1_000, 10_000)
States = dict[CaseKey, "CaseState"]
_CHANGES = {
    "number": "bigint", "view": "text", "agency": "text", "case_id": "text", "state": "text", "kind": "text",
    "at": "bigint",
}  # fmt: skip
_COUNTS = {
    "agency": "text", "view": "text", "state": "text", "access": "text", **dict.fromkeys(COLUMNS, "text"),
    "cases": "bigint",
}  # fmt: skip
Counted = tuple[str, str, str, Access]
"""Cases of an agency, of a kind, in a state, that the same people see."""
_SEALS = {"key_id": "text", "agency": "text", "subject_id": "text", "gone": "bigint"}


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case's state and who sees it, as its row says."""

    state: str | None
    access: Access = ORDINARY
    about: Access | None = None


ABSENT = CaseState(None)


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case has changed: ``number`` counts within the generation; ``state`` is None while the case is not whole.

    ``was``, ``access``: who saw it before (nobody, where it is new), and who sees it now. ``about``: who sees the case
    that it is about; None: it is about none that restricts it.
    """

    number: int
    view: str
    agency: str
    case_id: str
    state: str | None
    kind: str
    at: int
    was: Access = ORDINARY
    access: Access = ORDINARY
    about: Access | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes batches to one generation over one open transaction."""

    connection: Connection
    said: Statements
    views: ViewSet
    generation: Generation

    def write(self, batch: ViewBatch) -> list[CaseChange]:
        """A live batch: rows, sums, counts, changes."""
        return self.begin(batch)()

    def begin(self, batch: ViewBatch) -> Callable[[], list[CaseChange]]:
        """Tells all that can be told unseen; called, it looks at the answers and tells the rest."""
        cases = list(batch.touched)
        before = self._ask_states(cases)
        self.rows(batch)
        for view in self.views.views:
            found, read = batch.writing(view, view.searched), batch.writing(view, view.texts)
            if found or read:
                search.fill(self.said, self.generation, view, found, read)
        self.sum_up(batch.tables(), cases)
        after = self._ask_states(cases)
        last = self.said.ask(f"SELECT max(number) FROM {self.generation['changes'].name}")  # noqa: S608 - names are our own

        def end() -> list[CaseChange]:
            was, now = before(), after()
            self._count(was, now)
            return self._changes(batch, was, now, last()[0][0] or 0)

        return end

    def rows(self, batch: ViewBatch) -> None:
        """The rows alone."""
        for view in self.views.views:
            table = self.generation.views[view.name].name
            self._wipe(view, table, list(batch.wipes[view.name]))
            for columns, rows in batch.rows(view):
                kinds, again = _upserting(view, columns)
                self.said.insert(table, kinds, rows, again)
        seals = [(key_id, agency, subject, 0) for key_id, (agency, subject) in batch.keys.items()]
        self.said.insert(self.generation["seals"].name, _SEALS, seals, "ON CONFLICT (key_id) DO NOTHING")

    def keys_of(self, erasures: Iterable[Erase]) -> list[str]:
        """The keys of these subjects that have opened something in this generation."""
        seals = self.generation["seals"]
        found: list[str] = []
        for erase in erasures:
            mine = (seals.c.agency == erase.agency) & (seals.c.subject_id == erase.subject_id) & (seals.c.gone == 0)
            found += self.connection.scalars(sa.select(seals.c.key_id).where(mine))
        return found

    def erase(self, gone: Iterable[str]) -> None:
        """Everything that these keys opened reads as erased."""
        seals = self.generation["seals"]
        for key_id in gone:
            row = self.connection.execute(sa.select(seals.c.agency).where(seals.c.key_id == key_id)).one()
            for view in self.views.views:
                table = self.generation.views[view.name]
                mine = {
                    name: (table.c.agency == row.agency) & (table.c[companion(name)] == key_id) for name in view.sealed
                }
                said = [mine[name] for name in (*view.searched, *view.texts) if name in mine]
                case = sa.select(table.c[list(view.key)[-1]])
                cases = self.connection.scalars(case.where(sa.or_(*said))).all() if said else []
                for name, here in mine.items():
                    self.connection.execute(sa.update(table).where(here).values({name: str(ERASED)}))
                if cases:
                    again = [(row.agency, case_id) for case_id in cases]
                    search.fill(self.said, self.generation, view, again, again if view.texts else [])
                    search.tidy(self.said, self.generation, view)
            self.connection.execute(sa.update(seals).where(seals.c.key_id == key_id).values(gone=1))

    def sum_up(self, written: frozenset[str] | None, cases: Sequence[CaseKey] | None) -> None:
        """Runs the passes over these cases, or (None) over all."""
        for kind in self.views.cases:
            of = None if cases is None else _of(kind, cases)
            for each in kind.passes:
                if written is not None and not each.reads & written:
                    continue
                if of is None:
                    self.connection.execute(each.update(self.generation.views, lambda _table: sa.true()))
                elif of:
                    text, rest = _summing(each, kind, self.generation, on_postgres=self.said.postgres)
                    self.said.tell(text, **rest, **self.said.paired("cases", of))

    def search_all(self) -> None:
        """Makes every view findable (after a rebuild, into empty tables)."""
        for view in self.views.views:
            search.fill_all(self.said, self.generation, view)
            search.tidy(self.said, self.generation, view)

    def count_all(self) -> None:
        """Counts anew (after a rebuild)."""
        self.connection.execute(sa.delete(self.generation["counts"]))
        for kind in self.views.cases:
            table = self.generation.views[kind.view]
            by = [table.c[name] for name in ("agency", kind.state, *(COLUMNS if kind.restrictable else ()))]
            asked = sa.select(*by, sa.func.count()).where(table.c[kind.state].is_not(None)).group_by(*by)
            self._add_up(
                {
                    (agency, kind.view, state, Access(*access)): many
                    for agency, state, *access, many in self.connection.execute(asked)
                }
            )

    def _ask_states(self, cases: Sequence[CaseKey]) -> Callable[[], States]:
        asked = [(kind, self._ask_of(kind, of)) for kind in self.views.cases if (of := _of(kind, cases))]

        def states() -> States:
            return {(kind.view, row[0], row[1]): _state(kind, row) for kind, rows in asked for row in rows()}

        return states

    def _ask_of(self, kind: Cases, cases: Sequence[tuple[str, str]]) -> Callable[[], Sequence[Sequence[Any]]]:
        said, tables = self.said, self.generation.views
        mine = among("t.agency", f"t.{kind.id}", "cases", on_postgres=said.postgres)
        columns = ["t.agency", *(f"t.{name}" for name in (kind.id, kind.state, *_seen_by(kind)))]
        asked = f"{tables[kind.view].name} t"
        if (about := kind.about) is not None:
            columns += [f"o.{name}" for name in (about.key, *COLUMNS)]
            asked += (
                f" LEFT JOIN {tables[about.view].name} o"
                f" ON t.{about.column} = '{about.value}' AND o.agency = t.agency AND o.{about.key} = t.{about.by}"
            )
        return said.ask(f"SELECT {', '.join(columns)} FROM {asked} WHERE {mine}", **said.paired("cases", cases))  # noqa: S608 - names are our own

    def _count(self, before: States, after: States) -> None:
        moved: Counter[Counted] = Counter()
        for case, now in after.items():
            view, agency, _ = case
            was = before.get(case, ABSENT)
            if was != now:
                if was.state is not None:
                    moved[agency, view, was.state, was.access] -= 1
                if now.state is not None:
                    moved[agency, view, now.state, now.access] += 1
        self._add_up(moved)

    def _add_up(self, moved: Mapping[Counted, int]) -> None:
        """Where nobody is left who are seen by just these people, nothing is kept."""
        table = self.generation["counts"].name
        rows = sorted((*of, _short(access), *access, step) for (*of, access), step in moved.items() if step)
        add = f"ON CONFLICT (agency, view, state, access) DO UPDATE SET cases = {table}.cases + excluded.cases"
        self.said.insert(table, _COUNTS, rows, add)
        if any(step < 0 and access != ORDINARY for (*_, access), step in moved.items()):
            self.said.tell(f"DELETE FROM {table} WHERE cases = 0")  # noqa: S608 - names are our own

    def _changes(self, batch: ViewBatch, before: States, after: States, last: int) -> list[CaseChange]:
        table = self.generation["changes"]
        changes = [
            _change(last + step, case, kind, at, before.get(case, ABSENT), after.get(case, ABSENT))
            for step, (case, (kind, at)) in enumerate(batch.touched.items(), 1)
        ]
        if changes:
            rows = [
                (each.number, each.view, each.agency, each.case_id, each.state, each.kind, each.at) for each in changes
            ]
            self.said.insert(table.name, _CHANGES, rows)
            if any(last < many <= changes[-1].number for many in ANALYZED_AT):
                self._analyze()
            if last // PRUNE_EVERY != changes[-1].number // PRUNE_EVERY:
                past = changes[-1].number - KEPT_CHANGES
                self.said.tell(f"DELETE FROM {table.name} WHERE number <= :past", past=past)  # noqa: S608 - names are our own
        return changes

    def _analyze(self) -> None:
        """PostgreSQL plans for the sizes that it knows: until its own round comes by, an index that only begins with
        the agency looks as good as the key, and every batch would read the whole agency.
        """
        if self.said.postgres:
            for table in (*self.generation.views.values(), *self.generation.found_by()):
                self.said.tell(f"ANALYZE {table.name}")

    def _wipe(self, view: View, table: str, parts: Sequence[Sequence[Any]]) -> None:
        names = list(view.key)[: view.part]
        self.said.delete(table, {name: _sql(view.key[name]) for name in names}, parts)


@lru_cache(maxsize=4096)
def _short(access: Access) -> str:
    """A key of one length for what may name many people; empty where nobody is named."""
    return "" if access == ORDINARY else sha256(packed(list(access)).encode()).hexdigest()


def _seen_by(kind: Cases) -> tuple[str, ...]:
    return COLUMNS if kind.restrictable else ()


def _state(kind: Cases, row: Sequence[Any]) -> CaseState:
    """Of a row of `_ask_of`."""
    state, *rest = row[2:]
    own, other = rest[: len(_seen_by(kind))], rest[len(_seen_by(kind)) :]
    about = Access(*other[1:]) if other and other[0] is not None else None
    return CaseState(state, Access(*own), about)


def _change(number: int, case: CaseKey, kind: str, at: int, was: CaseState, now: CaseState) -> CaseChange:  # noqa: PLR0913 - a change is made of these
    seen = UNSEEN if was.state is None else was.access
    return CaseChange(number, *case, now.state, kind, at, seen, now.access, now.about)


def _of(kind: Cases, cases: Sequence[CaseKey]) -> list[tuple[str, str]]:
    """Those of one kind, as (agency, id)."""
    return [(agency, case_id) for view, agency, case_id in cases if view == kind.view]


def _sql(kind: Column) -> str:
    return "text" if isinstance(kind, sa.Text) else "bigint"


@lru_cache(maxsize=1024)
def _upserting(view: View, columns: tuple[str, ...]) -> tuple[Mapping[str, str], str]:
    """The types of these columns, and what happens to a row that is there: made once for each set of columns."""
    kinds = view.written()
    settings = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in view.key)
    again = f"ON CONFLICT ({', '.join(view.key)}) DO UPDATE SET {settings}"
    return {name: _sql(kinds[name]) for name in columns}, again


@lru_cache(maxsize=64)
def _summing(each: Pass, kind: Cases, generation: Generation, *, on_postgres: bool) -> tuple[str, Mapping[str, Any]]:
    """A pass in words, for some cases, with its own parameters: made once for a generation."""
    dialect: Any = (postgresql if on_postgres else sqlite).dialect  # the package does not say its type

    def mine(table: sa.Table) -> sa.ColumnElement[bool]:
        agency, case_id = f"{table.name}.agency", f"{table.name}.{kind.id}"
        # Without a type: SQLAlchemy would compare a boolean with 1, and SQLite would no longer find the key in it.
        return sa.literal_column(among(agency, case_id, "cases", on_postgres=on_postgres))

    told = each.update(generation.views, mine).compile(
        dialect=dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True}
    )
    return str(told), told.params
