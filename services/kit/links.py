"""Links that let somebody in without a login: to claim an account, to answer a survey, to confirm an address. Pure.

A token is computed from what the case says of the link and checked by computing it again, so it stands in no event. It
is bound to its purpose, to what it is for, to its generation and to its end: a link of another kind, of another case,
of an earlier generation or with an end put off is no link. Raising the generation revokes all before it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from services.kit.secrets import keyed, read_token, spelled

LENGTH = 26
"""Characters of a token, 5 bits each: 130 bits."""
WHOLE = 52
"""All 256 bits: of a link that opens something for who has nothing else."""

Standing = Literal["valid", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a case says of a link that it has given out. ``ends``: aware, seconds count; None: it does not end.

    ``length``: of its token; one of another length is no token of this link.
    """

    purpose: str
    id: str
    generation: int
    ends: datetime | None
    length: int = LENGTH


def token_of(key: bytes, link: Link) -> str:
    """In lower case, fit for a URL. ``key``: *links*."""
    ends = "" if link.ends is None else link.ends.astimezone(UTC).isoformat(timespec="seconds")
    return spelled(keyed(key, "link", link.purpose, link.id, str(link.generation), ends), link.length).lower()


def standing(key: bytes, link: Link | None, token: str, now: datetime) -> Standing:
    """What a token that somebody brings is worth, by what the case says now; None: there is no such case, or no link.

    *expired* is said only to who has the right token: to others an ended link is as unknown as none.
    """
    nothing = Link("", "", 0, None)
    length = (link or nothing).length
    same = hmac.compare_digest(token_of(key, link or nothing).encode(), read_token(token, length).encode())
    if link is None or not same:
        return "unknown"
    return "valid" if link.ends is None or now < link.ends else "expired"
