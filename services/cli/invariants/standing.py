"""Who had which role when a fact was accepted, folded from organisation's own log: a part of I12.

The gateway remembers a principal for some seconds and clocks of machines differ: a role counts that somebody had within
`GRACE` of the moment. Whom organisation does not know (services, the console, strangers) is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.base import Recorded
from contracts.words import MACHINE
from services.kit.ids import is_machine
from services.organisation.views.directory import Directory, folded
from services.organisation.views.people import actor, machine

GRACE = timedelta(minutes=1)


@dataclass
class Sweep:
    """Organisation's facts up to a moment that only goes forward, as far as a log's moments do."""

    after: timedelta
    read: int = 0
    directory: Directory = field(default_factory=Directory)

    def at(self, facts: Sequence[Recorded], moment: datetime) -> Directory:
        begun = self.read
        while self.read < len(facts) and facts[self.read].at <= moment + self.after:
            self.read += 1
        if self.read > begun:
            self.directory = folded(self.directory, facts[begun : self.read])
        return self.directory


class Standing:
    def __init__(self) -> None:
        self._facts: list[Recorded] = []
        self._sweeps: tuple[Sweep, ...] = ()
        self._known: dict[tuple[int, str, str, str], frozenset[str] | None] = {}
        self.again()

    def learn(self, fact: Recorded) -> None:
        self._facts.append(fact)

    def again(self) -> None:
        """Another log begins: its moments begin anew."""
        self._sweeps = tuple(Sweep(after) for after in (timedelta(0), -GRACE, GRACE))
        self._known.clear()

    def lacked(self, agency: str, who: str, needs: frozenset[str], moment: datetime) -> bool:
        """Whether somebody who was known then had none of these roles."""
        found = [self._roles(sweep.at(self._facts, moment), agency, who, moment) for sweep in self._sweeps]
        known = [roles for roles in found if roles is not None]
        return bool(known) and not any(roles & needs for roles in known)

    def _roles(self, directory: Directory, agency: str, who: str, moment: datetime) -> frozenset[str] | None:
        key = (directory.position, agency, who, moment.date().isoformat())
        if key not in self._known:
            if is_machine(who):
                found = machine(directory, agency, who.removeprefix(MACHINE))
            else:
                found = actor(directory, lambda _: "", agency, who, moment)
            self._known[key] = None if found is None else frozenset(found.roles)
        return self._known[key]
