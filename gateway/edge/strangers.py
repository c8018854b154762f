"""Whoever is nobody in particular: one actor for all strangers, and how often a network may send something in.

With script a stranger's browser has worked for what it sends (`gateway.edge.proofs`) and pays little; without, there is
a small budget for each network and one for the whole agency. Networks stand in memory under a key that changes daily.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from contracts.base import Actor
from contracts.words import PUBLIC
from gateway.edge.budgets import Budget, Budgets
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem

STRANGER = Actor(id=PUBLIC, roles=(PUBLIC,))

FILINGS = Budget("filings", 30, 0.2)
"""Forms sent in with proof of work."""
PLAIN = Budget("plain filings", 4, 1 / 300)
"""The same without: a family, a counter's tablet."""
PLAIN_OF_ALL = Budget("plain filings of all", 120, 1 / 15)
"""Of one agency together, so that a thousand networks are no more than one crowd."""
LOOKS = Budget("looks", 20, 1 / 20)
"""Numbers with a code that is not theirs."""

UPLOADS = Budget("uploads", 600, 0.25)
"""Megabytes of files: an office behind one address at once, then 900 an hour."""
UPLOADS_OF_ALL = Budget("uploads of all", 4_000, 0.5)
"""Of one agency together: what nobody files lies a day on the disk, so no more than 50 GB do."""


def stranger(agency: str) -> Visitor:
    """Somebody without a session, as one who asks."""
    return Visitor(agency, STRANGER, frozenset(STRANGER.roles), machine=False, csrf="", secret_sha256="")


async def spend_for_filing(budgets: Budgets, agency: str, network: str, proven: Callable[[], Awaitable[bool]]) -> None:
    """``proven`` is asked only of who has not sent too much already: to check costs something. Raises Problem 429 with
    the seconds after which it is worth trying again.
    """
    budgets.spend(FILINGS, network)
    if await proven():
        return
    budgets.spend(PLAIN, network)
    try:
        budgets.spend(PLAIN_OF_ALL, agency)
    except Problem:
        budgets.give_back(PLAIN, network)  # it was not he who used it up
        raise


def spend_for_upload(budgets: Budgets, agency: str, network: str, size: int, most: int) -> None:
    """``size``: bytes; what is larger than ``most`` is not taken, and costs nothing. Raises Problem 429."""
    if size > most:
        return
    amount = max(1.0, size / 1_048_576)
    budgets.spend(UPLOADS, network, amount)
    try:
        budgets.spend(UPLOADS_OF_ALL, agency, amount)
    except Problem:
        budgets.give_back(UPLOADS, network, amount)
        raise


@contextmanager
def looking(budgets: Budgets, network: str) -> Iterator[list[object]]:
    """Costs a look until something found is put into the list. Raises Problem 429 before anything is asked."""
    budgets.spend(LOOKS, network)
    found: list[object] = []
    yield found
    if found:
        budgets.give_back(LOOKS, network)
