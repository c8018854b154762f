"""Looks at the health of all that runs, and has noted what an administrator must hear of.

A trouble counts when it has been seen twice in a row, and is over when it was twice not seen: what heals by itself
within a minute wakes nobody.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.notifications import NoteTroubles, Trouble
from contracts.organisation import KeepersAnswer
from services.kit.operations import HealthReport
from services.notifications.domain.hooks import Hooks
from services.notifications.ports import History, OrganisationAway, hooks_of, machine_of

LOOK_SECONDS = 30.0
FREE_SHARE = 0.05
"""Less free space than this of the data folder's file system is a trouble."""
ACTOR = Actor(id="watch", roles=("service",))
Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]
Look = Callable[[], Awaitable[list[HealthReport]]]
Keepers = Callable[[], Awaitable[KeepersAnswer]]


class Watch:
    """``look``: everybody's report. ``keepers``: agencies and who keeps their machine. Raises `OrganisationAway`."""

    def __init__(  # noqa: PLR0913 - what a watch looks at
        self,
        look: Look,
        keepers: Keepers,
        history: History,
        execute: Execute,
        clock: Callable[[], datetime],
        folder: Path,
    ) -> None:
        self._look = look
        self._keepers = keepers
        self._history = history
        self._execute = execute
        self._clock = clock
        self._folder = folder
        self._before: dict[str, frozenset[Trouble]] = {}
        self._state = "starting"

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
                self._state = "running"
            except OrganisationAway:
                self._state = "waiting"
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> None:
        reports, known = await asyncio.gather(self._look(), self._keepers())
        free = await asyncio.to_thread(self._disk)
        machine = frozenset({*of_reports(reports), *free})
        agencies = {each.agency for each in known.agencies}
        for each in known.agencies:
            hooks = await hooks_of(self._history, each.agency)
            seen = frozenset({*_of_agency(machine, each.agency, agencies), *of_hooks(hooks)})
            await self._settle(each.agency, seen, each.people)

    def health(self) -> Mapping[str, Any]:
        return {"state": self._state}

    async def _settle(self, agency: str, seen: frozenset[Trouble], people: tuple[str, ...]) -> None:
        before, self._before[agency] = self._before.get(agency), seen
        if before is None:
            return  # the first look after a start: nothing counts that was seen once
        standing = frozenset((await machine_of(self._history, agency)).standing)
        found = (seen & before) | (standing & (seen | before))
        if found == standing:
            return
        command = NoteTroubles(found=tuple(sorted(found, key=lambda each: (each.kind, each.name))), keepers=people)
        identity = uuid4()
        ask = Ask(
            command_id=identity, agency=agency, kind=command.kind(), actor=ACTOR, asked_at=self._clock(),
            correlation_id=identity, body=command.model_dump(mode="json"),
        )  # fmt: skip
        await self._execute(ask)

    def _disk(self) -> Iterable[Trouble]:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            return ()
        return (Trouble(kind="disk", name="data"),) if usage.free < usage.total * FREE_SHARE else ()


def of_reports(reports: Iterable[HealthReport]) -> Iterator[Trouble]:
    """What of everybody's word is a trouble, by its part: a sentence is for who reads it, a part has a name."""
    for report in reports:
        for name, part in report.parts.items():
            if name.startswith("mailbox-") and part.get("failing_since"):
                yield Trouble(kind="mailbox", name=_slug(name.removeprefix("mailbox-")))
            elif report.service == "audit" and part.get("breaches"):
                yield Trouble(kind="chain", name="audit")
            elif part.get("parked"):
                yield Trouble(kind="parked", name=_slug(report.service))


def of_hooks(hooks: Hooks) -> Iterator[Trouble]:
    """Suspended by itself: whom a person suspended, he knows."""
    for hook in hooks.standing.values():
        if hook.suspended_at is not None and not hook.suspended_by:
            yield Trouble(kind="hook", name=_slug(hook.place))


def _of_agency(found: Iterable[Trouble], agency: str, agencies: set[str]) -> Iterator[Trouble]:
    """A mailbox is named after its agency; every other trouble is the machine's, and everybody's who keeps it."""
    for each in found:
        of_another = any(each.name == other or each.name.startswith(f"{other}-") for other in agencies - {agency})
        if not (each.kind == "mailbox" and of_another):
            yield each


def _slug(text: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain[:64].rstrip("-") or "x"
