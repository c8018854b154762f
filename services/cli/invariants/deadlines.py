"""I10: every deadline and limit follows from the facts and the calendar that held then; each is said over once.

What still runs stands in the store's timers at its moment, and nothing that came due is left unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    RoundClosed,
    RoundOpened,
    RoundRetimed,
    TierInitialled,
    TierLimitMoved,
    TierOverdue,
    TierReturned,
    TurnLimit,
)
from contracts.base import Recorded
from contracts.dispatch import (
    CopyDelivered,
    CopyTransmitted,
    CourierAssigned,
    DeliveryFailed,
    DeliveryLimitMoved,
    DeliveryOverdue,
    DispatchClosed,
    DispatchPlanned,
    DispatchRetimed,
    ProofWaived,
)
from contracts.intake import (
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    LetterCancelled,
    LetterForwarded,
    LetterOverdue,
    LetterRegistered,
    SeasonsAdopted,
    StandardAdopted,
    WorkingTimeChanged,
)
from services.approval.policy import turn_limit
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.dispatch.policy import deliver_by
from services.intake.domain import clock
from services.intake.domain.evolve import evolve_standard
from services.intake.domain.state import Standard, Years
from services.intake.policy import deadline, working_time
from services.kit.codec.envelope import Undecodable, decode
from services.kit.store.timetable import micros
from services.kit.worktime import Pause

SERVICES = ("intake", "approval", "dispatch")
GRACE = timedelta(seconds=30)
OVER = ("overdue", "escalate-", "deliver-")  # names of the timers that say that a limit is over


@dataclass
class ClockCase:
    """What one letter still has to keep, by what it belongs to ("" or a copy's id)."""

    running: dict[str, datetime] = field(default_factory=dict)
    over: dict[str, datetime] = field(default_factory=dict)
    registered: LetterRegistered | None = None
    opened: RoundOpened | None = None
    planned: DispatchPlanned | None = None
    pauses: list[Pause] = field(default_factory=list)
    paused_at: datetime | None = None
    since: datetime | None = None
    turn: tuple[int, datetime] | None = None
    assigned: dict[str, datetime] = field(default_factory=dict)


class Deadlines:
    """Reads along; memory holds what is running."""

    def __init__(self) -> None:
        self._breaches = Breaches()
        self._cases: dict[tuple[str, str], ClockCase] = {}
        self._standards: dict[tuple[str, str], Standard] = {}
        self._years: dict[str, Years] = {}
        self._counted = 0
        self._said = 0
        self._timers = 0
        self._last: datetime | None = None
        self._left: list[str] = []
        self._unknown = 0

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service not in SERVICES:
            return
        for each in seen:
            try:
                recorded = decode(each.row.position, each.row.data)
            except Undecodable:  # I2 names it
                continue
            self._last = recorded.at
            self._tell(recorded, each.where(source))

    def end(self, source: Source) -> None:
        """Compares what runs with the timers that stand, where nothing was written in between."""
        if source.service not in SERVICES:
            return
        if source.log.head() == source.head:
            self._compare(source)
        else:
            self._left.append(f"the timers of {source.service}: facts came while they were read")
        self._cases.clear()
        self._last = None

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"deadlines": self._counted, "overdue": self._said, "timers": self._timers}
        fine = "deadlines follow from the facts and their calendar, each is said over once, none is left unsaid"
        left = [*self._left]
        if self._unknown:
            left.append(f"{self._unknown} deadlines of standards that intake has not adopted")
        return self._breaches.finding("I10", fine, figures, left)

    def _tell(self, recorded: Recorded, where: str) -> None:
        event: Any = recorded.event
        match event:
            case StandardAdopted():
                key = (recorded.agency, event.standard.standard)
                self._standards[key] = evolve_standard(self._standards.get(key, Standard()), event)
                return
            case CalendarAdopted() | SeasonsAdopted():
                years = self._years.get(recorded.agency, Years())
                self._years[recorded.agency] = clock.evolve_years(years, event)
                return
        key = (recorded.agency, recorded.stream)
        case = self._cases.setdefault(key, ClockCase())
        case.since = recorded.at
        try:
            for wanted, found, what in _due(self, recorded, case):
                self._counted += 1
                if wanted != found:
                    self._breaches.add(where, f"{what} is stored as {found}, the calendar says {wanted}")
        except ValueError as error:
            self._breaches.add(where, f"its deadline cannot be reckoned: {error}")
        self._follow(recorded, case, where)
        if not case.running and isinstance(event, LetterCancelled | ClockStopped | ApprovalCompleted | DispatchClosed):
            del self._cases[key]

    def rules_of(self, agency: str, registered: LetterRegistered) -> dict[str, Any] | None:
        standard = self._standards.get((agency, registered.standard.standard))
        if standard is None or standard.version(registered.standard.version) is None:
            self._unknown += 1
            return None
        return clock.rules_of(registered.standard.version, standard, self._years.get(agency, Years()))

    def _follow(self, recorded: Recorded, case: ClockCase, where: str) -> None:  # noqa: C901 - a table: one row per fact
        """What runs after this fact; a limit is said to be over after its moment, and once."""
        event: Any = recorded.event
        match event:
            case LetterRegistered() | DeadlineMoved():
                case.running, case.over = {"": event.due_at}, {}
            case ClockPaused():
                case.running, case.paused_at = {}, event.at
            case ClockResumed() if case.registered is not None:
                case.running = {"": case.registered.due_at} if not case.over else {}
            case RoundOpened(limit=limit) | TierInitialled(next_limit=limit) | TierReturned(next_limit=limit):
                case.running, case.over = ({"": limit.due_at} if limit else {}), {}
            case ApprovalCompleted() | ApprovalReturned() | RoundClosed() | DispatchClosed():
                case.running = {}
            case LetterCancelled() | ClockStopped():
                case.running = {}
            case TierLimitMoved():
                case.running = {"": event.due_at}
            case DeliveryLimitMoved():
                case.running[str(event.copy_id)] = event.due_at
            case CourierAssigned():
                for copy_id in map(str, event.copy_ids):
                    case.running.pop(copy_id, None)
                    case.over.pop(copy_id, None)
                case.running |= {str(limit.copy_id): limit.due_at for limit in event.limits}
            case CopyDelivered() | CopyTransmitted() | ProofWaived() | DeliveryFailed():
                case.running.pop(str(event.copy_id), None)
            case LetterOverdue() | TierOverdue() | DeliveryOverdue():
                self._over(recorded, case, where)

    def _over(self, recorded: Recorded, case: ClockCase, where: str) -> None:
        event: Any = recorded.event
        self._said += 1
        place = str(event.copy_id) if isinstance(event, DeliveryOverdue) else ""
        expected = case.running.pop(place, None)
        if place in case.over:
            self._breaches.add(where, f"the limit of {event.due_at} is said to be over a second time")
        elif expected != event.due_at:
            self._breaches.add(where, f"the limit of {event.due_at} is said to be over, but {expected} was running")
        elif recorded.at < event.due_at:
            self._breaches.add(where, f"the limit of {event.due_at} is said to be over before its moment")
        case.over[place] = event.due_at

    def _compare(self, source: Source) -> None:
        try:
            with source.engine.connect() as connection:
                rows = connection.execute(text("SELECT agency, stream, name, due_at, tries, reason FROM timers")).all()
        except SQLAlchemyError as error:
            self._breaches.add(source.service, f"the timers cannot be read ({type(error).__name__})")
            return
        self._timers += len(rows)
        standing = {(row.agency, row.stream, row.due_at) for row in rows if row.name.startswith(OVER)}
        wanted = {
            (agency, stream, micros(due_at))
            for (agency, stream), case in self._cases.items()
            for due_at in case.running.values()
        }
        for agency, stream, _ in sorted(wanted - standing):
            self._breaches.add(f"{source.service}/{agency}, {stream}", "a limit runs for which no timer stands")
        for agency, stream, _ in sorted(standing - wanted):
            self._breaches.add(f"{source.service}/{agency}, {stream}", "a timer stands for a limit that does not run")
        for row in rows:
            place = f"{source.service}/{row.agency}, {row.stream}, timer {row.name}"
            if row.tries:
                self._breaches.add(place, f"it was asked {row.tries} times and refused: {row.reason}")
            elif self._last is not None and max(row.due_at, self._since(row)) < micros(self._last - GRACE):
                self._breaches.add(place, "it came due and was not asked, although the service was at work since")

    def _since(self, row: Any) -> int:
        """The last fact of the timer's case: what was late already when it was set is late from then on."""
        case = self._cases.get((row.agency, row.stream))
        return micros(case.since) if case and case.since else 0


