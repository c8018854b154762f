"""The patrol: reads the logs again and again and compares them with what was chained, also while nobody asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.audit.settings import Pace
from services.audit.views.keeping import Chains
from services.kit.chain import Comparison
from services.kit.store import Log


@dataclass(slots=True)
class Beat:
    """How far the patrol is in one log; ``rounds``: how often it has seen the whole, last at ``whole_at``."""

    position: int = 0
    rounds: int = 0
    compared: int = 0
    found: int = 0
    whole_at: datetime | None = None


class Patrol:
    """`run` until cancelled. A breach does not end it: what else was changed must be found too."""

    def __init__(
        self, chains: Chains, logs: Mapping[str, Callable[[], Log]], pace: Pace, clock: Callable[[], datetime]
    ) -> None:
        """``logs`` are opened when first read."""
        self._chains, self._clock = chains, clock
        self._logs = logs
        self._pace = pace
        self._beats = {service: Beat() for service in logs}

    async def run(self) -> None:
        """The newest events first (what was edited while the house was closed), then everything, slowly."""
        for service in self._logs:
            await asyncio.to_thread(self.recent, service)
        while True:
            for service in self._logs:
                await asyncio.to_thread(self.step, service)
            await asyncio.sleep(self._pace.rest_seconds)

    def health(self) -> Mapping[str, Any]:
        beats = self._beats.items()
        return {
            service: {
                "position": beat.position,
                "rounds": beat.rounds,
                "compared": beat.compared,
                "whole_at": beat.whole_at.isoformat() if beat.whole_at else None,
            }
            for service, beat in beats
        }

    def recent(self, service: str) -> int:
        """Compares the last events of a log; returns how many new breaches were found."""
        checkpoint = self._chains.checkpoint(service)
        return (
            0
            if checkpoint is None
            else self._stretch(service, max(0, checkpoint.position - self._pace.recent), self._pace.recent)[1]
        )

    def step(self, service: str) -> int:
        """Compares the next stretch; returns how many new breaches were found."""
        beat = self._beats[service]
        until, found = self._stretch(service, beat.position, self._pace.stretch)
        beat.found += found
        beat.position = until or 0
        if until == 0:
            beat.rounds, beat.whole_at = beat.rounds + 1, self._clock()
        return found

    def _stretch(self, service: str, after: int, limit: int) -> tuple[int | None, int]:
        """Returns where it ended (0: at the end of what is chained, the next round begins; None: there is nothing to
        compare) and the new breaches.
        """
        checkpoint = self._chains.checkpoint(service)
        if checkpoint is None:
            return None, 0
        log = self._logs[service]()
        name = log.store_id_now()
        if (checkpoint.store, checkpoint.epoch) != (name.store, name.epoch):
            return None, 0  # its follower says so
        rows = [row for row in log.read(after, limit) if row.position <= checkpoint.position]
        ended = len(rows) < limit
        until = checkpoint.position if ended else rows[-1].position
        comparison = Comparison(service, self._chains.heads_before(service, after))
        found = self._chains.breach(service, list(comparison.part(rows, self._chains.links(service, after, until))))
        beat = self._beats[service]
        beat.compared += comparison.compared
        return (0 if ended else until), found
