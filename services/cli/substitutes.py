"""``caraka substitute list|set|absent``: who acts while somebody is away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from contracts import offices, organisation
from contracts.base import Ask, Command, Refusal
from services.cli.access import office
from services.cli.asking import asking
from services.cli.refusals import said
from services.kit.runtime.kit import now
from services.kit.settings import Settings
from services.organisation.adapters.console import CONSOLE


async def listed(settings: Settings, agency: str, on: str) -> Mapping[str, Any]:
    async with asking(settings, agency) as ask:
        told = await ask(organisation.Positions(on=on), offices.PositionsAnswer)
    return dict(told.model_dump(mode="json"))


def in_words(found: Mapping[str, Any]) -> str:
    told = offices.PositionsAnswer.model_validate(found)
    lines = [f"Pada {told.on}:"]
    for row in told.positions:
        who = f"{row.acting.name} ({row.acting.title})" if row.acting else f"— ({row.why_nobody})"
        after = ", ".join(each.name for each in row.chain)
        lines.append(f"{row.position}: {who}" + (f"; berikutnya {after}" if after else ""))
    return "\n".join(lines)


async def named(settings: Settings, agency: str, position: str, substitute: str | None) -> str:
    return await _asked(settings, agency, organisation.NameSubstitute(position=position, substitute=substitute))


async def absent(settings: Settings, agency: str, person: str, days: tuple[str, str], reason: str) -> str:
    command = organisation.EnterAbsence(person_id=person, from_on=days[0], until_on=days[1], reason=reason)
    return await _asked(settings, agency, command)


async def _asked(settings: Settings, agency: str, command: Command) -> str:
    identity = uuid4()
    ask = Ask(
        command_id=identity,
        agency=agency,
        kind=command.kind(),
        actor=CONSOLE,
        asked_at=now(),
        correlation_id=identity,
        body=command.model_dump(mode="json"),
    )
    async with office(settings) as here:
        outcome = await here.execute(ask)
    return said(outcome) if isinstance(outcome, Refusal) else "Tercatat."