def _due(deadlines: Deadlines, recorded: Recorded, case: ClockCase) -> Iterator[tuple[Any, Any, str]]:
    """What the calendar says and what is stored, for each deadline that this fact sets."""
    event: Any = recorded.event
    match event:
        case LetterRegistered():
            case.registered = event
            if (rules := deadlines.rules_of(recorded.agency, event)) is not None:
                yield from _dated(deadline(rules, event.received_at), event, "the deadline")
        case ClockResumed() if case.paused_at is not None:
            case.pauses.append(Pause(case.paused_at, event.at))
            case.paused_at = None
        case DeadlineMoved() if case.registered is not None:
            if (rules := deadlines.rules_of(recorded.agency, case.registered)) is not None:
                wanted = deadline(rules, case.registered.received_at, tuple(case.pauses))
                yield from _dated(wanted, event, "the moved deadline")
            case.registered = case.registered.model_copy(update={"due_at": event.due_at})
        case LetterForwarded() | WorkingTimeChanged() if case.registered is not None:
            if (rules := deadlines.rules_of(recorded.agency, case.registered)) is not None:
                since = (case.registered.received_at, recorded.at)  # the second: as it was told before limits moved
                known = [working_time(rules, moment) for moment in since]
                told = event.working_time
                yield (told if told in known else known[0]), told, "the working time of its limits"
        case _:
            yield from _limits(recorded, case)


