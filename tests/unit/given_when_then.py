"""Decisions without a store: facts are folded with the service's own tables, claims come from accepted decisions.

    desk = Desk("pekalongan", INTAKE)
    desk.given(stream, *events).when(command, actor).then(Event, ...)      # or .refused("intake.not-examined")

Several services share one `Desk`; `tell` hands new facts to the reactions of the others, in order, as the road does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID, uuid5

from contracts.base import Actor, Command, Event, Recorded, Refusal
from services.kit.deciding import Accept, Commands, Decision, Given, StreamKind
from services.kit.service import Reaction

E = TypeVar("E", bound=Event)
ROOT = UUID("00000000-0000-5000-8000-000000000001")
SERVICE = Actor(id="caraka", roles=("service",))


@dataclass(frozen=True)
class Tables:
    """What one service's handlers and reactions offer."""

    name: str
    commands: Commands
    streams: Mapping[str, StreamKind]
    reactions: Mapping[type[Event], Reaction]

    @classmethod
    def of(cls, name: str, handlers: ModuleType, reactions: ModuleType) -> Tables:
        return cls(name, handlers.COMMANDS, handlers.STREAMS, reactions.REACTIONS)


@dataclass
class Desk:
    """One agency's office. ``log`` holds every fact in order; ``parked`` what a reaction was refused."""

    agency: str
    services: tuple[Tables, ...]
    now: datetime = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)
    log: list[Recorded] = field(default_factory=list)
    parked: list[tuple[Command, Refusal]] = field(default_factory=list)
    decision: Decision = field(default_factory=Accept)
    _states: dict[tuple[str, str], Any] = field(default_factory=dict)
    _claims: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _asked: int = 0
    _told: int = 0

    def given(self, stream: str, *events: Event) -> Desk:
        """Facts that have happened already."""
        for event in events:
            self._append(event.service(), stream, event)
        return self

    def when(self, command: Command, actor: Actor = SERVICE, *, command_id: UUID | None = None) -> Desk:
        """Decides, and keeps what was accepted."""
        tables = next(tables for tables in self.services if tables.name == command.service())
        self._asked += 1
        reading = _Reading(self, tables)
        given = Given(self.agency, actor, self.now, command_id or uuid5(ROOT, str(self._asked)), reading)
        row = tables.commands[type(command)]
        stream = row.stream(command, given)
        kind = tables.streams[stream.partition(":")[0]]
        self.decision = row.decision(command, reading.load(stream), given, kind)
        if isinstance(self.decision, Accept):
            for claim in self.decision.claims:
                owner = self._claims.setdefault((tables.name, claim.kind, claim.key), claim.owner)
                assert owner == claim.owner, f"{claim} belongs to {owner} already"
            for stream, event in self.decision.events:
                assert event.service() == tables.name, "a service writes its own facts only"
                self._append(tables.name, stream, event)
        return self

    def then(self, *expected: type[Event] | Event) -> Desk:
        """Exactly these facts, by class or in full."""
        assert isinstance(self.decision, Accept), self.decision
        got = [event for _, event in self.decision.events]
        wanted = list(expected)
        assert len(got) == len(wanted), got
        for fact, wish in zip(got, wanted, strict=True):
            assert type(fact) is wish if isinstance(wish, type) else fact == wish, fact
        return self

    def refused(self, code: str, **detail: object) -> Desk:
        assert isinstance(self.decision, Refusal), self.decision
        assert self.decision.code == code, self.decision
        assert detail.items() <= self.decision.detail.items(), self.decision
        return self

    def tell(self) -> Desk:
        """Every fact that the others have not heard yet goes through their reactions; what is refused is parked."""
        while self._told < len(self.log):
            recorded = self.log[self._told]
            self._told += 1
            for tables in self.services:
                reaction = tables.reactions.get(type(recorded.event))
                asked = reaction(recorded) if reaction else None
                if asked is not None:
                    self.when(asked, command_id=uuid5(recorded.event_id, tables.name))
                    if isinstance(self.decision, Refusal):
                        self.parked.append((asked, self.decision))
        return self

    def later(self, **span: float) -> Desk:
        self.now += timedelta(**span)
        return self

    def fact(self, kind: type[E]) -> E:
        """The latest fact of a kind."""
        return next(r.event for r in reversed(self.log) if isinstance(r.event, kind))

    def _append(self, service: str, stream: str, event: Event) -> None:
        tables = next(tables for tables in self.services if tables.name == service)
        kind, position = tables.streams[stream.partition(":")[0]], len(self.log) + 1
        self._states[service, stream] = kind.evolve(self._states.get((service, stream), kind.initial), event)
        version = 1 + sum(known.service == service and known.stream == stream for known in self.log)
        self.log.append(recorded_as(event, self.agency, stream, version, position, self.now))


def recorded_as(
    event: Event,
    agency: str = "pekalongan",
    stream: str = "stream:1",
    version: int = 1,
    position: int = 1,
    at: datetime = datetime(2026, 3, 12, 7, 0, tzinfo=UTC),
) -> Recorded:
    """A fact as it is read back from a log."""
    return Recorded(
        event_id=uuid5(ROOT, f"{event.kind()}-{position}"),
        agency=agency,
        service=event.service(),
        stream=stream,
        version=version,
        position=position,
        at=at,
        command_id=ROOT,
        correlation_id=ROOT,
        causation_id=None,
        kind=event.kind(),
        event=event,
    )


@dataclass(frozen=True)
class _Reading:
    desk: Desk
    tables: Tables

    def load(self, stream: str) -> Any:
        initial = self.tables.streams[stream.partition(":")[0]].initial
        return self.desk._states.get((self.tables.name, stream), initial)

    def claimed(self, kind: str, key: str) -> str | None:
        return self.desk._claims.get((self.tables.name, kind, key))
