"""Which cases a reader may see. Pure; `services.kit.projections.access` says the same to the database.

A case's row says it in three columns: ``visibility`` (None: ordinary; ``restricted``; ``public``), ``readers`` and
``barred``, both lists of `Reader.tokens` between bars (``|position:kasi|person:budi|``). Ordinary cases are seen by
whoever has one of the kind's roles; any case by whom its readers name; none by the barred.

Who is barred only because he stands near to somebody (he is his substitute, or acts for his position) is named behind
a tilde, ``~position:kasi``. Such a bar yields to whoever has the case by a position of his own: ``own:position:kabid``
among its readers. Else a head who acts for his barred subordinate could not handle what came up to him.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from contracts.base import Actor, Reader

BAR = "|"
NEAR, OWN = "~", "own:"
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
        if self.shuts(reader):
            return False
        if self.visibility == PUBLIC or _names(self.readers, tokens):
            return True
        return self.visibility is None and bool(roles & frozenset(reader.roles))

    def shuts(self, reader: Reader) -> bool:
        """Whether he is barred, whatever else he is: the one place where that is decided, but for its twin in SQL."""
        tokens = reader.tokens()
        if _names(self.barred, tokens):
            return True
        return _names(self.barred, map(NEAR.__add__, tokens)) and not _names(self.readers, map(OWN.__add__, tokens))


ORDINARY = Access()
UNSEEN = Access(RESTRICTED)
"""Whom it names: nobody."""


def listed(tokens: Iterable[str]) -> str | None:
    """Tokens as a column keeps them; None: nobody is named."""
    named = sorted(set(tokens))
    if any(BAR in token for token in named):
        raise ValueError("a token holds no bar")
    return f"{BAR}{BAR.join(named)}{BAR}" if named else None


def reader_of(actor: Actor) -> Reader:
    """Whoever asks for a command, as questions carry him."""
    return Reader(
        person_id=actor.id,
        positions=tuple(held.position for held in actor.holdings),
        roles=actor.roles,
        stand_ins=tuple((each.position, each.instead_of) for each in actor.stand_ins),
        substitute_of=tuple(sorted({each.instead_of for each in actor.stand_ins if each.why == "substitute"})),
    )


def _names(column: str | None, tokens: Iterable[str]) -> bool:
    return column is not None and any(f"{BAR}{token}{BAR}" in column for token in tokens)
