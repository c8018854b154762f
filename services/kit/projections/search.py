"""Finding cases by words of a few columns, in any order: a table beside the view, with a trigram index.

What is looked for is cut at its spaces; a case is found that holds every piece, whichever column it stands in. Letters
are small and without accents, in the index as in the question: `André` is found by `andre`, and the other way round.

SQLite: FTS5 with its trigram tokenizer; PostgreSQL: ``pg_trgm`` (where the extension may not be made, the narrow table
is read through). The rows follow the view's within the same transaction, so that they are equal after a rebuild. An
erased word leaves the index at once: its segments are written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from unicodedata import combining, normalize

import sqlalchemy as sa
from sqlalchemy import Connection

from services.kit.database.statements import Statements, among
from services.kit.projections.generations import Generation
from services.kit.projections.views import View

SHORTEST = 3
MOST = 5_000
WORDS = 8
_BREAK = "\n"
_ACCENTED = "".join(
    each
    for each in map(chr, range(0xC0, 0x250))
    if normalize("NFD", each)[0].isascii() and len(normalize("NFD", each)) > 1
)  # capitals too: PostgreSQL makes small only what its locale knows
_PLAIN = "".join(normalize("NFD", each)[0].lower() for each in _ACCENTED)


def folded(text: str) -> str:
    """Small letters without accents; combining ones go too."""
    return "".join(each for each in normalize("NFC", text).lower().translate(_TO_PLAIN) if not combining(each))


_TO_PLAIN = str.maketrans(_ACCENTED, _PLAIN)


def pieces(text: str) -> list[str]:
    """The words that are looked for, each once, at most `WORDS`, as the index spells them."""
    return list(dict.fromkeys(folded(text).split()))[:WORDS]


def fill(said: Statements, generation: Generation, view: View, cases: Sequence[tuple[str, str]]) -> None:
    """Writes the words of these cases (agency, id), at least one, as the view has them now."""
    _teach(said)
    told, case = _filling(generation, view, on_postgres=said.postgres), list(view.key)[1]
    which = f" AND {among('agency', case, 'cases', on_postgres=said.postgres)}"
    said.tell(told.format(which=which), **said.paired("cases", cases))


def fill_all(said: Statements, generation: Generation, view: View) -> None:
    """The words of all cases, into an empty table."""
    if view.searched:
        _teach(said)
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
    small = f"translate(lower({words}), '{_ACCENTED}', '{_PLAIN}')" if on_postgres else f"folded({words})"
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
    table = generation.searches[view]
    asked = sa.select(table.c.case_id).where(_holds_all(connection, table, words), table.c.agency == agency)
    cases = list(connection.scalars(asked.limit(MOST + 1)))
    return None if len(cases) > MOST else cases


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
