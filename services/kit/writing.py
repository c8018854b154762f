"""One batch into one generation, in one transaction: the rows, what is computed from them, the counts and the changes.

Statements are set-based: no read per row. SQLite takes many rows by ``executemany``, PostgreSQL by arrays (``unnest``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.base import ERASED
from services.kit import searching
from services.kit.generations import Generation
from services.kit.views import Batch, Column, Erase, Mine, View, ViewSet, companion

KEPT_CHANGES = 20_000
PRUNE_EVERY = 1_000
AT_ONCE = 5_000
MANY = 200
States = dict[tuple[str, str], str | None]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case has changed: ``number`` counts within the generation; ``state`` is None while the case is not whole."""

    number: int
    agency: str
    case_id: str
    state: str | None
    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes batches to one generation over one open transaction."""

    connection: Connection
    views: ViewSet
    generation: Generation

    def write(self, batch: Batch) -> list[CaseChange]:
        """A live batch: rows, computed columns, counts, changes."""
        before = self._states(batch.touched)
        self.rows(batch)
        for view in self.views.views:
            searching.fill(self.connection, self.generation, view, batch.searched(view))
        self.compute(batch.tables(), batch.touched)
        after = self._states(batch.touched)
        self._count(before, after)
        return self._changes(batch, after)

    def rows(self, batch: Batch) -> None:
        """The rows alone."""
        for view in self.views.views:
            table = self.generation.views[view.name].name
            self._wipe(view, table, list(batch.wipes[view.name]))
            kinds = view.all_columns()
            for columns, rows in batch.rows(view):
                self._upsert(table, {name: kinds[name] for name in columns}, tuple(view.key), rows)
        seals = [(key_id, agency, subject, 0) for key_id, (agency, subject) in batch.keys.items()]
        if seals:
            keys = self.generation["seals"]
            self._upsert(keys.name, {column.name: column.type for column in keys.c}, ("key_id",), seals, keep=True)

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
                said = [mine[name] for name in view.searched if name in mine]
                case = sa.select(table.c[list(view.key)[-1]])
                cases = self.connection.scalars(case.where(sa.or_(*said))).all() if said else []
                for name, here in mine.items():
                    self.connection.execute(sa.update(table).where(here).values({name: str(ERASED)}))
                if cases:
                    searching.fill(self.connection, self.generation, view, [(row.agency, each) for each in cases])
                    searching.tidy(self.connection, self.generation, view)
            self.connection.execute(sa.update(seals).where(seals.c.key_id == key_id).values(gone=1))

    def compute(self, written: frozenset[str] | None, touched: Iterable[tuple[str, str]] | None) -> None:
        """Runs the passes over the touched cases, or (None) over all."""
        dialect = self.connection.dialect.name
        mines = [_every] if touched is None else list(self._cases(touched))
        for each in self.views.cases.passes:
            if written is None or not each.reads or each.reads & written:
                for mine in mines:
                    self.connection.execute(each.update(self.generation.views, dialect, mine))

    def search_all(self) -> None:
        """Makes every view findable (after a rebuild, into empty tables)."""
        for view in self.views.views:
            searching.fill(self.connection, self.generation, view, None)
            searching.tidy(self.connection, self.generation, view)

    def count_all(self) -> None:
        """Counts anew (after a rebuild)."""
        table, counts = self.generation.views[self.views.cases.view], self.generation["counts"]
        state = table.c[self.views.cases.state]
        self.connection.execute(sa.delete(counts))
        found = (
            sa.select(table.c.agency, state, sa.func.count()).where(state.is_not(None)).group_by(table.c.agency, state)
        )
        self.connection.execute(sa.insert(counts).from_select(["agency", "state", "cases"], found))

    def _cases(self, touched: Iterable[tuple[str, str]]) -> Iterator[Mine]:
        by_agency: dict[str, list[str]] = defaultdict(list)
        for agency, case_id in touched:
            by_agency[agency].append(case_id)
        for agency, ids in by_agency.items():
            for start in range(0, len(ids), AT_ONCE):
                some = ids[start : start + AT_ONCE]
                yield _among(agency, self.views.cases.id, some, self.connection.dialect.name)

    def _states(self, touched: Iterable[tuple[str, str]]) -> States:
        table = self.generation.views[self.views.cases.view]
        asked = sa.select(table.c.agency, table.c[self.views.cases.id], table.c[self.views.cases.state])
        return {
            (agency, case_id): state
            for mine in self._cases(touched)
            for agency, case_id, state in self.connection.execute(asked.where(mine(table)))
        }

    def _count(self, before: States, after: States) -> None:
        moved: Counter[tuple[str, str]] = Counter()
        for (agency, case_id), state in after.items():
            was = before.get((agency, case_id))
            if was != state:
                if was is not None:
                    moved[agency, was] -= 1
                if state is not None:
                    moved[agency, state] += 1
        table = self.generation["counts"].name
        mark = _marks(self.connection, 3)
        statement = (
            f"INSERT INTO {table} (agency, state, cases) VALUES ({mark})"  # noqa: S608 - names are our own
            f" ON CONFLICT (agency, state) DO UPDATE SET cases = {table}.cases + excluded.cases"
        )
        rows = [(agency, state, step) for (agency, state), step in sorted(moved.items()) if step]
        if rows:
            self.connection.exec_driver_sql(statement, rows)

    def _changes(self, batch: Batch, after: States) -> list[CaseChange]:
        table = self.generation["changes"]
        last = self.connection.scalar(sa.select(sa.func.max(table.c.number))) or 0
        changes = [
            CaseChange(last + step, *case, after.get(case), kind, at)
            for step, (case, (kind, at)) in enumerate(batch.touched.items(), 1)
        ]
        if changes:
            kinds: dict[str, Column] = {column.name: column.type for column in table.c}  # type: ignore[misc]  # both kinds only
            rows = [(each.number, each.agency, each.case_id, each.state, each.kind, each.at) for each in changes]
            self._upsert(table.name, kinds, ("number",), rows)
            if last // PRUNE_EVERY != changes[-1].number // PRUNE_EVERY:
                self.connection.execute(sa.delete(table).where(table.c.number <= changes[-1].number - KEPT_CHANGES))
        return changes

    def _wipe(self, view: View, table: str, parts: Sequence[Sequence[Any]]) -> None:
        if not parts:
            return
        names = list(view.key)[: view.part]
        if self.connection.dialect.name == "postgresql":
            arrays = ", ".join(f"%s::{_array(view.key[name])}" for name in names)
            same = " AND ".join(f"{table}.{name} = gone.{name}" for name in names)
            statement = f"DELETE FROM {table} USING unnest({arrays}) AS gone({', '.join(names)}) WHERE {same}"  # noqa: S608 - names are our own
            self.connection.exec_driver_sql(statement, tuple(map(list, zip(*parts, strict=True))))
        else:
            same = " AND ".join(f"{name} = ?" for name in names)
            self.connection.exec_driver_sql(f"DELETE FROM {table} WHERE {same}", [tuple(part) for part in parts])  # noqa: S608 - names are our own

    def _upsert(
        self,
        table: str,
        kinds: Mapping[str, Any],
        key: tuple[str, ...],
        rows: Sequence[tuple[Any, ...]],
        *,
        keep: bool = False,
    ) -> None:
        names = ", ".join(kinds)
        settings = ", ".join(f"{name} = excluded.{name}" for name in kinds if name not in key)
        conflict = f"ON CONFLICT ({', '.join(key)}) DO " + (
            f"UPDATE SET {settings}" if settings and not keep else "NOTHING"
        )
        if self.connection.dialect.name == "postgresql" and len(rows) >= MANY:
            self._in_bulk(table, names, rows, conflict)
        elif self.connection.dialect.name == "postgresql":
            arrays = ", ".join(f"%s::{_array(kind)}" for kind in kinds.values())
            statement = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - names are our own
            self.connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))
        else:
            statement = f"INSERT INTO {table} ({names}) VALUES ({_marks(self.connection, len(kinds))}) {conflict}"  # noqa: S608 - names are our own
            self.connection.exec_driver_sql(statement, list(rows))

    def _in_bulk(self, table: str, names: str, rows: Sequence[tuple[Any, ...]], conflict: str) -> None:
        """PostgreSQL: COPY into a table of this session, and from there; arrays of many thousands are slow to write."""
        driver: Any = self.connection.connection.driver_connection
        aside = f"aside_{table}"
        with driver.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {aside} (LIKE {table}) ON COMMIT DELETE ROWS")
            with cursor.copy(f"COPY {aside} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {aside} {conflict}")  # noqa: S608 - names are our own
            cursor.execute(f"TRUNCATE {aside}")


def _among(agency: str, name: str, ids: list[str], dialect: str) -> Mine:
    """One parameter for all of them: the statement stays the same and is prepared once."""
    if dialect == "postgresql":
        listed = sa.any_(sa.literal(ids, ARRAY(sa.Text)))
        return lambda table: (table.c.agency == agency) & (table.c[name] == listed)
    among = sa.select(sa.func.json_each(orjson.dumps(ids).decode()).table_valued("value").c.value)
    return lambda table: (table.c.agency == agency) & table.c[name].in_(among)


def _every(_table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.true()


def _array(kind: Any) -> str:
    return "text[]" if isinstance(kind, sa.Text) else "bigint[]"


def _marks(connection: Connection, number: int) -> str:
    return ", ".join(["%s" if connection.dialect.name == "postgresql" else "?"] * number)
