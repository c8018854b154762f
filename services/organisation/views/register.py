"""The register: answers from a snapshot of the own log that is read on as needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from contracts.base import Actor, Recorded
from contracts.organisation import People, PeopleAnswer, Standards, StandardsAnswer
from services.organisation.ports import Log, OpenField
from services.organisation.views import people, standards
from services.organisation.views.directory import Directory, folded

BATCH = 500
FRESH_SECONDS = 0.2


class LogRegister:
    """`ports.Register` over the own log. One reader at a time; a snapshot is exchanged whole."""

    def __init__(self, log: Log, decode: Callable[[int, bytes], Recorded], open_field: OpenField) -> None:
        self._log = log
        self._decode = decode
        self.open = open_field
        self.directory = Directory()
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
            self.directory = await asyncio.to_thread(self._caught_up, self.directory)
            self._read_at = begun

    def _caught_up(self, directory: Directory) -> Directory:
        while rows := self._log.read(directory.position, BATCH):
            directory = folded(directory, [self._decode(row.position, row.data) for row in rows])
        return directory

    @property
    def position(self) -> int:
        return self.directory.position

    def person(self, agency: str, person_id: str, at: datetime) -> Actor | None:
        return people.actor(self.directory, self.open, agency, person_id, at)

    def ended_at(self, agency: str, person_id: str) -> datetime | None:
        person = self.directory.people.get((agency, person_id))
        return person.ended_at if person else None

    def called(self, agency: str) -> tuple[str, ...]:
        described = self.directory.agencies.get(agency)
        facts = described.facts if described else None
        return (facts.name, *(str(facts.letterhead.get(each, "")) for each in ("office", "place"))) if facts else ()

    def token(self, agency: str, token_id: str) -> Actor | None:
        return people.machine(self.directory, agency, token_id)

    def people(self, agency: str, asked: People, at: datetime) -> PeopleAnswer:
        return people.listed(self.directory, self.open, agency, asked, at)

    def standards(self, agency: str, _asked: Standards, at: datetime) -> StandardsAnswer:
        return standards.in_force(self.directory, agency, at)
