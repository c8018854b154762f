"""Finding cases by words of running text, by how each word begins: a table of words beside the view.

Any three letters of a title are found (`search`); of a letter's text that would weigh ten times the text. Words are
kept once each, as `search` folds them, without their places.

SQLite: FTS5 over words alone; PostgreSQL: a tsvector made without its dictionaries. Both cut words by one rule, ours.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import TSQUERY

from services.kit.database.statements import Statements, among
from services.kit.projections.folding import ACCENTED, PLAIN, folded
from services.kit.projections.generations import Generation
from services.kit.projections.views import View

BEGUN = 3
"""Letters from which a word is found by its beginning; a shorter one stands for itself."""
_BETWEEN = r"\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f"
_WORD = rf"[^{_BETWEEN}]{{1,60}}"
_WORDS = re.compile(_WORD)


def fill(said: Statements, generation: Generation, view: View, cases: Sequence[tuple[str, str]] | None) -> None:
    """Writes the words of these cases (agency, id), at least one, as the view has them now; None: of all."""
    told, case = _filling(generation, view, on_postgres=said.postgres), list(view.key)[1]
    if not said.postgres:
        said.teach("words_of", 1, words_of)
    if cases is None:
        said.tell(told)
        return
    which = among("agency", case, "cases", on_postgres=said.postgres)
    again = "" if not said.postgres else " ON CONFLICT (agency, case_id) DO UPDATE SET words = excluded.words"
    said.tell(f"{told} AND {which}{again}", **said.paired("cases", cases))


@lru_cache(maxsize=16)
def _filling(generation: Generation, view: View, *, on_postgres: bool) -> str:
    table, source = generation.texts[view.name].name, generation.views[view.name].name
    case = list(view.key)[1]
    text = " || ' ' || ".join(f"coalesce({name}, '')" for name in view.texts)
    known = f"FROM {source} WHERE trim({text}) <> ''"
    if not on_postgres:
        into = f"INSERT OR REPLACE INTO {table} (rowid, agency, case_id, words)"
        return f"{into} SELECT place_of(agency, {case}), agency, {case}, words_of({text}) {known}"
    small = f"translate(lower({text}), '{ACCENTED}', '{PLAIN}')"
    each = f"SELECT DISTINCT found[1] FROM regexp_matches({small}, '{_WORD}', 'g') AS found"  # noqa: S608 - names are our own
    return (
        f"INSERT INTO {table} (agency, case_id, words) SELECT agency, {case}, array_to_tsvector(array({each})) {known}"
    )


def words_of(text: str) -> str:
    """Each word once, for SQLite."""
    return " ".join(dict.fromkeys(_WORDS.findall(folded(text))))


def matching(connection: Connection, table: sa.Table, agency: str, piece: str) -> sa.ColumnElement[bool]:
    """The rows whose text has the words of this piece, as `search.pieces` gives it; none where it holds no word."""
    words = _WORDS.findall(piece)
    if not words:
        return sa.false()
    here = table.c.agency == agency
    if connection.dialect.name == "sqlite":
        asked = " AND ".join(f'"{each}"{"*" if len(each) >= BEGUN else ""}' for each in words)
        return sa.literal_column(table.name).op("MATCH")(asked) & here
    asked = " & ".join(f"'{each}'{':*' if len(each) >= BEGUN else ''}" for each in words)
    return sa.and_(table.c.words.bool_op("@@")(sa.cast(asked, TSQUERY)), here)