def _limits(recorded: Recorded, case: ClockCase) -> Iterator[tuple[Any, Any, str]]:  # noqa: C901 - a table: one row per fact
    event: Any = recorded.event
    match event:
        case RoundOpened():
            case.opened = event
            yield from _turn(case, 0, event.opened_at, event.limit)
        case TierInitialled():
            yield from _turn(case, event.tier + 1, recorded.at, event.next_limit)
        case TierReturned() if case.opened is not None:
            below = case.opened.tiers[: event.tier]
            number = max(number for number, tier in enumerate(below) if tier.position == event.next_position)
            yield from _turn(case, number, recorded.at, event.next_limit)
        case RoundRetimed():
            _round_retimed(case, event)
        case TierLimitMoved():
            yield case.running.get(""), event.due_at, f"the moved limit of tier {event.tier}"
        case DispatchPlanned():
            case.planned = event
        case DispatchRetimed():
            _dispatch_retimed(case, event)
        case DeliveryLimitMoved():
            yield case.running.get(str(event.copy_id)), event.due_at, "the courier's moved limit"
        case CourierAssigned() if case.planned is not None and event.assigned_at is not None:
            stored = {limit.copy_id: limit.due_at for limit in event.limits}
            for copy in case.planned.copies:
                if copy.copy_id in event.copy_ids:
                    case.assigned[str(copy.copy_id)] = event.assigned_at
                    wanted = deliver_by(copy, event.assigned_at, case.planned.working_time)
                    yield wanted, stored.get(copy.copy_id), f"the courier's limit for {copy.office}"


def _round_retimed(case: ClockCase, event: RoundRetimed) -> None:
    """What runs from now on, whether or not the fact that says so follows."""
    if case.opened is None:
        return
    case.opened = case.opened.model_copy(update={"working_time": event.working_time})
    if case.running and case.turn is not None:
        number, begins_at = case.turn
        limit = turn_limit(case.opened.tiers, number, begins_at, event.working_time)
        case.running = {"": limit.due_at} if limit else {}


def _dispatch_retimed(case: ClockCase, event: DispatchRetimed) -> None:
    if case.planned is None:
        return
    case.planned = case.planned.model_copy(update={"working_time": event.working_time})
    for copy in case.planned.copies:
        copy_id = str(copy.copy_id)
        if copy_id in case.running and copy_id in case.assigned:
            due_at = deliver_by(copy, case.assigned[copy_id], event.working_time)
            case.running |= {copy_id: due_at} if due_at else {}


def _turn(
    case: ClockCase, number: int, begins_at: datetime | None, stored: TurnLimit | None
) -> Iterator[tuple[Any, Any, str]]:
    opened = case.opened
    if opened is None or begins_at is None:
        return
    wanted = turn_limit(opened.tiers, number, begins_at, opened.working_time) if number < len(opened.tiers) else None
    case.turn = (number, begins_at) if stored is not None and stored.begins_at is not None else None
    if wanted is not None and stored is not None and stored.begins_at is None:
        wanted = wanted.model_copy(update={"begins_at": None})
    yield wanted, stored, f"the limit of tier {number}"


def _dated(
    wanted: tuple[datetime, str], stored: LetterRegistered | DeadlineMoved, what: str
) -> Iterator[tuple[Any, Any, str]]:
    """The moment, and the version of the calendar that it is said to come from."""
    due_at, calendar = wanted
    yield due_at, stored.due_at, what
    yield calendar, stored.calendar, f"the calendar of {what}"
