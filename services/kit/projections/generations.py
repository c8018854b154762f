"""Generations of views: the same tables under another prefix (``g2_letters``); a pointer says which one serves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import TSVECTOR

from services.kit.projections.views import TEXT, WHOLE, ViewSet, packed

POINTER = sa.Table(
    "generation",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("current", sa.Integer, nullable=False),
    sa.Column("newest", sa.Integer, nullable=False, doc="the highest number ever given to a generation"),
    sa.Column("fence", WHOLE, nullable=False, doc="the highest fencing token that has written"),
    sa.Column("shape", TEXT, nullable=False),
)
_BY_LETTERS = "tokenize='trigram'"
_BY_WORDS = "detail=none, tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'\""
"""Words are cut before they come: only blanks part them here."""
STATE = ("positions", "poison", "changes", "counts", "seals")


@dataclass(frozen=True, eq=False)
class Generation:
    """The tables of one generation: the views by name, and what keeps them true.

    ``positions``: how far each source is applied. ``poison``: events that could not be read or applied. ``changes``: a
    ring of which case changed. ``counts``: cases by kind (its view), state and, where a row says that, who sees them;
    ``access`` is short for the last. ``seals``: persons' keys that opened something here. ``searches``: the words of
    the searched views, by the view's name; ``texts``: those of their texts.
    """

    number: int
    views: dict[str, sa.Table]
    state: dict[str, sa.Table]
    metadata: sa.MetaData
    searches: dict[str, sa.Table]
    texts: dict[str, sa.Table]

    def found_by(self) -> list[sa.Table]:
        """What cases are found by."""
        return [*self.searches.values(), *self.texts.values()]

    def __getitem__(self, name: str) -> sa.Table:
        return self.views[name] if name in self.views else self.state[name]


@lru_cache(maxsize=16)
def generation_of(views: ViewSet, number: int) -> Generation:
    """The tables as SQLAlchemy sees them; nothing is made in the database."""
    metadata = sa.MetaData()
    prefix = f"g{number}_"
    tables = {view.name: view.table(f"{prefix}{view.name}", metadata) for view in views.views}
    state = {
        "positions": sa.Table(
            f"{prefix}positions", metadata,
            sa.Column("source", TEXT, primary_key=True), sa.Column("store", TEXT), sa.Column("epoch", WHOLE),
            sa.Column("position", WHOLE), sa.Column("moved_at", WHOLE),
        ),
        "poison": sa.Table(
            f"{prefix}poison", metadata,
            sa.Column("source", TEXT, primary_key=True), sa.Column("position", WHOLE, primary_key=True),
            sa.Column("kind", TEXT), sa.Column("reason", TEXT), sa.Column("at", WHOLE),
        ),
        "changes": sa.Table(
            f"{prefix}changes", metadata,
            sa.Column("number", WHOLE, primary_key=True, autoincrement=False), sa.Column("view", TEXT),
            sa.Column("agency", TEXT),
            sa.Column("case_id", TEXT), sa.Column("state", TEXT), sa.Column("kind", TEXT), sa.Column("at", WHOLE),
            sa.Index(f"{prefix}changes_of", "agency", "number"),
        ),
        "counts": sa.Table(
            f"{prefix}counts", metadata,
            sa.Column("agency", TEXT, primary_key=True), sa.Column("view", TEXT, primary_key=True),
            sa.Column("state", TEXT, primary_key=True), sa.Column("access", TEXT, primary_key=True),
            sa.Column("visibility", TEXT), sa.Column("readers", TEXT), sa.Column("barred", TEXT),
            sa.Column("cases", WHOLE),
        ),
        "seals": sa.Table(
            f"{prefix}seals", metadata,
            sa.Column("key_id", TEXT, primary_key=True), sa.Column("agency", TEXT), sa.Column("subject_id", TEXT),
            sa.Column("gone", WHOLE),
        ),
    }  # fmt: skip
    apart = sa.MetaData()  # made by `create_searches`: on SQLite they are no common tables
    searches = {
        view.name: _words_table(f"{prefix}{view.name}_search", TEXT, apart) for view in views.views if view.searched
    }
    texts = {
        view.name: _words_table(f"{prefix}{view.name}_text_search", TSVECTOR(), apart)
        for view in views.views
        if view.texts
    }
    return Generation(number, tables, state, metadata, searches, texts)


def _words_table(name: str, kind: Any, metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        name, metadata,
        sa.Column("agency", TEXT, primary_key=True), sa.Column("case_id", TEXT, primary_key=True),
        sa.Column("words", kind),
    )  # fmt: skip


def create(connection: Connection, generation: Generation) -> None:
    generation.metadata.create_all(connection)
    for table in generation.found_by():
        if connection.dialect.name == "sqlite":
            cut = _BY_LETTERS if table in generation.searches.values() else _BY_WORDS
            columns = f"agency UNINDEXED, case_id UNINDEXED, words, {cut}"
            connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table.name} USING fts5({columns})")
        else:
            table.create(connection, checkfirst=True)


def _index_words(connection: Connection, generation: Generation) -> None:
    """The indexes on PostgreSQL; that of trigrams where its extension is there or may be made."""
    for table in generation.texts.values():
        connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {table.name}_of ON {table.name} USING gin (words)")
        connection.exec_driver_sql(f"ANALYZE {table.name}")
    where = sa.text("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'")
    schema = connection.scalar(where)
    if schema is None:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except sa.exc.DBAPIError:  # not allowed, or not installed: the narrow table is read through
            return
        schema = connection.scalar(where)
    for table in generation.searches.values():
        connection.exec_driver_sql(
            f"CREATE INDEX IF NOT EXISTS {table.name}_of ON {table.name} USING gin (words {schema}.gin_trgm_ops)"
        )
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def create_indexes(connection: Connection, views: ViewSet, number: int) -> None:
    """All secondary indexes of a generation; those that exist stay."""
    postgres = connection.dialect.name == "postgresql"
    for view in views.views:
        table = f"g{number}_{view.name}"
        for place, columns in enumerate(view.indexes):
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {table}_{place} ON {table} ({', '.join(columns)})")
        for column in sorted(view.sealed):
            name = f"{table}_{column}_of"[:60]
            connection.exec_driver_sql(
                f"CREATE INDEX IF NOT EXISTS {name} ON {table} (agency, {column}_of) WHERE {column}_of IS NOT NULL"
            )
        if postgres:
            connection.exec_driver_sql(f"ANALYZE {table}")
    if postgres:
        _index_words(connection, generation_of(views, number))


def drop(engine: Engine, generation: Generation) -> None:
    with engine.begin() as connection:
        for table in generation.found_by():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
        generation.metadata.drop_all(connection)


def migrate(engine: Engine, views: ViewSet) -> None:
    """Makes the pointer and, on an empty place, the first generation. Safe to run twice and by several at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7261002)"))
        POINTER.metadata.create_all(connection)
        if connection.execute(sa.select(POINTER.c.id)).first() is None:
            create(connection, generation_of(views, 1))
            create_indexes(connection, views, 1)
            connection.execute(sa.insert(POINTER).values(id=1, current=1, newest=1, fence=0, shape=views.shape()))


def stale(engine: Engine, views: ViewSet) -> bool:
    """The serving generation was made for other tables or handlers: build anew before following."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(POINTER.c.shape).where(POINTER.c.id == 1)) != views.shape()


def digest(connection: Connection, views: ViewSet, generation: Generation) -> dict[str, str]:
    """SHA-256 over all rows of each view, in the order of their keys; the same on both databases."""
    postgres = connection.dialect.name == "postgresql"
    found: dict[str, str] = {}
    for view in views.views:
        table = generation.views[view.name]
        order = [
            sa.collate(table.c[name], "C") if postgres and kind is TEXT else table.c[name]
            for name, kind in view.key.items()
        ]
        rows = connection.execution_options(stream_results=True, yield_per=2000).execute(
            sa.select(table).order_by(*order)
        )
        total = hashlib.sha256()
        for row in rows:
            total.update(packed(list(row)).encode("utf-8", "surrogatepass"))
        found[view.name] = total.hexdigest()
    return found
