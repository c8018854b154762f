"""How often one address may ask what needs no login. Buckets that fill by themselves, in memory, under a key that ends
with the day: an address is in no log, on no disk, and not even here as it is written.
"""

import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from fastapi import Request

from gateway.edge.addresses import address_of, network_around
from gateway.edge.problems import Problem

KEPT = 50_000
KEY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Budget:
    """``at_once`` in a row, then ``per_second``. An office may stand behind one address."""

    name: str
    at_once: int
    per_second: float


PAGES = Budget("pages", 120, 4.0)
SHEETS = Budget("sheets", 30, 0.5)
LOGINS = Budget("logins", 20, 0.2)
"""Failed ones: who logs in gets his back."""

# By the name of the public route; the logins take theirs themselves (`gateway.edge.principals`), once they know whose.
BUDGETS: Mapping[str, Budget | None] = {
    "copy.verify": PAGES,
    "copy.page": PAGES,
    "home": PAGES,
    "page.office": PAGES,
    "page.standard": PAGES,
    "page.pledge": PAGES,
    "login": PAGES,
    "language": PAGES,
    "openapi": PAGES,
    "asyncapi": PAGES,
    "standard.pdf": SHEETS,
    "pledge.pdf": SHEETS,
    # Spent where they are served: who is refused keeps what he has written (`gateway.edge.strangers`).
    "filing.address": PAGES,
    "filing.page": PAGES,
    "filing.submit": None,
    "filing.receipt": SHEETS,
    "tracking.page": PAGES,
    "tracking.show": None,
    "public.challenge": PAGES,
    "public.account-requests": None,
    "public.account-requests-files": None,
    "public.complaints": None,
    "public.complaints-files": None,
    "public.track": None,
    "copy.find": None,
    "tracking.reply": None,
    "tracking.letter": None,
    "claims.page": PAGES,
    "claims.set": None,
    "secrets.page": PAGES,
    "secrets.change": None,
    "login.submit": None,
    "sessions.open": None,
    "sessions.first": None,
    "static": None,  # files that a browser keeps
    "healthz": None,  # asked by machines, and answered from memory
    "readyz": None,
    "metrics": None,
}


class Budgets:
    """Asked by name and address. The one not asked for longest is forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._new_day()

    def spend(self, budget: Budget, who: str, amount: float = 1) -> None:
        """Raises Problem 429 with the seconds after which there is so much again."""
        name, left, now = self._left(budget, who)
        if left < amount:
            self._keep(name, left, now)
            raise Problem("gateway.too-many", 429, seconds=math.ceil((amount - left) / budget.per_second))
        self._keep(name, left - amount, now)

    def left(self, budget: Budget, who: str) -> bool:
        """Whether there is one; nothing is spent."""
        return self._left(budget, who)[1] >= 1

    def name(self, budget: Budget, who: str) -> bytes:
        """What stands for them today, and for nobody tomorrow."""
        return self._left(budget, who)[0]

    def give_back(self, budget: Budget, who: str, amount: float = 1) -> None:
        name, left, now = self._left(budget, who)
        self._keep(name, min(left + amount, float(budget.at_once)), now)

    def _new_day(self) -> None:
        """Nobody can tell any more who asked yesterday; everybody begins with a full bucket."""
        self._key = secrets.token_bytes(32)
        self._key_ends = self._clock() + KEY_SECONDS
        self._buckets.clear()

    def _left(self, budget: Budget, who: str) -> tuple[bytes, float, float]:
        now = self._clock()
        if now >= self._key_ends:
            self._new_day()
        name = blake2b(f"{budget.name} {who}".encode(), key=self._key, digest_size=16).digest()
        left, since = self._buckets.get(name, (float(budget.at_once), now))
        return name, min(float(budget.at_once), left + (now - since) * budget.per_second), now

    def _keep(self, name: bytes, left: float, now: float) -> None:
        self._buckets[name] = (left, now)
        self._buckets.move_to_end(name)
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)


def network_of(request: Request) -> str:
    """The network that the client's address lies in, as far as one household or office may reach."""
    return network_around(request.client.host) if request.client is not None else ""


def client_of(request: Request) -> str:
    """The client's address; behind a proxy that is trusted, the one that it names."""
    return address_of(request.client.host) if request.client is not None else ""
