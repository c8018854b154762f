"""Phases of a letter's dispatch. Only what a decision asks for; receivers' names are not kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.words import Copy, WorkingTime


@dataclass(frozen=True, slots=True)
class Plan:
    revision: int
    copies: tuple[Copy, ...]
    assigner: str
    working_time: WorkingTime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported of a copy: ``moment`` counts, ``content`` tells the same report from another."""

    moment: datetime | None
    content: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A copy on its way. ``failed``: the last attempt since it was assigned; ``proof``: it arrived, or was waived.

    ``deliver_by``: the courier's limit; ``late``: it has been said that it is over.
    """

    copy: Copy
    courier_id: str | None = None
    assigned_at: datetime | None = None
    failed: Report | None = None
    proof: Report | None = None
    deliver_by: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Unplanned:
    """``approved``: the revision whose initials are complete, 0 for none."""

    approved: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    plan: Plan
    approved: int = 0


@dataclass(frozen=True, slots=True)
class Released:
    plan: Plan
    items: tuple[Item, ...]
    released_at: datetime | None
    approved: int = 0

    def item(self, copy_id: UUID) -> Item | None:
        return next((item for item in self.items if item.copy.copy_id == copy_id), None)


@dataclass(frozen=True, slots=True)
class Proven(Released):
    """Every copy has its proof."""


@dataclass(frozen=True, slots=True)
class Archived(Released):
    """``refused``: the highest revision that came too late."""

    classification: str = ""
    place: str = ""
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Held(Released):
    """Being revised; without items where it had not been released. ``revision``: the one that is being written."""

    revision: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    reason: str


Dispatch = Unplanned | Planned | Released | Closed


def stream(letter_id: UUID) -> str:
    return f"dispatch:{letter_id}"
