"""Finding cases by any three letters of a few columns: a table beside the view, with a trigram index.

SQLite: FTS5 with its trigram tokenizer; PostgreSQL: ``pg_trgm`` (where the extension may not be made, the narrow table
is read through). The rows follow the view's within the same transaction, so that they are equal after a rebuild. An
erased word leaves the index at once: its segments are written anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from services.kit.generations import Generation
from services.kit.views import View

SHORTEST = 3
MOST = 5_000
_BREAK = "\n"


def fill(connection: Connection, generation: Generation, view: View, cases: Iterable[tuple[str, str]] | None) -> None:
    """Writes the words of these cases (None: of all, into an empty table) as the view has them now."""
    if not view.searched:
        return
    table, source = generation.searches[view.name].name, generation.views[view.name].name
    agency, case = list(view.key)[:2]
    words = f" || '{_BREAK}' || ".join(f"coalesce({name}, '')" for name in view.searched)
    one = f" WHERE coalesce({', '.join(view.searched)}) IS NOT NULL"  # what has no words cannot be found by them
    if cases is not None:
        listed = "IN (SELECT value FROM json_each(:cases))" if connection.dialect.name == "sqlite" else "= ANY(:cases)"
        one += f" AND {agency} = :agency AND {case} {listed}"
    if connection.dialect.name == "sqlite":
        _teach(connection)
        statement = (
            f"INSERT OR REPLACE INTO {table} (rowid, agency, case_id, words)"  # noqa: S608 - names are our own
            f" SELECT place_of({agency}, {case}), {agency}, {case}, lower({words}) FROM {source}{one}"
        )
    else:
        statement = (
            f"INSERT INTO {table} (agency, case_id, words) SELECT {agency}, {case}, lower({words})"  # noqa: S608 - names are our own
            f" FROM {source}{one} ON CONFLICT (agency, case_id) DO UPDATE SET words = excluded.words"
        )
    if cases is None:
        connection.execute(sa.text(statement))
        return
    by_agency: dict[str, list[str]] = {}
    for agency, case in cases:
        by_agency.setdefault(agency, []).append(case)
    for agency, mine in by_agency.items():
        those = orjson.dumps(mine).decode() if connection.dialect.name == "sqlite" else mine
        connection.execute(sa.text(statement), {"agency": agency, "cases": those})


def tidy(connection: Connection, generation: Generation, view: View) -> None:
    """One segment instead of many: after a rebuild it is read quicker; after an erasure the old words have left it."""
    if view.searched and connection.dialect.name == "sqlite":
        name = generation.searches[view.name].name
        connection.exec_driver_sql(f"INSERT INTO {name} ({name}) VALUES ('optimize')")  # noqa: S608 - names are our own


def found(connection: Connection, generation: Generation, view: str, agency: str, text: str) -> list[str] | None:
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


def _teach(connection: Connection) -> None:
    """A row's number in the index follows from its key, so that it can be replaced without looking."""
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.create_function("place_of", 2, _place, deterministic=True)


def _place(agency: str, case: str) -> int:
    digest = blake2b(f"{agency}/{case}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
