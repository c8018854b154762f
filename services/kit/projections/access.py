"""Which cases a reader may see, for the database: `services.kit.access` in SQL, for every select, count and search."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from contracts.base import Reader
from services.kit.access import BAR, NEAR, OWN, PUBLIC


def visible(table: sa.Table, reader: Reader, roles: frozenset[str]) -> sa.ColumnElement[bool]:
    """Which rows of a case's view this reader sees. ``roles``: who sees ordinary cases of its kind."""
    tokens = reader.tokens()
    ordinary = table.c.visibility.is_(None) if roles & frozenset(reader.roles) else sa.false()
    seen = sa.or_(ordinary, table.c.visibility == PUBLIC, _any(table.c.readers, tokens))
    near = _any(table.c.barred, map(NEAR.__add__, tokens))
    own = sa.func.coalesce(_any(table.c.readers, map(OWN.__add__, tokens)), sa.false())
    return seen & (table.c.barred.is_(None) | (~_any(table.c.barred, tokens) & (~near | own)))


def sees_all(reader: Reader, roles: frozenset[str], *, restrictable: bool) -> bool:
    """Whether no row of that kind has to be looked at: then counts that are kept serve."""
    return not restrictable and bool(roles & frozenset(reader.roles))


def _any(column: sa.ColumnElement[str | None], tokens: Iterable[str]) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(column.contains(f"{BAR}{token}{BAR}", autoescape=True) for token in tokens))
