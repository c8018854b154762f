"""Which cases a reader may see. Pure; `services.kit.projections.access` says the same to the database.

A case's row says it in three columns: ``visibility`` (None: ordinary; ``restricted``; ``public``), ``readers`` and
``barred``, both lists of `Reader.tokens` between bars (``|position:kasi|person:budi|``). Ordinary cases are seen by
whoever has one of the kind's roles; any case by whom its readers name; none by the barred.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from contracts.base import Reader

BAR = "|"
RESTRICTED, PUBLIC = "restricted", "public"
COLUMNS = ("visibility", "readers", "barred")


class Access(NamedTuple):
    """What a case's row says of who sees it."""

    visibility: str | None = None
    readers: str | None = None
    barred: str | None = None

    def lets(self, reader: Reader, roles: frozenset[str]) -> bool:
        """``roles``: who sees ordinary cases of its kind."""
        tokens = reader.tokens()
        if _names(self.barred, tokens):
            return False
        if self.visibility == PUBLIC or _names(self.readers, tokens):
            return True
        return self.visibility is None and bool(roles & frozenset(reader.roles))


ORDINARY = Access()


def listed(tokens: Iterable[str]) -> str | None:
    """Tokens as a column keeps them; None: nobody is named."""
    named = sorted(set(tokens))
    if any(BAR in token for token in named):
        raise ValueError("a token holds no bar")
    return f"{BAR}{BAR.join(named)}{BAR}" if named else None


def _names(column: str | None, tokens: Iterable[str]) -> bool:
    return column is not None and any(f"{BAR}{token}{BAR}" in column for token in tokens)
