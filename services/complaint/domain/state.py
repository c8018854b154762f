"""Phases of a complaint, and the register that numbers them. No plain text of anybody is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.complaint import Rung
from contracts.words import Stance, StandardRef
from services.kit.deadlines import Clock


@dataclass(frozen=True, slots=True)
class Case:
    """``handler``, ``officer``, ``examiner``: positions. ``reached``: the highest rung that it was handed to.

    ``entered``: an officer wrote it down; ``channel`` and ``paper``, its number in the paper book, as he did.
    ``desk``: the position above the officer's that sorts it, where he is complained about.

    ``barred``: persons complained about; ``barred_at``: positions that they hold. ``subjects``: whose keys end with the
    retention. ``told_acknowledge``: of which limit it has been said that it is over. ``left_told``: that automatic mail
    comes to it.
    """

    complaint_id: UUID
    number: str
    kind: str
    stance: Stance
    code_mac: str
    standard: StandardRef
    filed_at: datetime
    officer: str
    acknowledge_by: datetime | None
    rungs: tuple[Rung, ...]
    subjects: tuple[str, ...]
    told_acknowledge: datetime | None = None
    entered: bool = False
    channel: str = ""
    paper: str = ""
    complaint_class: str = ""
    restricted: bool = False
    examiner: str | None = None
    handler: str | None = None
    desk: str | None = None
    reached: int = 0
    barred: frozenset[str] = frozenset()
    barred_at: frozenset[str] = frozenset()
    objections: int = 0
    left_told: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody has heard of it."""


@dataclass(frozen=True, slots=True)
class Filed:
    case: Case
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    case: Case
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Classified:
    """Nobody handles it yet but the officer."""

    case: Case
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Assigned:
    case: Case
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Waits for the reporter. ``silent_at``: when the handler hears that nothing has come; None: he has."""

    case: Case
    clock: Clock | None
    reason: str
    silent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An answer waits for ``approver``, a position. ``by``: who proposed it."""

    case: Case
    clock: Clock | None
    approver: str
    by: str


@dataclass(frozen=True, slots=True)
class Answered:
    """``object_until``: None: no objection is left."""

    case: Case
    clock: Clock | None
    object_until: datetime | None
    close_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """``ended``: the reporter's keys are destroyed."""

    case: Case
    outcome: str
    retain_until: datetime
    ended: bool = False
    clock: Clock | None = None


Sorting = Filed | Acknowledged
Working = Classified | Assigned
Open = Sorting | Working | Asked | Proposed | Answered
Known = Open | Closed
Complaint = Absent | Known

OPEN = (Filed, Acknowledged, Classified, Assigned, Asked, Proposed, Answered)
KNOWN = (*OPEN, Closed)
EVERY = (Absent, *KNOWN)


@dataclass(frozen=True, slots=True)
class Register:
    """``last``: the number that was taken last, in this year. ``opening``: where it begins, where that was said."""

    last: int = 0
    opened: bool = False
    opening: int = 0


def complaint_stream(complaint_id: object) -> str:
    return f"complaint:{complaint_id}"


def register_stream(year: int) -> str:
    return f"register:{year}"


def phase(state: Complaint) -> str:
    """As a slug, for the detail of a refusal."""
    return type(state).__name__.lower()


def sorter(case: Case) -> str:
    """The position that receives and sorts it."""
    return case.desk or case.officer


def above(position: str, rungs: tuple[Rung, ...], barred_at: frozenset[str]) -> str | None:
    """Whose it is in place of this position: the next rung of the ladder that nobody complains about.

    Of who stands on none: the first of those that are reached by time, for they lead; the others work for him.
    """
    at = next((at for at, rung in enumerate(rungs, 1) if rung.position == position), None)
    leading = tuple(rung for rung in rungs if rung.due_at is not None) or rungs
    wanted = leading if at is None else rungs[at:]
    return next((rung.position for rung in wanted if rung.position not in barred_at), None)


def above_officer(officer: str, superior: str | None, rungs: tuple[Rung, ...], barred_at: frozenset[str]) -> str | None:
    """Who sorts it where the officer is complained about: whom the standard names, else who leads by the ladder."""
    return superior if superior is not None and superior not in barred_at else above(officer, rungs, barred_at)


def level(case: Case) -> int:
    """The rung on which it stands: whoever has it by assignment stands where his position does."""
    at = next((at for at, rung in enumerate(case.rungs, 1) if rung.position == case.handler), 0)
    return max(case.reached, at)


def next_rung(case: Case, *, by_time: bool = False) -> tuple[int, Rung] | None:
    """The next one up whose position nobody complains about; none for a restricted case, which climbs no ladder.

    ``by_time``: of those that are reached by themselves; one that is reached by hand only keeps nothing back.
    """
    if case.restricted:
        return None
    above = enumerate(case.rungs[level(case) :], level(case) + 1)
    free = ((at, rung) for at, rung in above if rung.position not in case.barred_at)
    return next(((at, rung) for at, rung in free if rung.due_at is not None or not by_time), None)
