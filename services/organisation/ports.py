"""What the organisation needs from outside."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from contracts.base import Accepted, Actor, Ask, Erased, Refusal, Sealed
from contracts.organisation import People, PeopleAnswer
from contracts.words import ClosedDay

Destroy = Callable[[str, str], Awaitable[tuple[str, ...]]]
"""``async (agency, subject_id) -> key ids``: the person's keys are gone when it returns."""

Propose = Callable[[int], Awaitable[tuple[ClosedDay, ...]]]
"""``async (year) -> closed days``: what a year will probably be, before anybody has decreed it."""

Seats = Callable[[str, str], Awaitable[tuple[str, ...]]]
"""``async (agency, person_id) -> positions``: where somebody is appointed, today or from a later day on."""

Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]
"""The one road of a command: the own writer, or the bus from another process."""

OpenField = Callable[[Sealed], str | Erased]


class Row(Protocol):
    """A stored event as the log gives it."""

    @property
    def position(self) -> int: ...

    @property
    def data(self) -> bytes: ...


class Log(Protocol):
    """The own log; calls block."""

    def read(self, after: int, limit: int) -> Sequence[Row]: ...


class Register(Protocol):
    """Who somebody is at a moment; the answers come from the own events."""

    async def fresh(self, *, now: bool = False) -> None:
        """Read what has been written lately; ``now``: up to this very moment."""

    def person(self, agency: str, person_id: str, at: datetime) -> Actor | None: ...

    def ended_at(self, agency: str, person_id: str) -> datetime | None:
        """When his access ended last; what opened the door before opens it no more."""

    def called(self, agency: str) -> tuple[str, ...]:
        """The agency's and its office's names, as everybody knows them."""

    def token(self, agency: str, token_id: str) -> Actor | None: ...

    def people(self, agency: str, asked: People, at: datetime) -> PeopleAnswer: ...
