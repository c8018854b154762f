"""A whole office made from its files: four services without a store, people as the register knows them now."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts import REGISTRY
from contracts.base import Accepted, Actor, Ask, Command, Recorded, Refusal, Sealed
from contracts.intake import LetterDeadlineAnswer
from services.intake import views as intake_views
from services.intake.domain.clock import CLOCKS
from services.kit.runtime.deadline_watch import DeadlineWatch
from services.kit.runtime.watched_events import EventPlace
from services.kit.store.identity import StoreId
from services.organisation import handlers as organisation_handlers
from services.organisation.adapters.standards_files import IMPORTER, own_standards, read
from services.organisation.views import people
from services.organisation.views.directory import Directory, folded
from tests.unit.given_when_then import Desk, Tables
from tests.unit.office import APPROVAL, DISPATCH, INTAKE

ORGANISATION = Tables("organisation", organisation_handlers.COMMANDS, organisation_handlers.STREAMS, {})


def house(agency: str = "pekalongan", folder: Path | None = None, now: datetime | None = None) -> Desk:
    """An office whose files have been brought in, and told to everybody."""
    desk = Desk(agency, (ORGANISATION, INTAKE, APPROVAL, DISPATCH))
    desk.now = now or desk.now
    for wanted in read(folder or own_standards()):
        if wanted.agency == agency:
            desk.when(wanted.command, IMPORTER)
            assert not isinstance(desk.decision, Refusal), desk.decision
    return desk.tell()


def directory(desk: Desk) -> Directory:
    return folded(Directory(), [told for told in desk.log if told.service == "organisation"])


def opened(sealed: Sealed) -> str:
    return sealed.plain


def person(desk: Desk, person_id: str) -> Actor:
    """Who somebody is now: what the gateway would put into his command."""
    found = people.actor(directory(desk), opened, desk.agency, person_id, desk.now)
    assert found is not None, person_id
    return found


@dataclass
class Line:
    position: int
    kind: str
    originator_id: str
    data: bytes = b""


class Watched:
    """Intake's own log, writer and what is kept, as `DeadlineWatch` sees them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked = 0
        self.kept: dict[object, tuple[int, Sequence[EventPlace]]] = {}
        self.watch = DeadlineWatch(CLOCKS, self, self.decode, self.execute, lambda: self, lambda: desk.now, self)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def read(self, after: int, limit: int) -> Sequence[Line]:
        own = [told for told in self.desk.log if told.service == "intake" and told.position > after]
        return [Line(told.position, told.kind, f"{told.agency}/{told.stream}") for told in own[:limit]]

    def at(self, positions: Sequence[int]) -> Sequence[Line]:
        return [line for line in self.read(0, len(self.desk.log)) if line.position in positions]

    def head(self) -> int:
        return len(self.desk.log)

    @property
    def store_id(self) -> StoreId:
        return StoreId("house", 1)

    def load(self, of: object) -> tuple[int, Sequence[EventPlace]]:
        return self.kept.get(of, (0, ()))

    def save(self, of: object, position: int, more: Sequence[EventPlace], ended: Collection[str]) -> None:
        known = [*self.kept.get(of, (0, ()))[1], *more]
        self.kept[of] = position, [place for place in known if place.stream not in ended]

    def decode(self, position: int, _data: bytes) -> Recorded:
        return self.desk.log[position - 1]

    async def execute(self, ask: Ask) -> Accepted | Refusal:
        command = REGISTRY[ask.kind].model_validate(ask.body)
        assert isinstance(command, Command)
        self.asked += 1
        self.desk.when(command, ask.actor)
        return Accepted(command_id=ask.command_id, stream="letter", version=1, after="s.1.1")

    def look(self) -> int:
        return asyncio.run(self.watch.look())


def deadline(desk: Desk, letter_id: Any) -> LetterDeadlineAnswer:
    """What intake answers to the question why this letter is due when it is due."""
    letter, calendar = _stream(desk, f"letter:{letter_id}"), _stream(desk, "calendar:years")
    standard = intake_views.standard_of(letter)
    return intake_views.deadline(letter, _stream(desk, f"standard:{standard}"), calendar, desk.now)


def _stream(desk: Desk, stream: str) -> list[Recorded]:
    return [told for told in desk.log if told.service == "intake" and told.stream == stream]


def days(desk: Desk, number: int) -> Desk:
    return desk.later(seconds=timedelta(days=number).total_seconds())
