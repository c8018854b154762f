"""Names that look alike have one skeleton (Unicode TS #39): ``budi0`` and ``budio``, Latin and Cyrillic ``a``. Pure.

The table is that of the library; it is read once, when this is imported. A skeleton is compared and never shown.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from confusable_homoglyphs.confusables import is_confusable

KEPT = 4_096


def skeleton(text: str) -> str:
    """Equal for texts that a reader may take for each other; case does not count."""
    apart = unicodedata.normalize("NFKD", text.casefold())  # wide and styled letters are not in the table
    seen = "".join(_prototype(each) for each in apart if unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFD", seen).casefold()


@lru_cache(maxsize=KEPT)
def _prototype(character: str) -> str:
    """What the table has it look like. Who is looked like by several is a prototype himself."""
    likes = _likes(character)
    if len(likes) != 1:
        return character
    (like,) = likes
    alone = len(like) == 1 and _likes(like) == (character,)
    return min(character, like) if alone else like


def _likes(character: str) -> tuple[str, ...]:
    found = is_confusable(character, greedy=True)
    return tuple(each["c"] for each in found[0]["homoglyphs"]) if found else ()
