"""Secrets: words that are proposed, and what programs can be given. None is kept here, and none is told on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from contracts.account_provisioning import RequestFiled, RequestSupplemented
from contracts.base import Erased, Recorded, Refusal, Sealed
from services.account_provisioning import policy
from services.kit.guessing import LONGEST, guessed, words

WORDS = 6


def proposed() -> str:
    """Six words: more than 50 bits, and no sign that a phone's keyboard hides."""
    return "-".join(secrets.choice(words()) for _ in range(WORDS))


def fit(secret: str) -> bool:
    """Whether programs can be given it: not empty, not longer than is looked at, nothing that is no sign."""
    return bool(secret.strip()) and len(secret) <= LONGEST and secret.isprintable()


def poor(
    secret: str, known: Sequence[str], told: Sequence[Recorded], opened: Callable[[Sealed], str | Erased]
) -> Refusal | None:
    """The refusal of a secret that would be guessed; None: it would not. ``told``: the facts of its request, for
    what others know of him; ``known``: what they know besides. Blocks.
    """
    sealed = [
        field
        for each in told
        if isinstance(each.event, RequestFiled | RequestSupplemented)
        for field in (getattr(each.event, "name", None), each.event.nip, each.event.contact)
        if field is not None
    ]
    his = [said for field in sealed if not isinstance(said := opened(field), Erased)]
    why = guessed(secret, (*known, *his))
    if why == "personal":
        return policy.refuse("secret-personal")
    return policy.refuse("secret-too-plain") if why else None
