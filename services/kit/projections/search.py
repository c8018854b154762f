"""Finding cases by words of a few columns, in any order: a table beside the view, with a trigram index.

What is looked for is cut at its spaces; a case is found that holds every piece, whichever column it stands in, or
whose running text has a word that begins so (`search_texts`). Letters are small and without accents, in the index as in
the question: `André` is found by `andre`, and the other way round.

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
from services.kit.projections import search_texts
from services.kit.projections.folding import ACCENTED, PLAIN, folded
from services.kit.projections.generations import Generation
from services.kit.projections.views import View

SHORTEST = 3
MOST = 5_000
WORDS = 8
_BREAK = "\n"


def pieces(text: str) -> list[str]:
    """The words that are looked for, each once, at most `WORDS`, as the index spells them."""
    return list(dict.fromkeys(folded(text).split()))[:WORDS]


def fill(
    said: Statements,
    generation: Generation,
    view: View,
    cases: Sequence[tuple[str, str]],
    read: Sequence[tuple[str, str]],
) -> None:
    """Writes the words of these cases (agency, id) as the view has them now. ``read``: those whose text is new."""
    _teach(said)
    if read:
        search_texts.fill(said, generation, view, read)
    if not cases:
        return
    told, case = _filling(generation, view, on_postgres=said.postgres), list(view.key)[1]
    which = f" AND {among('agency', case, 'cases', on_postgres=said.postgres)}"
    said.tell(told.format(which=which), **said.paired("cases", cases))


def fill_all(said: Statements, generation: Generation, view: View) -> None:
    """The words of all cases, into an empty table."""
    if view.searched:
        _teach(said)
        if view.texts:
            search_texts.fill(said, generation, view, None)
        said.tell(_filling(generation, view, on_postgres=said.postgres).format(which=""))


def tidy(said: Statements, generation: Generation, view: View) -> None:
    """One segment instead of many: after a rebuild it is read quicker; after an erasure the old words have left it."""
    if view.searched and not said.postgres:
        for table in (generation.searches.get(view.name), generation.texts.get(view.name)):
            if table is not None:
                said.tell(f"INSERT INTO {table.name} ({table.name}) VALUES ('optimize')")  # noqa: S608 - names are our own


@lru_cache(maxsize=16)
def _filling(generation: Generation, view: View, *, on_postgres: bool) -> str:
    """``{which}``: where the cases are told."""
    table, source = generation.searches[view.name].name, generation.views[view.name].name
    case = list(view.key)[1]
    words = f" || '{_BREAK}' || ".join(f"coalesce({name}, '')" for name in view.searched)
    known = f"coalesce({', '.join(view.searched)}) IS NOT NULL"  # what has no words cannot be found by them
    small = f"translate(lower({words}), '{ACCENTED}', '{PLAIN}')" if on_postgres else f"folded({words})"
    rest = f"agency, {case}, {small} FROM {source} WHERE {known}{{which}}"
    if not on_postgres:
        return f"INSERT OR REPLACE INTO {table} (rowid, agency, case_id, words) SELECT place_of(agency, {case}), {rest}"
    again = "ON CONFLICT (agency, case_id) DO UPDATE SET words = excluded.words"
    return f"INSERT INTO {table} (agency, case_id, words) SELECT {rest} {again}"


def find_cases(connection: Connection, generation: Generation, view: str, agency: str, text: str) -> list[str] | None:
    """The cases that hold every word of this text; None: no word is long enough, or they are so common (over `MOST`
    cases) that reading in order is quicker.
    """
    words = pieces(text)
    if "\x00" in text or not any(len(each) >= SHORTEST for each in words):
        return None
    table, texts = generation.searches[view], generation.texts.get(view)
    holds = _holds_all(connection, table, words)
    if texts is not None:
        holds = sa.and_(*[_holds(connection, table, texts, agency, each) for each in words])
    asked = sa.select(table.c.case_id).where(holds, table.c.agency == agency)
    cases = list(connection.scalars(asked.limit(MOST + 1)))
    return None if len(cases) > MOST else cases


def in_text(
    connection: Connection, generation: Generation, view: str, agency: str, word: str
) -> sa.Select[tuple[str]] | None:
    """The cases whose running text has this word, to look a case up in; None where the view has no such text."""
    texts = generation.texts.get(view)
    if texts is None:
        return None
    return sa.select(texts.c.case_id).where(search_texts.matching(connection, texts, agency, folded(word)))


def _holds(connection: Connection, table: sa.Table, texts: sa.Table, agency: str, piece: str) -> sa.ColumnElement[bool]:
    """In one of both tables; a piece too short for the first is looked for in what the others give."""
    name = sa.literal_column("rowid") if connection.dialect.name == "sqlite" else table.c.case_id
    there = sa.literal_column("rowid") if connection.dialect.name == "sqlite" else texts.c.case_id
    within = sa.select(there).select_from(texts).where(search_texts.matching(connection, texts, agency, piece))
    if len(piece) < SHORTEST:
        return _like(table, piece) | name.in_(within)
    titled = sa.select(name).select_from(table).where(_holds_all(connection, table, [piece]), table.c.agency == agency)
    return name.in_(titled.union(within))


def _holds_all(connection: Connection, table: sa.Table, words: Sequence[str]) -> sa.ColumnElement[bool]:
    """The index gives those with the long words; a short one is looked for in what it gives."""
    if connection.dialect.name != "sqlite":
        return sa.and_(*[_like(table, each) for each in words])
    long = " AND ".join('"' + each.replace('"', '""') + '"' for each in words if len(each) >= SHORTEST)
    short = [_like(table, each) for each in words if len(each) < SHORTEST]
    return sa.and_(sa.literal_column(table.name).op("MATCH")(f"words : ({long})"), *short)


def _like(table: sa.Table, word: str) -> sa.ColumnElement[bool]:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return table.c.words.like(f"%{escaped}%", escape="\\")


def _teach(said: Statements) -> None:
    if not said.postgres:
        said.teach("place_of", 2, _place)
        said.teach("folded", 1, folded)


def _place(agency: str, case: str) -> int:
    digest = blake2b(f"{agency}/{case}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
