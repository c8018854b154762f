"""Finding cases by any three letters of a few columns: a table beside the view, with a trigram index.

SQLite: FTS5 with its trigram tokenizer; PostgreSQL: ``pg_trgm`` (where the extension may not be made, the narrow table
is read through). The rows follow the view's within the same transaction, so that they are equal after a rebuild. An
erased word leaves the index at once: its segments are written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy import Connection

from services.kit.database.statements import Statements, among
from services.kit.projections.generations import Generation
from services.kit.projections.views import View

SHORTEST = 3
MOST = 5_000
_BREAK = "\n"


def fill(said: Statements, generation: Generation, view: View, cases: Sequence[tuple[str, str]]) -> None:
    """Writes the words of these cases (agency, id), at least one, as the view has them now."""
    if not said.postgres:
        said.teach("place_of", 2, _place)
    told, case = _filling(generation, view, on_postgres=said.postgres), list(view.key)[1]
    which = f" AND {among('agency', case, 'cases', on_postgres=said.postgres)}"
    said.tell(told.format(which=which), **said.paired("cases", cases))


def fill_all(said: Statements, generation: Generation, view: View) -> None:
    """The words of all cases, into an empty table."""
    if view.searched:
        if not said.postgres:
            said.teach("place_of", 2, _place)
        said.tell(_filling(generation, view, on_postgres=said.postgres).format(which=""))


def tidy(said: Statements, generation: Generation, view: View) -> None:
    """One segment instead of many: after a rebuild it is read quicker; after an erasure the old words have left it."""
    if view.searched and not said.postgres:
        name = generation.searches[view.name].name
        said.tell(f"INSERT INTO {name} ({name}) VALUES ('optimize')")  # noqa: S608 - names are our own


@lru_cache(maxsize=16)
def _filling(generation: Generation, view: View, *, on_postgres: bool) -> str:
    """``{which}``: where the cases are told."""
    table, source = generation.searches[view.name].name, generation.views[view.name].name
    case = list(view.key)[1]
    words = f" || '{_BREAK}' || ".join(f"coalesce({name}, '')" for name in view.searched)
    known = f"coalesce({', '.join(view.searched)}) IS NOT NULL"  # what has no words cannot be found by them
    rest = f"agency, {case}, lower({words}) FROM {source} WHERE {known}{{which}}"
    if not on_postgres:
        return f"INSERT OR REPLACE INTO {table} (rowid, agency, case_id, words) SELECT place_of(agency, {case}), {rest}"
    again = "ON CONFLICT (agency, case_id) DO UPDATE SET words = excluded.words"
    return f"INSERT INTO {table} (agency, case_id, words) SELECT {rest} {again}"


def find_cases(connection: Connection, generation: Generation, view: str, agency: str, text: str) -> list[str] | None:
    """The cases that hold this text; None: too short, or so common (over `MOST`) that reading in order is quicker."""
    if len(text) < SHORTEST or "\x00" in text or _BREAK in text:
        return None
    table = generation.searches[view]
    holds: sa.ColumnElement[bool]
    if connection.dialect.name == "sqlite":
        quoted = '"' + text.lower().replace('"', '""') + '"'
        holds = sa.literal_column(table.name).op("MATCH")(f"words : {quoted}")
    else:
        holds = _like(table, text)
    asked = sa.select(table.c.case_id).where(holds, table.c.agency == agency).limit(MOST + 1)
    cases = list(connection.scalars(asked))
    return None if len(cases) > MOST else cases


def _like(table: sa.Table, text: str) -> sa.ColumnElement[bool]:
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return table.c.words.like(f"%{escaped}%")


def _place(agency: str, case: str) -> int:
    digest = blake2b(f"{agency}/{case}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
