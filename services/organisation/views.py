"""Who is who at this moment, and which standards are in force: folded from the own log, kept in memory, never stored.

Names stay sealed here and are opened for an answer, so that an erased key erases them at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from contracts.base import Actor, Holding, Recorded
from contracts.organisation import (
    HolderAppointed,
    People,
    PeopleAnswer,
    PersonRow,
    StandardPublished,
    StandardRow,
    Standards,
    StandardsAnswer,
    TokenIssued,
    TokenRevoked,
    UserAdded,
)
from services.organisation.ports import Log, OpenField

BATCH = 500
FRESH_SECONDS = 0.2
UNTIL_A_STANDARD_SAYS = "Asia/Jakarta"  # only decides on which civil day an appointment begins

Key = tuple[str, str]
"""(agency, id)."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A snapshot; a batch of events gives the next one."""

    position: int = 0
    people: Mapping[Key, UserAdded] = field(default_factory=dict)
    positions: Mapping[Key, Mapping[str, HolderAppointed]] = field(default_factory=dict)
    tokens: Mapping[Key, TokenIssued] = field(default_factory=dict)
    standards: Mapping[Key, tuple[StandardPublished, ...]] = field(default_factory=dict)
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)


def folded(directory: Directory, batch: Iterable[Recorded]) -> Directory:
    position, people, positions = directory.position, dict(directory.people), dict(directory.positions)
    tokens, standards, zones = dict(directory.tokens), dict(directory.standards), dict(directory.zones)
    for recorded in batch:
        agency, position = recorded.agency, recorded.position
        match recorded.event:
            case UserAdded() as event:
                people[agency, event.person_id] = event
            case HolderAppointed() as event:
                positions[agency, event.position] = {
                    **positions.get((agency, event.position), {}), event.capacity: event
                }  # fmt: skip
            case TokenIssued() as event:
                tokens[agency, event.token_id] = event
            case TokenRevoked() as event:
                tokens.pop((agency, event.token_id), None)
            case StandardPublished() as event:
                key = (agency, event.standard.standard)
                standards[key] = (*_earlier(standards.get(key, ()), event), event)
                zones[agency] = ZoneInfo(event.rules["zone"])
    return Directory(position, people, positions, tokens, standards, zones)


def _earlier(versions: tuple[StandardPublished, ...], event: StandardPublished) -> Iterator[StandardPublished]:
    """The newest version may be published again with another calendar: the later fact stands for it."""
    return (version for version in versions if version.standard.version != event.standard.version)


def holder_of(appointments: Mapping[str, HolderAppointed], today: date) -> HolderAppointed | None:
    """Who acts for a position today: a Plh. before a Plt. before the holder, each within his dates."""
    for capacity in ("plh", "plt", "holder"):
        appointment = appointments.get(capacity)
        if appointment and _within(appointment, today):
            return appointment
    return None


def _within(appointment: HolderAppointed, today: date) -> bool:
    day = today.isoformat()
    return (appointment.from_on or day) <= day <= (appointment.until_on or day)


class LogRegister:
    """`ports.Register` over the own log. One reader at a time; a snapshot is exchanged whole."""

    def __init__(self, log: Log, decode: Callable[[int, bytes], Recorded], open_field: OpenField) -> None:
        self._log = log
        self._decode = decode
        self._open = open_field
        self._directory = Directory()
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")

    async def fresh(self, *, now: bool = False) -> None:
        """Read on when the last look is older than `FRESH_SECONDS`, or now."""
        asked_at = time.monotonic()
        oldest = asked_at if now else asked_at - FRESH_SECONDS
        async with self._reading:
            if self._read_at >= oldest:
                return
            begun = time.monotonic()
            self._directory = await asyncio.to_thread(self._caught_up, self._directory)
            self._read_at = begun

    def _caught_up(self, directory: Directory) -> Directory:
        while rows := self._log.read(directory.position, BATCH):
            directory = folded(directory, [self._decode(row.position, row.data) for row in rows])
        return directory

    @property
    def position(self) -> int:
        return self._directory.position

    def person(self, agency: str, person_id: str, at: datetime) -> Actor | None:
        directory = self._directory
        person = directory.people.get((agency, person_id))
        if person is None:
            return None
        holdings = tuple(_holdings(directory, agency, person_id, _today(directory, agency, at)))
        roles = tuple(dict.fromkeys([*person.roles, *(held.role for held in holdings)]))
        return Actor(
            id=person_id,
            name=str(self._open(person.name)),
            nip=str(self._open(person.nip)),
            roles=roles,
            holdings=holdings,
        )

    def token(self, agency: str, token_id: str) -> Actor | None:
        token = self._directory.tokens.get((agency, token_id))
        return Actor(id=token_id, name=token.label, roles=(token.role,)) if token else None

    def people(self, agency: str, asked: People, at: datetime) -> PeopleAnswer:
        """By id; ``role``: also those who have it by a position that they hold now."""
        ids = sorted(person_id for owner, person_id in self._directory.people if owner == agency)
        actors = [actor for person_id in ids if (actor := self.person(agency, person_id, at))]
        return PeopleAnswer(
            people=tuple(
                PersonRow(
                    person_id=actor.id,
                    name=actor.name,
                    nip=actor.nip,
                    roles=actor.roles,
                    positions=tuple(held.position for held in actor.holdings),
                )
                for actor in actors
                if asked.role is None or asked.role in actor.roles
            )
        )

    def standards(self, agency: str, _asked: Standards, at: datetime) -> StandardsAnswer:
        """Of each standard the newest version that has begun."""
        directory = self._directory
        today = _today(directory, agency, at).isoformat()
        begun = (
            [version for version in versions if version.valid_from <= today]
            for (owner, _), versions in sorted(directory.standards.items())
            if owner == agency
        )
        return StandardsAnswer(standards=tuple(_row(versions[-1]) for versions in begun if versions))


def _row(event: StandardPublished) -> StandardRow:
    return StandardRow(
        standard=event.standard,
        name=event.name,
        valid_from=event.valid_from,
        components=event.components,
        rules=event.rules,
    )


def _holdings(directory: Directory, agency: str, person_id: str, today: date) -> Iterator[Holding]:
    for (owner, position), appointments in directory.positions.items():
        holder = holder_of(appointments, today) if owner == agency else None
        if holder and holder.person_id == person_id:
            yield Holding(position=position, title=holder.title, capacity=holder.capacity, role=holder.role)


def _today(directory: Directory, agency: str, at: datetime) -> date:
    zone = directory.zones.get(agency) or ZoneInfo(UNTIL_A_STANDARD_SAYS)
    return at.astimezone(UTC).astimezone(zone).date()
